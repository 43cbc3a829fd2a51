"""Using what came, when its turn has come: each thing in the transaction in which it is noted as used."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from backbone.app.channel.desk import Desk
from backbone.app.channel.host import Heard
from backbone.app.channel.packing import unpack
from backbone.app.channel.troubles import over
from backbone.app.engine.guarded import guarded
from backbone.core.model.problems import Code
from backbone.core.protocol.collecting import Release, known_exchanges, newest_revision, next_release, released
from backbone.core.protocol.parcels import Messages, Parcel, Piece
from backbone.ports.channels import StoredChannel
from backbone.ports.store import UnitOfWork


class Held:
    """Parcels that wait, as they were stored; read when the first of them is used."""

    def __init__(self) -> None:
        self._read: dict[int, bytes] | None = None

    async def parcel(self, uow: UnitOfWork, stored: StoredChannel, number: int) -> Parcel:
        """One of them. Raises LookupError."""
        if self._read is None or number not in self._read:
            epoch = stored.channel.incoming.epoch
            found = await uow.received.held(stored.synchronization)
            self._read = {one.number: one.plaintext for one in found if one.epoch == epoch}
        return unpack(self._read.pop(number))


async def use(desk: Desk) -> None:
    """Use whatever may be used. What fails is left for the next step and holds nothing else than what follows it."""
    held, failed = Held(), set[int]()
    while True:
        channel = desk.channel
        agreement = channel.agreement
        release = next_release(channel.incoming, known_exchanges(agreement), failed, newest_revision(agreement))
        if release is None or channel.restoring is not None:
            return
        work = partial(_use_one, desk, held, release)
        if await guarded(desk.host.engine, desk.connector, work) is not None:
            failed.add(release.number)


async def _use_one(desk: Desk, held: Held, release: Release) -> None:
    async with desk.unit() as (uow, stored):
        parcel = await held.parcel(uow, stored, release.number)
        incoming = released(stored.channel.incoming, release)
        noted = replace(stored, channel=replace(stored.channel, incoming=incoming))
        heard = await _used(desk, uow, noted, parcel, release=release)
        if release.last:
            await uow.received.release(desk.key, parcel.header.epoch, [release.number])
        if not incoming.waiting:
            await over(uow, Code.CONFIGURATION_AWAITED, desk.connector)
        await desk.commit(uow, heard.stored)
    desk.passing.extend(heard.passing)


async def _used(desk: Desk, uow: UnitOfWork, stored: StoredChannel, parcel: Parcel, *, release: Release) -> Heard:
    effects, now = desk.host.effects, desk.now()
    match parcel.body:
        case Messages(messages=messages):
            assert release.pairs is not None
            free = [one for one in messages if one.pair in release.pairs]
            await effects.messages(uow, stored, parcel.header, free, now)
            return Heard(stored=stored)
        case Piece() as piece:
            await effects.piece(uow, stored, piece, now)
            return Heard(stored=stored)
        case _:
            return await effects.conversed(uow, stored, parcel, now)
