"""One step of a channel: fetch, open, check, store, confirm, use, converse, seal, send, acknowledge.

Nothing depends on how far a step comes: each part leaves the channel as the next step may find it.
"""

from __future__ import annotations

from functools import partial

from backbone.app.channel.collecting import collect, try_refused_again
from backbone.app.channel.comparing import compare
from backbone.app.channel.desk import Desk, channel_lock
from backbone.app.channel.host import ChannelHost
from backbone.app.channel.restoring import finish, notice_restore, tell_pairs
from backbone.app.channel.sealing import seal
from backbone.app.channel.sending import say_now, send
from backbone.app.channel.tidying import tidy
from backbone.app.channel.using import use
from backbone.app.engine.guarded import guarded
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Synchronization
from backbone.ports.store import Fence

TICK = 5.0
"""Seconds between two steps unless something hurries them; not each of them looks at a mailbox."""


async def exchange(host: ChannelHost, key: SynchronizationKey) -> None:
    """Step a channel, unless somebody else does. Raises TransportError where its settings can't be used."""
    async with host.engine.store.hold(channel_lock(key)) as fence:
        if fence is None:
            return
        async with host.engine.store.unit() as uow:
            stored = await uow.channels.get(key)
            one = await uow.synchronizations.get(key)
        if stored is None or one is None:
            return
        await step(await _desk(host, fence, stored, one))


async def _desk(host: ChannelHost, fence: Fence, stored: StoredChannel, one: Synchronization) -> Desk:
    return Desk(
        host=host,
        fence=fence,
        key=one.key,
        connector=one.connectors[0],
        running=one.wanted_running,
        means=await host.means(stored),
        stored=stored,
    )


async def step(desk: Desk) -> None:
    """All parts of a step, in their order."""
    await notice_restore(desk)
    await collect(desk)
    await try_refused_again(desk)
    await finish(desk)
    await use(desk)
    await guarded(desk.host.engine, desk.connector, partial(compare, desk))
    await _converse(desk)
    held_back = await seal(desk)
    await send(desk)
    await tell_pairs(desk)
    await say_now(desk, held_back=held_back)
    await tidy(desk)


async def _converse(desk: Desk) -> None:
    async with desk.unit() as (uow, stored):
        heard = await desk.host.effects.due(uow, stored, desk.now())
        if heard is None:
            return
        await desk.commit(uow, heard.stored)
    desk.passing.extend(heard.passing)
