"""Messages that wait to be put into parcels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from backbone.adapters.store.documents import CONTENT
from backbone.adapters.store.hurrying import hurry
from backbone.adapters.store.rows import Rows, records
from backbone.core.model.keys import Millis, PairUid, Revision, SynchronizationKey
from backbone.ports.records import OutboxMessage

_COLUMNS = ("synchronization", "pair", "revision", "sent", "content")
_PUT_ALL = """
    insert into outbox (synchronization, pair, revision, sent, content)
    select synchronization, pair, revision, sent, content
    from json_to_recordset(%s::json)
         as new(synchronization text, pair text, revision bigint, sent bigint, content jsonb)
"""
_PAIRS = """
    select pair from outbox where synchronization = %s group by pair order by min(id) limit %s
"""
_OF_PAIRS = """
    select pair, revision, sent, content from outbox where synchronization = %s and pair = any(%s) order by id
"""
# Messages of a pair are told under the lock of its issue: their ids are in the order of their commits.
_TAKE = """
    delete from outbox using (
        select outbox.id, most, row_number() over (partition by pair order by outbox.id) as place
        from outbox join json_to_recordset(%s::json) as sealed(pair text, most bigint) using (pair)
        where synchronization = %s
    ) as counted
    where outbox.id = counted.id and place <= most
"""


class PostgresOutbox:
    """The outbox of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def put_all(self, messages: Sequence[OutboxMessage]) -> None:
        if not messages:
            return
        await self._rows.run(_PUT_ALL, (records(_COLUMNS, map(_row, messages)),))
        await hurry(self._rows, [f"channel:{one.synchronization}" for one in messages])

    async def pairs(self, key: SynchronizationKey, limit: int) -> Sequence[PairUid]:
        return [PairUid(pair) for (pair,) in await self._rows.all(_PAIRS, (key, limit))]

    async def of_pairs(
        self, key: SynchronizationKey, pairs: Sequence[PairUid]
    ) -> Mapping[PairUid, Sequence[OutboxMessage]]:
        found: dict[PairUid, list[OutboxMessage]] = defaultdict(list)
        for pair, revision, sent, content in await self._rows.all(_OF_PAIRS, (key, list(pairs))):
            found[PairUid(pair)].append(
                OutboxMessage(
                    synchronization=key,
                    pair=PairUid(pair),
                    revision=Revision(revision),
                    sent=Millis(sent),
                    content=CONTENT.decode(content),
                )
            )
        return found

    async def take(self, key: SynchronizationKey, sealed: Mapping[PairUid, int]) -> None:
        await self._rows.run(_TAKE, (records(("pair", "most"), sealed.items()), key))

    async def waiting(self, key: SynchronizationKey) -> int:
        return int(await self._rows.value("select count(*) from outbox where synchronization = %s", (key,)))


def _row(message: OutboxMessage) -> tuple[object, ...]:
    key = (message.synchronization, message.pair)
    return (*key, message.revision, message.sent, CONTENT.encode(message.content))
