"""How often somebody looks whether parcels came: often where an answer is expected, seldom where a server tells."""

from __future__ import annotations

from backbone.core.model.keys import Millis
from backbone.core.protocol.channel import Channel, Stage
from backbone.core.protocol.delivering import FIRST_TIMEOUT, MINUTE
from backbone.ports.transport import Receiving, ReceivingDirectory, ReceivingMail

OFTEN = 5.0
"""Seconds between looks at a directory, and at a mailbox while parcels come and go: every step of a channel."""
REGULARLY = 20.0
"""Seconds between looks at a quiet mailbox that can only be asked."""
SELDOM = 60.0
"""Seconds between looks at a quiet mailbox whose server tells at once: connections break without a word."""
EXPECTED = FIRST_TIMEOUT
"""Milliseconds in which an answer is likely to come."""
TALKATIVE = MINUTE
"""Milliseconds in which a partner that said something is likely to say more."""


def pause_between_looks(
    receiving: Receiving, former: Receiving | None, channel: Channel, now: Millis, *, told: bool
) -> float:
    """Seconds; ``told`` is whether somebody hears at once of what comes by ``receiving``."""
    if is_lively(channel, now):
        return OFTEN
    pause = _pause(receiving, told=told)
    # Nobody listens at the way in that was before.
    return pause if former is None else min(pause, _pause(former, told=False))


def is_lively(channel: Channel, now: Millis) -> bool:
    """Whether something is likely to come soon: both get to know each other, or have just spoken."""
    return (
        channel.stage is not Stage.KNOWN
        or channel.restoring is not None
        or channel.receiving.failures > 0
        or now < channel.heard + TALKATIVE
        or now < _asked(channel) + EXPECTED
    )


def _asked(channel: Channel) -> int:
    """When we last said something that is not answered yet; 0 where all is."""
    greeted = channel.meeting.greeted if channel.meeting.greetings else 0
    beat = channel.pulse.at if channel.pulse.silent else 0
    return max(greeted, beat, *(one.sent or 0 for one in channel.outgoing.under_way), 0)


def _pause(receiving: Receiving, *, told: bool) -> float:
    match receiving:
        case ReceivingDirectory():
            return OFTEN
        case ReceivingMail():
            return SELDOM if told else REGULARLY
