"""Hints of Jiras, and hurrying the look that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.adapters.store.hurrying import hurry
from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import ConnectionName, IssueId, Millis
from backbone.ports.hints import MOST_HINTED

_NOTE = """
    insert into hint as known (connection, issue, at)
    select %(connection)s, issue, %(at)s from unnest(%(issues)s::text[]) issue
    where (select count(*) from hint where connection = %(connection)s) < %(most)s
    order by issue
    on conflict (connection, issue) do update set at = greatest(known.at, excluded.at)
"""
_OF_CONNECTION = "select issue, at from hint where connection = %s order by at, issue limit %s"
_CLEAR = """
    delete from hint using unnest(%(issues)s::text[], %(seen)s::bigint[]) looked (issue, seen)
    where connection = %(connection)s and hint.issue = looked.issue and hint.at <= looked.seen
"""


class PostgresHints:
    """Hints of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def note(self, connection: ConnectionName, issues: Sequence[IssueId], at: Millis) -> None:
        if issues:
            # Sorted and each once: two transactions that note the same issues cannot wait for each other.
            parameters = {"connection": connection, "issues": sorted(set(issues)), "at": at, "most": MOST_HINTED}
            await self._rows.run(_NOTE, parameters)
        await hurry(self._rows, [f"look:{connection}"])

    async def of_connection(self, connection: ConnectionName, limit: int) -> Mapping[IssueId, Millis]:
        return {IssueId(issue): Millis(at) for issue, at in await self._rows.all(_OF_CONNECTION, (connection, limit))}

    async def clear(self, connection: ConnectionName, seen: Mapping[IssueId, Millis]) -> None:
        parameters = {"connection": connection, "issues": list(seen), "seen": list(seen.values())}
        await self._rows.run(_CLEAR, parameters)
