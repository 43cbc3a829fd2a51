"""Messages that wait to be applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any  # a row, whose columns the statement tells

from backbone.adapters.store.documents import CONTENT
from backbone.adapters.store.rows import Rows, records
from backbone.core.model.keys import ConnectorKey, Millis, PairUid, Revision
from backbone.ports.records import InboxMessage

_PUT = """
    insert into inbox (connector, pair, sequence, revision, sent, content) values (%s, %s, %s, %s, %s, %s)
    on conflict (connector, pair, sequence) do nothing
"""
_PUT_ALL = """
    insert into inbox (connector, pair, sequence, revision, sent, content)
    select connector, pair, sequence, revision, sent, content
    from json_to_recordset(%s::json)
         as new(connector text, pair text, sequence bigint, revision bigint, sent bigint, content json)
    order by connector, pair, sequence
    on conflict (connector, pair, sequence) do nothing
"""
_COLUMNS = ("connector", "pair", "sequence", "revision", "sent", "content")
# One by one, as pairs.
_PENDING_OF = """
    select pair, sequence, revision, sent, content from unnest(%(pairs)s::text[]) as wanted(name)
    cross join lateral (
        select pair, sequence, revision, sent, content from inbox
        where connector = %(connector)s and pair = wanted.name and not applied offset 0
    ) found
    order by sequence
"""
_DONE_ALL = """
    update inbox set applied = true from unnest(%s::text[], %s::bigint[]) as done(pair, up_to)
    where connector = %s and inbox.pair = done.pair and sequence <= done.up_to and not applied
"""
_PENDING = """
    select sequence, revision, sent, content from inbox
    where connector = %s and pair = %s and not applied order by sequence
"""
_LAST_OF = """
    select name, sequence from unnest(%(pairs)s::text[]) as wanted(name)
    cross join lateral (
        select sequence from inbox where connector = %(connector)s and pair = wanted.name order by sequence desc limit 1
    ) found
"""
_DONE = """
    update inbox set applied = true where connector = %s and pair = %s and sequence <= %s and not applied
"""


class PostgresInbox:
    """The inbox of a unit of work. A message that was applied stays for a while, so that its repeats are known."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def put(self, message: InboxMessage) -> bool:
        return bool(await self._rows.count(_PUT, _row(message)))

    async def put_all(self, messages: Sequence[InboxMessage]) -> None:
        if messages:
            await self._rows.run(_PUT_ALL, (records(_COLUMNS, map(_row, messages)),))

    async def pending(self, connector: ConnectorKey, pair: PairUid) -> Sequence[InboxMessage]:
        return [_message(connector, pair, row) for row in await self._rows.all(_PENDING, (connector, pair))]

    async def pending_of(
        self, connector: ConnectorKey, pairs: Sequence[PairUid]
    ) -> Mapping[PairUid, Sequence[InboxMessage]]:
        found: dict[PairUid, list[InboxMessage]] = defaultdict(list)
        for pair, *row in await self._rows.all(_PENDING_OF, {"connector": connector, "pairs": list(pairs)}):
            found[PairUid(pair)].append(_message(connector, PairUid(pair), row))
        return found

    async def last_of(self, connector: ConnectorKey, pairs: Sequence[PairUid]) -> Mapping[PairUid, int]:
        rows = await self._rows.all(_LAST_OF, {"connector": connector, "pairs": list(pairs)})
        return {PairUid(pair): sequence for pair, sequence in rows}

    async def done(self, connector: ConnectorKey, pair: PairUid, up_to: int) -> None:
        await self._rows.run(_DONE, (connector, pair, up_to))

    async def done_all(self, connector: ConnectorKey, up_to: Mapping[PairUid, int]) -> None:
        if up_to:
            await self._rows.run(_DONE_ALL, (list(up_to), list(up_to.values()), connector))

    async def waiting(self, connector: ConnectorKey) -> int:
        return int(
            await self._rows.value("select count(*) from inbox where connector = %s and not applied", (connector,))
        )

    async def oldest(self, connector: ConnectorKey) -> Millis | None:
        found = await self._rows.value("select min(sent) from inbox where connector = %s and not applied", (connector,))
        return None if found is None else Millis(found)


def _row(message: InboxMessage) -> tuple[object, ...]:
    """The columns of a message in the order of the statements that store it."""
    key = (message.connector, message.pair, message.sequence)
    return (*key, message.revision, message.sent, CONTENT.encode(message.content))


def _message(connector: ConnectorKey, pair: PairUid, row: Sequence[Any]) -> InboxMessage:
    sequence, revision, sent, content = row
    return InboxMessage(
        connector=connector,
        pair=pair,
        sequence=sequence,
        revision=Revision(revision),
        sent=Millis(sent),
        content=CONTENT.decode(content),
    )
