"""Hints of Jiras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.adapters.memory.tables import Session, Tables
from backbone.core.model.keys import ConnectionName, IssueId, Millis
from backbone.ports.hints import MOST_HINTED


class MemoryHints:
    """Hints of a unit of work. Nobody is hurried: whoever keeps a store in memory looks when it likes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def note(self, connection: ConnectionName, issues: Sequence[IssueId], at: Millis) -> None:
        def operation(tables: Tables) -> None:
            if sum(owner == connection for owner, _ in tables.hints) >= MOST_HINTED:
                return
            for issue in sorted(set(issues)):
                key = (connection, issue)
                tables.hints[key] = max(at, tables.hints.get(key, at))

        self._session.change(operation, "hints")

    async def of_connection(self, connection: ConnectionName, limit: int) -> Mapping[IssueId, Millis]:
        found = [(at, issue) for (owner, issue), at in self._session.view.hints.items() if owner == connection]
        return {issue: at for at, issue in sorted(found)[:limit]}

    async def clear(self, connection: ConnectionName, seen: Mapping[IssueId, Millis]) -> None:
        def operation(tables: Tables) -> None:
            for issue, at in seen.items():
                key = (connection, issue)
                if key in tables.hints and tables.hints[key] <= at:
                    del tables.hints[key]

        self._session.change(operation, "hints")
