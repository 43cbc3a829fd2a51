"""How Jira says no."""

from __future__ import annotations

from collections.abc import Mapping

from backbone.simulator.rest.languages import translate

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

    def collection(self, locale: str = "en_US") -> dict[str, object]:
        """Jira's error collection in the language of the account."""
        return {
            "errorMessages": [translate(message, locale) for message in self.messages],
            "errors": {field: translate(text, locale) for field, text in self.errors.items()},
        }


def bad_request(*messages: str, **errors: str) -> Refused:
    """400 with messages, or with texts by field."""
    return Refused(400, *messages, errors=errors)
