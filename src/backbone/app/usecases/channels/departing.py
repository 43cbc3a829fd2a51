"""Telling the partner that our half is deleted: at once, and again until it has heard of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backbone.app.channel.conversation import say_goodbye
from backbone.app.usecases.publishing_to_partner import holding
from backbone.core.model.keys import SynchronizationKey
from backbone.core.protocol.handshake import is_open
from backbone.ports.channels import SentParcel, StoredChannel
from backbone.ports.store import Store, UnitOfWork
from backbone.ports.system import System


async def depart(store: Store, system: System, key: SynchronizationKey) -> bool:
    """Let the next step of the channel say goodbye; whether there is a partner who would listen."""
    async with store.unit() as uow:
        if await uow.channels.get(key) is None:
            return False
    async with holding(store, system, [key]) as fences, store.unit() as uow:
        stored = await uow.channels.get(key)
        if stored is None or not is_open(stored.channel):
            return False
        now = system.now()
        stored = await say_goodbye(uow, stored, now)
        await uow.channels.save(replace(stored, channel=replace(stored.channel, left=now)))
        await uow.commit(*fences)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """A channel whose half goes, and what its partner has not acknowledged: the last of it says goodbye."""

    stored: StoredChannel
    parcels: Sequence[SentParcel]


async def farewell_of(uow: UnitOfWork, key: SynchronizationKey) -> Farewell | None:
    """What is still to be told when the half is gone; nothing where nobody would listen, or the partner knows it."""
    stored = await uow.channels.get(key)
    if stored is None or not stored.channel.left or stored.channel.departed:
        return None
    outgoing = stored.channel.outgoing
    if not outgoing.under_way:
        return None
    parcels = [one async for one in uow.sent.after(key, outgoing.epoch, outgoing.acknowledged)]
    return Farewell(stored=stored, parcels=parcels)


async def keep_telling(uow: UnitOfWork, farewell: Farewell) -> None:
    """All else of the half was removed in this unit: steps of its channel tell this, and then remove it, too."""
    await uow.channels.save(farewell.stored)
    for parcel in farewell.parcels:
        await uow.sent.put(parcel)
