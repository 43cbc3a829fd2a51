"""After our half was deleted: the partner is told until it has heard of it, as often as makes sense.

Nothing else of the half is left. What comes is looked through for the partner's acknowledgement, and let go of.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from backbone.app.channel.collecting import OCTETS, PARCELS
from backbone.app.channel.desk import channel_lock
from backbone.app.channel.host import ChannelHost, Means
from backbone.app.channel.opening import Refusal, understand
from backbone.app.channel.sending import send_numbered
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.core.protocol.channel import Channel, Outage
from backbone.core.protocol.delivering import DAY, Diverged, acknowledged, due, failed, handed_over
from backbone.core.protocol.parcels import Acknowledgement, Goodbye
from backbone.ports.channels import StoredChannel
from backbone.ports.transport import TransportError

log = structlog.get_logger()

MOST = 10
"""So often the oldest parcel is sent that is not answered, with pauses that double: for a day and a half."""
LONGEST = Millis(30 * DAY)
"""After so long nothing is told any more, whatever hindered it."""


async def leave(host: ChannelHost, key: SynchronizationKey) -> bool:
    """One step of a channel whose half is gone; whether nothing is left to be done."""
    store, now = host.engine.store, host.engine.system.now()
    async with store.hold(channel_lock(key)) as fence:
        if fence is None:
            return False
        async with store.unit() as uow:
            stored = await uow.channels.get(key)
        if stored is None:
            return True
        if not _is_over(stored.channel, now):
            stored = await _stepped(host, stored, now)
        done = _is_over(stored.channel, now)
        async with store.unit() as uow:
            await (uow.channels.remove(key) if done else uow.channels.save(stored))
            await uow.commit(fence)
    if done:
        log.info("partner-left-alone", channel=key, heard=not stored.channel.outgoing.under_way)
    return done


def _is_over(channel: Channel, now: Millis) -> bool:
    under_way = channel.outgoing.under_way
    return not under_way or under_way[0].attempts >= MOST or now > channel.left + LONGEST


async def _stepped(host: ChannelHost, stored: StoredChannel, now: Millis) -> StoredChannel:
    try:
        means = await host.means(stored)
    except TransportError as error:
        log.info("farewell-not-sent", channel=stored.synchronization, cause=error.words)
        return stored
    channel = await _listened(host, means, stored.channel, now)
    return await _told(host, means, replace(stored, channel=channel), now)


async def _listened(host: ChannelHost, means: Means, channel: Channel, now: Millis) -> Channel:
    if not means.look or now < channel.receiving.again:
        return channel
    try:
        batch = await means.receiver.receive(channel.memory, parcels=PARCELS, octets=OCTETS)
        for arrival in batch.arrivals:
            channel = await _heard(host, means, channel, arrival.parcel, now)
        await means.receiver.confirm(tuple(one.handle for one in batch.arrivals))
    except TransportError as error:
        log.info("farewell-not-heard", cause=error.words)
        return replace(channel, receiving=failed(channel.receiving, now))
    return replace(channel, memory=batch.memory, receiving=Outage())


async def _heard(host: ChannelHost, means: Means, channel: Channel, sealed: bytes, now: Millis) -> Channel:
    """How far the partner has heard. One that left, too, or that knows other things than we do, need not be told."""
    try:
        body = (await understand(host.cipher, channel, means.secrets, sealed)).parcel.body
    except Refusal:
        return channel
    match body:
        case Goodbye():
            return replace(channel, outgoing=replace(channel.outgoing, under_way=()))
        case Acknowledgement():
            outgoing = acknowledged(channel.outgoing, body, channel.pulse.at, now)
            left = replace(channel.outgoing, under_way=()) if isinstance(outgoing, Diverged) else outgoing
            return replace(channel, outgoing=left)
        case _:
            return channel


async def _told(host: ChannelHost, means: Means, stored: StoredChannel, now: Millis) -> StoredChannel:
    channel = stored.channel
    if now < channel.sending.again:
        return stored
    gone: list[int] = []
    sending = Outage()
    for number in due(channel.outgoing, now):
        try:
            await send_numbered(host, means, stored.synchronization, channel, number)
        except TransportError as error:
            log.info("farewell-not-sent", channel=stored.synchronization, cause=error.words)
            sending = failed(channel.sending, now)
            break
        gone.append(number)
    outgoing = handed_over(channel.outgoing, gone, now)
    return replace(stored, channel=replace(channel, outgoing=outgoing, sending=sending))
