"""How Jira says no."""

from __future__ import annotations

from collections.abc import Mapping

INVISIBLE_CLOUD = "Issue does not exist or you do not have permission to see it."
INVISIBLE_DATA_CENTER = "Issue Does Not Exist"


class Refused(Exception):
    """A request that Jira refuses, with what its answer says.

    ``body`` replaces the usual error collection where Jira answers in another shape;
    a string is sent as HTML.
    """

    def __init__(
        self,
        status: int,
        *messages: str,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, object] | str | None = None,
    ) -> None:
        super().__init__(status, messages, errors)
        self.status = status
        self.messages = messages
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})
        self.body = body

    def collection(self) -> dict[str, object]:
        """Jira's error collection."""
        return {"errorMessages": list(self.messages), "errors": self.errors}


def bad_request(*messages: str, **errors: str) -> Refused:
    """400 with messages, or with texts by field."""
    return Refused(400, *messages, errors=errors)
