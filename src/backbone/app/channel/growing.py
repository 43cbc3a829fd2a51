"""Parcels become larger again once a ping of that size gets through: nothing waits for it, so nothing is lost with it."""

from __future__ import annotations

import structlog

from backbone.app.channel.desk import Desk
from backbone.app.channel.greeting import filling
from backbone.app.channel.sending import pass_on
from backbone.core.protocol.parcels import Ping
from backbone.core.protocol.sizing import size_to_try, tried
from backbone.ports.transport import TransportError

log = structlog.get_logger()


async def try_larger(desk: Desk) -> None:
    """Send a ping of twice the size of parcels, if it is time. A refusal tells nothing new, and is no problem."""
    channel, now = desk.channel, desk.now()
    size = size_to_try(channel, now)
    if size is None:
        return
    ping = Ping(clock=now, answers=False, filling=filling(size))
    await desk.change(lambda channel: tried(channel, ping, now))
    try:
        await pass_on(desk.host, desk.means, channel, [ping])
    except TransportError as error:
        log.info("size-not-taken", channel=desk.key, octets=size, words=error.words)
