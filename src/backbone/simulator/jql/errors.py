"""The one error of the query language, with Jira's own English sentences."""

from __future__ import annotations


class JqlError(Exception):
    """The query was refused; ``messages`` is what Jira puts into ``errorMessages`` of its 400."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages: tuple[str, ...] = messages

    def __str__(self) -> str:
        return "; ".join(self.messages)
