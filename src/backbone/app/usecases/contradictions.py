"""What a caller asked for and Jira contradicts, or can't say anything about now. Nothing was changed."""

from __future__ import annotations


class Contradicted(Exception):
    """Jira says otherwise. ``cause`` and ``cure`` are sentences."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.cause, self.cure = cause, cure


class JiraAway(Exception):
    """Jira can't be asked now, and it has to be. ``cause`` and ``cure`` are sentences."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.cause, self.cure = cause, cure
