"""The greatest key of each project that we have seen: what a lost creation is looked for behind (rule 12)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from backbone.core.model.keys import IssueKey, ProjectId

_FRESH = 300.0
"""Seconds after which a key may be far behind, since other processes create issues, too."""


class HighestKeys:
    """Every issue that passes us tells its key, so that Jira is asked only after a while without any.

    A key that is lower than the true one does no harm: there is more to look through behind it.
    """

    def __init__(
        self, ask: Callable[[ProjectId], Awaitable[IssueKey | None]], *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._now = now
        self._known: dict[ProjectId, tuple[IssueKey, float]] = {}

    def saw(self, project: ProjectId, key: IssueKey) -> None:
        """An issue of the project has this key."""
        known = self._known.get(project)
        if known is None or _number(key) >= _number(known[0]) or _prefix(key) != _prefix(known[0]):
            self._known[project] = (key, self._now())

    async def of(self, project: ProjectId) -> IssueKey | None:
        """The greatest known; None if the project has no issues."""
        known = self._known.get(project)
        if known is not None and self._now() - known[1] < _FRESH:
            return known[0]
        found = await self._ask(project)
        if found is not None:
            self.saw(project, found)
        return found


def _prefix(key: IssueKey) -> str:
    return key.rpartition("-")[0]


def _number(key: IssueKey) -> int:
    return int(key.rpartition("-")[2])
