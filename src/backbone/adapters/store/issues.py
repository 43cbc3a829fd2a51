"""What is known of local issues whatever pairs they are in: stamps, marks as dirty, open attempts."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.documents import STAMPS
from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import ConnectionName, ConnectorKey, IssueId, Millis
from backbone.core.model.stamps import IssueStamps

_GET_STAMPS = "select document from issue_stamps where connection = %s and issue = %s for update"
_ADD_STAMPS = "insert into issue_stamps (connection, issue, document) values (%s, %s, %s) on conflict do nothing"
_SAVE_STAMPS = """
    insert into issue_stamps (connection, issue, document) values (%s, %s, %s)
    on conflict (connection, issue) do update set document = excluded.document
"""
_ADD_DIRTY = """
    insert into dirty as known (connector, issue, first, last)
    select %(connector)s, issue, %(at)s, %(at)s from unnest(%(issues)s::text[]) issue order by issue
    on conflict (connector, issue) do update set
        first = least(known.first, excluded.first), last = greatest(known.last, excluded.last)
"""
_TAKE_DIRTY = """
    select issue from dirty
    where connector = %(connector)s and first < %(before)s
      and not exists (
        select from issue_attempt attempt
        where attempt.issue = dirty.issue
          and attempt.connection = (select connection from connector where key = %(connector)s)
      )
    order by first, issue limit %(limit)s
"""


class PostgresStamps:
    """Stamps of a unit of work. The row is locked until its end."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, connection: ConnectionName, issue: IssueId) -> IssueStamps:
        row = await self._rows.one(_GET_STAMPS, (connection, issue))
        if row is None:
            await self._rows.run(_ADD_STAMPS, (connection, issue, STAMPS.encode(IssueStamps())))
            row = await self._rows.one(_GET_STAMPS, (connection, issue))
        assert row is not None
        return STAMPS.decode(row[0])

    async def save(self, connection: ConnectionName, issue: IssueId, stamps: IssueStamps) -> None:
        await self._rows.run(_SAVE_STAMPS, (connection, issue, STAMPS.encode(stamps)))


class PostgresDirty:
    """Issues to look at."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, connector: ConnectorKey, issues: Sequence[IssueId], at: Millis) -> None:
        # Sorted and each once: two transactions that mark the same issues cannot wait for each other.
        await self._rows.run(_ADD_DIRTY, {"connector": connector, "issues": sorted(set(issues)), "at": at})

    async def clear(self, connector: ConnectorKey, issue: IssueId, seen: Millis) -> None:
        await self._rows.run(
            "delete from dirty where connector = %s and issue = %s and last <= %s", (connector, issue, seen)
        )
        await self._rows.run(
            "update dirty set first = last where connector = %s and issue = %s and first <= %s and last > %s",
            (connector, issue, seen, seen),
        )

    async def take(self, connector: ConnectorKey, before: Millis, limit: int) -> Sequence[IssueId]:
        rows = await self._rows.all(_TAKE_DIRTY, {"connector": connector, "before": before, "limit": limit})
        return [IssueId(row[0]) for row in rows]

    async def mark_attempt(self, connection: ConnectionName, issue: IssueId) -> None:
        await self._rows.run(
            "insert into issue_attempt (connection, issue) values (%s, %s) on conflict do nothing", (connection, issue)
        )

    async def close_attempt(self, connection: ConnectionName, issue: IssueId) -> None:
        await self._rows.run("delete from issue_attempt where connection = %s and issue = %s", (connection, issue))

    async def has_attempt(self, connection: ConnectionName, issue: IssueId) -> bool:
        row = await self._rows.one(
            "select from issue_attempt where connection = %s and issue = %s", (connection, issue)
        )
        return row is not None
