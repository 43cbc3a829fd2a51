"""Numbered parcels of partners, and what came and could not be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.core.protocol.parcels import Digest, Epoch
from backbone.ports.channels import ReceivedParcel, RefusedParcel

_PUT = """
    insert into received_parcel (synchronization, epoch, number, digest, received, held, plaintext)
    values (%s, %s, %s, %s, %s, %s, %s)
"""
_DIGEST_OF = "select digest from received_parcel where synchronization = %s and epoch = %s and number = %s"
_HAVE = """
    select number from received_parcel where synchronization = %s and epoch = %s and number = any(%s) and not held
"""
_HELD = """
    select synchronization, epoch, number, digest, received, held, plaintext from received_parcel
    where synchronization = %s and held order by epoch collate "C", number
"""
_RELEASE = """
    update received_parcel set held = false where synchronization = %s and epoch = %s and number = any(%s)
"""
_AFTER = """
    select synchronization, epoch, number, digest, received, held, null from received_parcel
    where synchronization = %s and epoch = %s and number > %s order by number
"""
_REFUSE = """
    insert into refused_parcel (synchronization, digest, received, cause, retry, raw) values (%s, %s, %s, %s, %s, %s)
    on conflict (synchronization, digest) do update set cause = excluded.cause, retry = excluded.retry
"""
_TRIM = """
    delete from refused_parcel using (
        select synchronization, digest, row_number() over newest as position, sum(length(raw)) over newest as octets
        from refused_parcel where synchronization = %s window newest as (order by came desc)
    ) as kept
    where refused_parcel.synchronization = kept.synchronization and refused_parcel.digest = kept.digest
      and (kept.position > %s or kept.octets > %s)
"""
_REFUSED = """
    select synchronization, digest, received, cause, retry, raw from refused_parcel
    where synchronization = %s order by came
"""
FORGET: LiteralString = """
    update received_parcel set plaintext = null where received < %s and not held and plaintext is not null
"""


class PostgresReceivedParcels:
    """What came, of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def put(self, parcel: ReceivedParcel) -> None:
        key = (parcel.synchronization, parcel.epoch, parcel.number)
        await self._rows.run(_PUT, (*key, parcel.digest, parcel.received, parcel.held, parcel.plaintext))

    async def digest_of(self, key: SynchronizationKey, epoch: Epoch, number: int) -> Digest | None:
        row = await self._rows.one(_DIGEST_OF, (key, epoch, number))
        return Digest(row[0]) if row else None

    async def have(self, key: SynchronizationKey, epoch: Epoch, numbers: Sequence[int]) -> frozenset[int]:
        return frozenset(number for (number,) in await self._rows.all(_HAVE, (key, epoch, list(numbers))))

    async def held(self, key: SynchronizationKey) -> Sequence[ReceivedParcel]:
        return [_parcel(row) for row in await self._rows.all(_HELD, (key,))]

    async def release(self, key: SynchronizationKey, epoch: Epoch, numbers: Sequence[int]) -> None:
        await self._rows.run(_RELEASE, (key, epoch, list(numbers)))

    async def after(self, key: SynchronizationKey, epoch: Epoch, number: int) -> Sequence[ReceivedParcel]:
        return [_parcel(row) for row in await self._rows.all(_AFTER, (key, epoch, number))]

    async def refuse(self, one: RefusedParcel, *, most: int, octets: int) -> None:
        told = (one.synchronization, one.digest, one.received, one.cause, one.retry, one.raw)
        await self._rows.run(_REFUSE, told)
        await self._rows.run(_TRIM, (one.synchronization, most, octets))

    async def refused(self, key: SynchronizationKey) -> Sequence[RefusedParcel]:
        return [_refused(row) for row in await self._rows.all(_REFUSED, (key,))]

    async def drop_refused(self, key: SynchronizationKey, digests: Sequence[Digest]) -> None:
        statement = "delete from refused_parcel where synchronization = %s and digest = any(%s)"
        await self._rows.run(statement, (key, list(digests)))

    async def forget(self, key: SynchronizationKey, before: Millis) -> None:
        await self._rows.run(FORGET + " and synchronization = %s", (before, key))


def _parcel(row: Row) -> ReceivedParcel:
    key, epoch, number, digest, received, held, plaintext = row
    return ReceivedParcel(
        synchronization=SynchronizationKey(key),
        epoch=Epoch(epoch),
        number=number,
        digest=Digest(digest),
        received=Millis(received),
        plaintext=bytes(plaintext or b""),
        held=held,
    )


def _refused(row: Row) -> RefusedParcel:
    key, digest, received, cause, retry, raw = row
    return RefusedParcel(
        synchronization=SynchronizationKey(key),
        digest=Digest(digest),
        received=Millis(received),
        cause=cause,
        raw=bytes(raw),
        retry=retry,
    )
