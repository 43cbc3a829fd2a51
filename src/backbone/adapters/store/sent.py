"""Numbered parcels of ours, until the partner has them; and what proves them, for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import LiteralString

from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import Millis, PairUid, SynchronizationKey
from backbone.core.protocol.parcels import Digest, Epoch
from backbone.ports.channels import SentParcel

_COLUMNS: LiteralString = """
    select synchronization, epoch, number, digest, head, sealed, plaintext, sent, attempts from sent_parcel
"""
_PUT = """
    insert into sent_parcel
        (synchronization, epoch, number, digest, head, sealed, plaintext, sent, attempts, octets)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_AFTER = _COLUMNS + " where synchronization = %s and epoch = %s and number > %s order by number limit 1"
_NUMBERED = _COLUMNS + " where synchronization = %s and epoch = %s and number = %s"
_HANDED_OVER = """
    update sent_parcel set sent = %s, attempts = attempts + 1
    where synchronization = %s and epoch = %s and number = any(%s)
"""
_COUNT = """
    select count(*), coalesce(sum(octets), 0) from sent_parcel
    where synchronization = %s and epoch = %s and number > %s
"""
_LAST_OF = """
    select pair, number from sent_parcel_pair where synchronization = %s and epoch = %s and pair = any(%s)
"""
_OCCURS = """
    insert into sent_parcel_pair (synchronization, epoch, pair, number) select %s, %s, pair, %s from unnest(%s::text[])
        as occurring(pair)
    on conflict (synchronization, epoch, pair) do update set number = greatest(sent_parcel_pair.number, excluded.number)
"""
FORGET: LiteralString = """
    update sent_parcel set plaintext = null from channel
    where sent_parcel.sealed < %s and sent_parcel.plaintext is not null
      and channel.synchronization = sent_parcel.synchronization
      and (sent_parcel.number <= channel.acknowledged or sent_parcel.epoch <> channel.epoch)
"""


class PostgresSentParcels:
    """What was sealed, of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def put(self, parcel: SentParcel) -> None:
        key = (parcel.synchronization, parcel.epoch, parcel.number)
        proof = (parcel.digest, parcel.head, parcel.sealed, parcel.plaintext)
        await self._rows.run(_PUT, (*key, *proof, parcel.sent, parcel.attempts, len(parcel.plaintext)))

    async def after(self, key: SynchronizationKey, epoch: Epoch, number: int) -> AsyncIterator[SentParcel]:
        while row := await self._rows.one(_AFTER, (key, epoch, number)):
            found = _parcel(row)
            yield found
            number = found.number

    async def numbered(self, key: SynchronizationKey, epoch: Epoch, number: int) -> SentParcel | None:
        row = await self._rows.one(_NUMBERED, (key, epoch, number))
        return _parcel(row) if row else None

    async def handed_over(self, key: SynchronizationKey, epoch: Epoch, numbers: Sequence[int], at: Millis) -> None:
        await self._rows.run(_HANDED_OVER, (at, key, epoch, list(numbers)))

    async def count(self, key: SynchronizationKey, epoch: Epoch, after: int) -> tuple[int, int]:
        row = await self._rows.one(_COUNT, (key, epoch, after))
        assert row is not None, "an aggregate always gives a row"
        return int(row[0]), int(row[1])

    async def last_of(self, key: SynchronizationKey, epoch: Epoch, pairs: Sequence[PairUid]) -> Mapping[PairUid, int]:
        return {PairUid(pair): number for pair, number in await self._rows.all(_LAST_OF, (key, epoch, list(pairs)))}

    async def occurs(self, key: SynchronizationKey, epoch: Epoch, number: int, pairs: Sequence[PairUid]) -> None:
        await self._rows.run(_OCCURS, (key, epoch, number, sorted(set(pairs))))

    async def forget(self, key: SynchronizationKey, before: Millis) -> None:
        await self._rows.run(FORGET + " and sent_parcel.synchronization = %s", (before, key))


def _parcel(row: Row) -> SentParcel:
    key, epoch, number, digest, head, sealed, plaintext, sent, attempts = row
    return SentParcel(
        synchronization=SynchronizationKey(key),
        epoch=Epoch(epoch),
        number=number,
        digest=Digest(digest),
        head=Digest(head),
        sealed=Millis(sealed),
        plaintext=bytes(plaintext or b""),
        sent=None if sent is None else Millis(sent),
        attempts=attempts,
    )
