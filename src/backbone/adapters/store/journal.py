"""What was done, and which values lost: rows that are only ever added, and removed when they are old."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.documents import JOURNAL_ENTRY, LOSER
from backbone.adapters.store.rows import Rows, records
from backbone.core.model.keys import ConnectorKey, PairUid
from backbone.ports.records import JournalEntry, Loser

_WRITE = """
    insert into journal (at, connector, pair, issue_id, issue_key, document)
    select at, connector, pair, issue_id, issue_key, document
    from rows from (
        json_to_recordset(%s::json)
            as (at bigint, connector text, pair text, issue_id text, issue_key text, document jsonb)
    ) with ordinality as new(at, connector, pair, issue_id, issue_key, document, place)
    order by place
"""
_COLUMNS = ("at", "connector", "pair", "issue_id", "issue_key", "document")
_LOSE = "insert into loser (at, connector, pair, document) values (%s, %s, %s, %s)"
_OF_ISSUE = """
    with concerned as (
        select uid from pair where local_id = %(issue)s
        union select uid from pair where local_key = %(issue)s
        union select uid from pair where remote_id = %(issue)s
        union select uid from pair where remote_key = %(issue)s
        union select pair from journal where issue_id = %(issue)s and pair is not null
        union select pair from journal where issue_key = %(issue)s and pair is not null
    ), found as (
        select id from journal where pair in (select uid from concerned)
        union select id from journal where issue_id = %(issue)s
        union select id from journal where issue_key = %(issue)s
    )
    select document from journal where id in (select id from found) order by at, id
"""


class PostgresJournal:
    """The journal of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def write(self, entries: Sequence[JournalEntry]) -> None:
        if entries:
            await self._rows.run(_WRITE, (records(_COLUMNS, map(_row, entries)),))

    async def lose(self, losers: Sequence[Loser]) -> None:
        await self._rows.run_many(_LOSE, [(one.at, one.connector, one.pair, LOSER.encode(one)) for one in losers])

    async def of_issue(self, issue_key_or_id: str) -> Sequence[JournalEntry]:
        rows = await self._rows.all(_OF_ISSUE, {"issue": issue_key_or_id})
        return [JOURNAL_ENTRY.decode(row[0]) for row in rows]

    async def losers_of(self, connector: ConnectorKey, pair: PairUid) -> Sequence[Loser]:
        rows = await self._rows.all(
            "select document from loser where connector = %s and pair = %s order by id", (connector, pair)
        )
        return [LOSER.decode(row[0]) for row in rows]


def _row(entry: JournalEntry) -> tuple[object, ...]:
    issue = entry.issue
    shown = (issue and issue.id, issue and issue.key)
    return (entry.at, entry.connector, entry.pair, *shown, JOURNAL_ENTRY.encode(entry))
