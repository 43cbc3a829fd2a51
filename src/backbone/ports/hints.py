"""The port to what a Jira told of its own accord: that something changed, and perhaps which issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from backbone.core.model.keys import ConnectionName, IssueId, Millis

MOST_HINTED = 1_000
"""So many issues of a connection are remembered as hinted; of more it is only known that it is time to look."""


class Hints(Protocol):
    """A hint changes nothing but the moment of the next look, and which issues that look asks for by id.

    Polling finds everything without them.
    """

    async def note(self, connection: ConnectionName, issues: Sequence[IssueId], at: Millis) -> None:
        """Remember the issues, and have the connection looked at as soon as this unit commits."""

    async def of_connection(self, connection: ConnectionName, limit: int) -> Mapping[IssueId, Millis]:
        """Hinted issues and when they were hinted last, oldest first."""

    async def clear(self, connection: ConnectionName, seen: Mapping[IssueId, Millis]) -> None:
        """Looked at: removed unless they were hinted again since."""
