"""Our direction of a channel: numbers are given, parcels repeated until they are acknowledged, memories compared.

Nothing is ever sent for the sake of an acknowledgement alone: who is silent is asked seldom, and ever more seldom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backbone.core.model.keys import Millis
from backbone.core.protocol.chain import head
from backbone.core.protocol.channel import Channel, Outage, Outgoing, Pulse, UnderWay
from backbone.core.protocol.parcels import Acknowledgement, Digest, Header

WINDOW = 100
"""Parcels that may be under way."""
WINDOW_OCTETS = 50_000_000
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
FIRST_TIMEOUT = 10 * MINUTE
"""After so long the oldest parcel is sent again; then after twice as long, and so on."""
LONGEST_TIMEOUT = DAY // 2
GAP_PAUSE = MINUTE
"""A parcel that the partner asks for may be on its way: it is not sent twice within this time."""
UNANSWERED = 4
"""Sent so often (three times in vain after the first), a parcel is likely not to be let through."""
FEW = 10
"""Pairs of which values are said without knowing whether the partner is there."""
RECENT = 10_000
"""So long ago at most it was there, if something of it came."""
FIRST_PULSE = 15 * MINUTE
PROBE = 2 * MINUTE
"""After so long without an answer we ask once what came."""
FIRST_PAUSE = 5_000
LONGEST_PAUSE = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Diverged:
    """The partner remembers something of ours that we do not, or something else: one memory was restored."""

    why: str


# --- numbers and the window -------------------------------------------------------------------------------------------


def sealed(outgoing: Outgoing, header: Header, digest: Digest, octets: int) -> Outgoing:
    """The next parcel was given its number, which is in its header."""
    assert header.number == outgoing.last + 1
    new = head(outgoing.head, header, digest)
    keys = (header.sender_key, header.recipient_key)
    item = UnderWay(number=header.number, octets=octets, head=new, keys=keys)
    return replace(outgoing, last=header.number, head=new, under_way=(*outgoing.under_way, item))


def has_room(outgoing: Outgoing) -> bool:
    """Whether another parcel may be sealed."""
    octets = sum(one.octets for one in outgoing.under_way)
    return len(outgoing.under_way) < WINDOW and octets < WINDOW_OCTETS


def may_begin(outgoing: Outgoing, pulse: Pulse) -> bool:
    """Whether the partner is there, as far as we can know: what it would not fetch now is better not sealed yet.

    Values that change meanwhile are then said once. A parcel under way answers by being acknowledged, a heartbeat by
    anything that comes; while nothing is under way and nothing was asked, the partner is thought to be there.
    """
    if not has_room(outgoing):
        return False
    if outgoing.under_way:
        return outgoing.acknowledged > outgoing.burst
    return pulse.silent == 0


def asks_first(heard: Millis, pairs: int, now: Millis) -> bool:
    """Whether so much is to be said that the partner is asked first whether it is there.

    What was sealed can't be said anew. Of a few pairs that costs a few messages, of all of them as many again; and who
    changes many issues at once can wait for an answer.
    """
    return pairs > FEW and now > heard + RECENT


def begun(outgoing: Outgoing) -> Outgoing:
    """A burst of parcels was sealed: the next one waits for an answer."""
    return replace(outgoing, burst=outgoing.acknowledged)


# --- sending ----------------------------------------------------------------------------------------------------------


def due(outgoing: Outgoing, now: Millis) -> Sequence[int]:
    """The numbers to hand over now: new ones, those asked for, and the oldest one if it was not answered for long."""
    return [
        one.number
        for place, one in enumerate(outgoing.under_way)
        if one.sent is None or _late(one, now, oldest=place == 0)
    ]


def _late(one: UnderWay, now: Millis, *, oldest: bool) -> bool:
    assert one.sent is not None
    if one.missing and now >= one.sent + _gap_pause(one):
        return True
    return oldest and now >= one.sent + timeout(one)


def timeout(one: UnderWay) -> int:
    """After how many milliseconds the oldest parcel is sent again."""
    return doubled(FIRST_TIMEOUT, one.attempts - 1, LONGEST_TIMEOUT)


def doubled(first: int, times: int, most: int) -> int:
    """So many milliseconds, doubled so often."""
    return int(min(first * 2 ** min(max(times, 0), 40), most))


def _gap_pause(one: UnderWay) -> int:
    return doubled(GAP_PAUSE, one.attempts - 1, LONGEST_TIMEOUT)


def handed_over(outgoing: Outgoing, numbers: Sequence[int], now: Millis) -> Outgoing:
    """These were given to the transport."""
    gone = frozenset(numbers)
    under_way = tuple(
        replace(one, sent=now, attempts=one.attempts + 1, missing=False) if one.number in gone else one
        for one in outgoing.under_way
    )
    return replace(outgoing, under_way=under_way)


def put_off(outgoing: Outgoing, numbers: Sequence[int], now: Millis) -> Outgoing:
    """The transport does not take these for their size: they are tried again as if they had got lost."""
    large = frozenset(numbers)
    under_way = tuple(
        replace(one, sent=now, missing=False) if one.number in large else one for one in outgoing.under_way
    )
    return replace(outgoing, under_way=under_way)


def is_put_off(one: UnderWay) -> bool:
    """Whether it was refused for its size, and was never sent."""
    return one.sent is not None and one.attempts == 0


def unanswered(outgoing: Outgoing) -> bool:
    """Whether the oldest parcel was sent again three times in vain."""
    return bool(outgoing.under_way) and outgoing.under_way[0].attempts >= UNANSWERED


def again(outgoing: Outgoing) -> Outgoing:
    """The way out is another one, or was put right: all that is under way goes once more."""
    under_way = tuple(replace(one, sent=None, attempts=0) for one in outgoing.under_way if not one.there)
    there = tuple(one for one in outgoing.under_way if one.there)
    ordered = sorted((*under_way, *there), key=lambda one: one.number)
    return replace(outgoing, under_way=tuple(ordered))


# --- acknowledgements -------------------------------------------------------------------------------------------------


def acknowledged(outgoing: Outgoing, told: Acknowledgement, asked: Millis, now: Millis) -> Outgoing | Diverged:
    """What the partner has; an acknowledgement of a former epoch, or one that came late, says nothing.

    ``asked`` is when we told our last number: what was sent before then and is not known to the partner is lost.
    """
    if told.epoch != outgoing.epoch:
        return outgoing
    if told.highest > outgoing.last:
        return Diverged("the partner has parcels of ours that we do not know of")
    if told.contiguous < outgoing.acknowledged:
        if told.at > outgoing.told:
            return Diverged("the partner no longer has parcels of ours that it acknowledged")
        return outgoing
    if not _same_chain(outgoing, told):
        return Diverged("the partner has other parcels of ours than we have sent")
    absent = frozenset(number for first, end in told.gaps for number in range(first, end + 1))
    under_way = tuple(
        _seen(one, told.highest, absent=one.number in absent, asked=asked)
        for one in outgoing.under_way
        if one.number > told.contiguous
    )
    advanced = replace(outgoing, under_way=under_way, told=max(outgoing.told, told.at))
    if told.contiguous == outgoing.acknowledged:
        return advanced
    return replace(advanced, acknowledged=told.contiguous, acknowledged_head=told.head, acknowledged_at=now)


def _same_chain(outgoing: Outgoing, told: Acknowledgement) -> bool:
    if told.contiguous == outgoing.acknowledged:
        return told.head == outgoing.acknowledged_head
    return any(one.number == told.contiguous and one.head == told.head for one in outgoing.under_way)


def _seen(one: UnderWay, highest: int, *, absent: bool, asked: Millis) -> UnderWay:
    if one.number <= highest:
        return replace(one, missing=absent, there=not absent)
    return replace(one, missing=one.sent is not None and one.sent <= asked, there=False)


# --- signs of life ----------------------------------------------------------------------------------------------------


def pulse_due(outgoing: Outgoing, pulse: Pulse, heard: Millis, *, held_back: bool, now: Millis) -> bool:
    """Whether to tell the partner our last number; ``held_back`` tells that something waits for it to be there.

    Anything that it says answers. Where an answer matters we ask after minutes, else after a quarter of an hour, and
    each time after twice as long as before, up to a day. It is asked as seldom where it answers, and yet never has what
    was sent again and again.
    """
    if any(is_put_off(one) for one in outgoing.under_way):
        return _quiet_pulse_due(pulse, heard, now)  # what we wait for is not the partner
    asked = [one.sent for one in outgoing.under_way if one.sent is not None]
    if held_back and not outgoing.under_way and pulse.silent == 0:
        return True
    if asked or held_back:
        vain = outgoing.under_way[0].attempts - UNANSWERED if outgoing.under_way else 0
        return now >= max([pulse.at, *asked]) + doubled(PROBE, max(pulse.silent, vain), DAY)
    return _quiet_pulse_due(pulse, heard, now)


def _quiet_pulse_due(pulse: Pulse, heard: Millis, now: Millis) -> bool:
    return now >= max(pulse.at, heard) + doubled(FIRST_PULSE, pulse.quiet, DAY)


def beaten(pulse: Pulse, now: Millis) -> Pulse:
    """We told our last number."""
    return Pulse(at=now, silent=pulse.silent + 1, quiet=pulse.quiet + 1)


def answered(pulse: Pulse) -> Pulse:
    """Something of the partner's came."""
    return replace(pulse, silent=0)


def stirred(pulse: Pulse) -> Pulse:
    """Something new was said by one side: signs of life are told more often again."""
    return replace(pulse, quiet=0)


# --- a transport that does not work -----------------------------------------------------------------------------------


def failed(outage: Outage, now: Millis) -> Outage:
    """It did not work once more."""
    pause = doubled(FIRST_PAUSE, outage.failures, LONGEST_PAUSE)
    return Outage(failures=outage.failures + 1, again=Millis(now + pause))


def put_right(channel: Channel) -> Channel:
    """A person changed something about the ways out and in: both are tried without a pause."""
    sending, receiving = replace(channel.sending, again=Millis(0)), replace(channel.receiving, again=Millis(0))
    return replace(channel, sending=sending, receiving=receiving)
