"""How large a parcel may be: what was refused makes later ones smaller, and what gets through larger again.

A parcel that has a number can't be divided any more. So a larger size is tried by a ping, which nothing waits for, and
counts once the partner answered it: then every server on the way has let it through.
"""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.keys import Millis
from backbone.core.protocol.channel import FIRST_LARGEST, Channel, Growth
from backbone.core.protocol.delivering import DAY, doubled, is_put_off
from backbone.core.protocol.handshake import is_open, is_trusted
from backbone.core.protocol.parcels import Ping

SMALLEST = 20_000
"""Bytes; parcels are not made smaller than this, whatever a mail server refuses."""
LONGEST_PAUSE = 32 * DAY
_MARK = 32


def shrunk(channel: Channel, largest: int, now: Millis) -> Channel:
    """A parcel was refused for its size: later ones have so many bytes at most."""
    smaller = min(channel.largest, max(largest, SMALLEST))
    return replace(channel, largest=smaller, growth=replace(channel.growth, since=now, size=0, mark=""))


def size_to_try(channel: Channel, now: Millis) -> int | None:
    """The size to try now: twice the largest, a day after the last refusal, and ever more seldom where that is in vain."""
    growth = channel.growth
    if channel.largest >= FIRST_LARGEST or not is_open(channel) or channel.restoring is not None:
        return None
    if channel.sending.failures or any(is_put_off(one) for one in channel.outgoing.under_way):
        return None
    if now < growth.since + doubled(DAY, growth.vain, LONGEST_PAUSE):
        return None
    return min(2 * channel.largest, FIRST_LARGEST)


def tried(channel: Channel, ping: Ping, now: Millis) -> Channel:
    """A ping of a larger size is about to leave: in vain, as far as is known."""
    size = len(ping.filling)
    return replace(
        channel, growth=Growth(since=now, vain=channel.growth.vain + 1, size=size, mark=ping.filling[:_MARK])
    )


def awaits_size(channel: Channel) -> bool:
    """Whether a size was tried that may come back: by a ping at set-up, or by one of a larger size since."""
    return bool(channel.growth.mark) or not is_trusted(channel)


def came_back(channel: Channel) -> Channel:
    """The ping that tried a size came back; what comes back next is something else."""
    return replace(channel, growth=replace(channel.growth, size=0, mark=""))


def grown(channel: Channel, answer: Ping, now: Millis) -> Channel:
    """The partner answered a ping; if it is that of a larger size, parcels may have that size from now on."""
    growth = channel.growth
    if not growth.mark or not answer.filling.startswith(growth.mark):
        return channel
    return replace(channel, largest=max(channel.largest, growth.size), growth=Growth(since=now))
