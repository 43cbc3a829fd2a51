"""What is known of local issues whatever pairs they are in: stamps, marks as dirty, open attempts, creations.

A connection stands for its Jira here: an issue is the same one by whatever connection it is reached.
"""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from backbone.adapters.memory.synchronizations import connection_of
from backbone.adapters.memory.tables import LocalIssue, Mark, Session, Tables
from backbone.core.model.keys import ConnectionName, ConnectorKey, IssueId, Millis, ProjectId, jira_of
from backbone.core.model.stamps import IssueStamps
from backbone.ports.records import CreateAttempt

_NOTHING_KNOWN = IssueStamps()


class MemoryStamps:
    """Stamps of a unit of work; ``locks`` are shared by all units, ``until_end`` lasts as long as this one."""

    def __init__(self, session: Session, locks: dict[LocalIssue, Lock], until_end: AsyncExitStack) -> None:
        self._session = session
        self._locks = locks
        self._until_end = until_end
        self._mine: set[LocalIssue] = set()

    async def get(self, connection: ConnectionName, issue: IssueId) -> IssueStamps:
        key = (jira_of(connection), issue)
        await self._lock(key)
        return self._session.view.stamps.get(key, _NOTHING_KNOWN)

    async def save(self, connection: ConnectionName, issue: IssueId, stamps: IssueStamps) -> None:
        key = (jira_of(connection), issue)
        await self._lock(key)

        def operation(tables: Tables) -> None:
            tables.stamps[key] = stamps

        self._session.change(operation, "stamps")

    async def get_all(self, connection: ConnectionName, issues: Sequence[IssueId]) -> Mapping[IssueId, IssueStamps]:
        known = self._session.view.stamps
        return {issue: known.get((jira_of(connection), issue), _NOTHING_KNOWN) for issue in issues}

    async def save_all(self, connection: ConnectionName, stamps: Mapping[IssueId, IssueStamps]) -> None:
        for issue in sorted(stamps):
            await self.save(connection, issue, stamps[issue])

    async def _lock(self, key: LocalIssue) -> None:
        if key in self._mine:
            return
        await self._until_end.enter_async_context(self._locks.setdefault(key, Lock()))
        self._mine.add(key)


class MemoryDirty:
    """Issues to look at."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, connector: ConnectorKey, issues: Sequence[IssueId], at: Millis) -> None:
        def operation(tables: Tables) -> None:
            for issue in issues:
                mark = tables.dirty.get((connector, issue))
                first, last = (mark.first, mark.last) if mark else (at, at)
                tables.dirty[connector, issue] = Mark(first=min(first, at), last=max(last, at))

        self._session.change(operation, "dirty")

    async def clear(self, connector: ConnectorKey, issue: IssueId, seen: Millis) -> None:
        def operation(tables: Tables) -> None:
            mark = tables.dirty.get((connector, issue))
            if mark is not None and mark.last <= seen:
                del tables.dirty[connector, issue]
            elif mark is not None and mark.first <= seen:
                tables.dirty[connector, issue] = Mark(first=mark.last, last=mark.last)

        self._session.change(operation, "dirty")

    async def clear_all(self, connector: ConnectorKey, seen: Mapping[IssueId, Millis]) -> None:
        for issue, at in seen.items():
            await self.clear(connector, issue, at)

    async def take(self, connector: ConnectorKey, before: Millis, limit: int) -> Sequence[IssueId]:
        tables = self._session.view
        connection = connection_of(tables, connector)
        marked = [
            (mark.first, issue)
            for (owner, issue), mark in tables.dirty.items()
            if owner == connector
            and mark.first < before
            and (connection is None or (jira_of(connection), issue) not in tables.attempts)
        ]
        return [issue for _, issue in sorted(marked)[:limit]]

    async def mark_attempt(self, connection: ConnectionName, issue: IssueId) -> None:
        self._session.change(lambda tables: tables.attempts.update({(jira_of(connection), issue): None}), "attempts")

    async def mark_attempts(self, connection: ConnectionName, issues: Sequence[IssueId]) -> None:
        for issue in issues:
            await self.mark_attempt(connection, issue)

    async def close_attempts(self, connection: ConnectionName, issues: Sequence[IssueId]) -> None:
        for issue in issues:
            await self.close_attempt(connection, issue)

    async def with_attempt(self, connection: ConnectionName, issues: Sequence[IssueId]) -> frozenset[IssueId]:
        return frozenset(issue for issue in issues if (jira_of(connection), issue) in self._session.view.attempts)

    async def close_attempt(self, connection: ConnectionName, issue: IssueId) -> None:
        def operation(tables: Tables) -> None:
            tables.attempts.pop((jira_of(connection), issue), None)

        self._session.change(operation, "attempts")

    async def has_attempt(self, connection: ConnectionName, issue: IssueId) -> bool:
        return (jira_of(connection), issue) in self._session.view.attempts


class MemoryCreations:
    """Open attempts to create issues."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def open(self, attempt: CreateAttempt) -> None:
        self._session.change(lambda tables: tables.creations.update({attempt.id: attempt}), "creations")

    async def close(self, attempt_id: str) -> None:
        def operation(tables: Tables) -> None:
            tables.creations.pop(attempt_id, None)

        self._session.change(operation, "creations")

    async def of_connector(self, connector: ConnectorKey) -> Sequence[CreateAttempt]:
        return [one for one in self._session.view.creations.values() if one.connector == connector]

    async def of_project(self, connection: ConnectionName, project: ProjectId) -> Sequence[CreateAttempt]:
        tables, jira = self._session.view, jira_of(connection)
        return [
            one for one in tables.creations.values() if one.project == project and _jira(tables, one.connector) == jira
        ]


def _jira(tables: Tables, connector: ConnectorKey) -> ConnectionName | None:
    connection = connection_of(tables, connector)
    return None if connection is None else jira_of(connection)
