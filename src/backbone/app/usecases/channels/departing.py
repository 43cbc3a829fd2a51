"""Telling the partner that our half is deleted."""

from __future__ import annotations

from backbone.app.channel.conversation import say_goodbye
from backbone.app.usecases.publishing_to_partner import holding
from backbone.core.model.keys import SynchronizationKey
from backbone.core.protocol.handshake import is_open
from backbone.ports.store import Store
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
        stored = await say_goodbye(uow, stored, system.now())
        await uow.channels.save(stored)
        await uow.commit(*fences)
    return True
