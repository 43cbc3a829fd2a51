"""What is known of local issues whatever pairs they are in: stamps, marks as dirty, open attempts.

A connection stands for its Jira here: an issue is the same one by whatever connection it is reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.adapters.store.documents import STAMPS
from backbone.adapters.store.rows import Rows, records
from backbone.core.model.keys import ConnectionName, ConnectorKey, IssueId, Millis, jira_of
from backbone.core.model.stamps import IssueStamps

_GET_STAMPS = "select document from issue_stamps where connection = %s and issue = %s for update"
_ADD_STAMPS = "insert into issue_stamps (connection, issue, document) values (%s, %s, %s) on conflict do nothing"
_SAVE_STAMPS = """
    insert into issue_stamps (connection, issue, document) values (%s, %s, %s)
    on conflict (connection, issue) do update set document = excluded.document
"""
# One by one, as pairs.
_GET_ALL_STAMPS = """
    select issue, document from unnest(%(issues)s::text[]) as wanted(name)
    cross join lateral (
        select issue, document from issue_stamps where connection = %(connection)s and issue = wanted.name offset 0
    ) found
"""
_SAVE_ALL_STAMPS = """
    insert into issue_stamps (connection, issue, document)
    select %s, issue, document from json_to_recordset(%s::json) as new(issue text, document json) order by issue
    on conflict (connection, issue) do update set document = excluded.document
"""
# Two statements, since one that finds a row locked must look again at what is there then.
_CLEAR_ALL = (
    """
    delete from dirty using unnest(%(issues)s::text[], %(seen)s::bigint[]) as looked(issue, seen)
    where connector = %(connector)s and dirty.issue = looked.issue and last <= looked.seen
    """,
    """
    update dirty set first = last from unnest(%(issues)s::text[], %(seen)s::bigint[]) as looked(issue, seen)
    where connector = %(connector)s and dirty.issue = looked.issue and first <= looked.seen and last > looked.seen
    """,
)
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
          and attempt.connection = (select split_part(connection, '~', 1) from connector where key = %(connector)s)
      )
    order by first, issue limit %(limit)s
"""


class PostgresStamps:
    """Stamps of a unit of work. The row is locked until its end."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, connection: ConnectionName, issue: IssueId) -> IssueStamps:
        row = await self._rows.one(_GET_STAMPS, (jira_of(connection), issue))
        if row is None:
            await self._rows.run(_ADD_STAMPS, (jira_of(connection), issue, STAMPS.encode(IssueStamps())))
            row = await self._rows.one(_GET_STAMPS, (jira_of(connection), issue))
        assert row is not None
        return STAMPS.decode(row[0])

    async def save(self, connection: ConnectionName, issue: IssueId, stamps: IssueStamps) -> None:
        await self._rows.run(_SAVE_STAMPS, (jira_of(connection), issue, STAMPS.encode(stamps)))

    async def get_all(self, connection: ConnectionName, issues: Sequence[IssueId]) -> Mapping[IssueId, IssueStamps]:
        rows = await self._rows.all(_GET_ALL_STAMPS, {"connection": jira_of(connection), "issues": list(issues)})
        known = {IssueId(issue): STAMPS.decode(document) for issue, document in rows}
        return {issue: known.get(issue) or IssueStamps() for issue in issues}

    async def save_all(self, connection: ConnectionName, stamps: Mapping[IssueId, IssueStamps]) -> None:
        if stamps:
            known = ((issue, STAMPS.encode(one)) for issue, one in stamps.items())
            await self._rows.run(_SAVE_ALL_STAMPS, (jira_of(connection), records(("issue", "document"), known)))


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

    async def clear_all(self, connector: ConnectorKey, seen: Mapping[IssueId, Millis]) -> None:
        parameters = {"connector": connector, "issues": list(seen), "seen": list(seen.values())}
        for statement in _CLEAR_ALL if seen else ():
            await self._rows.run(statement, parameters)

    async def take(self, connector: ConnectorKey, before: Millis, limit: int) -> Sequence[IssueId]:
        rows = await self._rows.all(_TAKE_DIRTY, {"connector": connector, "before": before, "limit": limit})
        return [IssueId(row[0]) for row in rows]

    async def mark_attempt(self, connection: ConnectionName, issue: IssueId) -> None:
        await self._rows.run(
            "insert into issue_attempt (connection, issue) values (%s, %s) on conflict do nothing",
            (jira_of(connection), issue),
        )

    async def mark_attempts(self, connection: ConnectionName, issues: Sequence[IssueId]) -> None:
        statement = """
            insert into issue_attempt (connection, issue)
            select %s, issue from unnest(%s::text[]) issue order by issue on conflict do nothing
        """
        await self._rows.run(statement, (jira_of(connection), list(issues)))

    async def close_attempts(self, connection: ConnectionName, issues: Sequence[IssueId]) -> None:
        statement = "delete from issue_attempt where connection = %s and issue = any(%s)"
        await self._rows.run(statement, (jira_of(connection), list(issues)))

    async def with_attempt(self, connection: ConnectionName, issues: Sequence[IssueId]) -> frozenset[IssueId]:
        statement = "select issue from issue_attempt where connection = %s and issue = any(%s)"
        return frozenset(
            IssueId(row[0]) for row in await self._rows.all(statement, (jira_of(connection), list(issues)))
        )

    async def close_attempt(self, connection: ConnectionName, issue: IssueId) -> None:
        await self._rows.run(
            "delete from issue_attempt where connection = %s and issue = %s", (jira_of(connection), issue)
        )

    async def has_attempt(self, connection: ConnectionName, issue: IssueId) -> bool:
        row = await self._rows.one(
            "select from issue_attempt where connection = %s and issue = %s", (jira_of(connection), issue)
        )
        return row is not None
