"""What a channel becomes by what the partner says, except for the delivery of parcels itself.

Nothing but the handshake is listened to before a person of this side confirmed the code: the rest is passed over as if
it had not come, and comes again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from backbone.core.model.keys import Millis, Role
from backbone.core.protocol.channel import Agreement, Channel, Growth, PinnedKey, Publication, Stage
from backbone.core.protocol.handshake import greeted, is_open, is_proven, may_pass
from backbone.core.protocol.parcels import (
    Acknowledgement,
    AddressChanged,
    Answered,
    Body,
    Goodbye,
    Handshake,
    Header,
    Heartbeat,
    KeyAnnounced,
    KeyFingerprint,
    Messages,
    Parcel,
    Passing,
    Piece,
    Ping,
    Published,
    Renamed,
    Restored,
    Suspended,
)
from backbone.core.protocol.publication import REMEMBERED, digest_of
from backbone.core.protocol.renewing import statement_of
from backbone.core.protocol.sizing import grown

LARGEST_SKEW = 10 * 60_000
"""Milliseconds by which clocks may differ before a person is told."""
_NOT_ASKED = Millis(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedKey:
    """A key that came in a body and is fit for use; ``statement`` is what was signed by it."""

    fingerprint: KeyFingerprint
    armored: str
    statement: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Both sides know each other now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PingAnswered:
    """The partner answered a ping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoAnswers:
    """Two answers came to one handshake file, here (``second`` is the key of the other one) or at the partner's."""

    second: KeyFingerprint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksCompared:
    """By how many milliseconds the partner's clock is certainly ahead of ours; less than nothing if it is behind."""

    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPublication:
    """The master published a configuration, which waits for our person."""

    publication: Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRepeated:
    """The master published what is agreed already: it has not heard, or has forgotten, what we answered."""

    answer: Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationAnswered:
    """The slave took our publication over, or declined it."""

    answer: Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRenamed:
    """The partner's project has another key."""

    told: Renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerKeyRenewed:
    """The partner signs by another key from now on."""

    fingerprint: KeyFingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerMoved:
    """The partner receives at another place. ``by_itself`` tells that we send there without a person's doing."""

    protocol: str
    address: str
    by_itself: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    """The partner deleted its half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """What was said is of no effect; ``why`` is for the log and, where a person should know, for a problem."""

    why: str
    grave: bool = False


Event = (
    Met
    | PingAnswered
    | TwoAnswers
    | ClocksCompared
    | NewPublication
    | PublicationRepeated
    | PublicationAnswered
    | ProjectRenamed
    | PartnerKeyRenewed
    | PartnerMoved
    | Departed
    | PassedOver
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The channel after something was heard, what we answer, and what the rest of the program has to do."""

    channel: Channel
    say: tuple[Passing, ...] = ()
    events: tuple[Event, ...] = ()


def heard(channel: Channel, parcel: Parcel, now: Millis, key: JudgedKey | None = None) -> Heard:
    """What becomes of a channel by a parcel. ``key`` is the one in the body, where there is one and it is fit for use.

    The header was checked before; what matters most is looked at once more: whose it is, and that it is no echo. What
    has a number was stored since then, and a key that it names may have taken its leave.
    """
    header, body = parcel.header, parcel.body
    if header.channel != channel.id or header.sender is channel.role:
        return _passed_over(channel, "it is not for this side")
    if header.number is None and (wrong := _wrong_keys(channel, header, body)) is not None:
        return _passed_over(channel, wrong)
    if not may_pass(channel, body):
        return _passed_over(channel, "the code is not confirmed yet")
    return _listened(channel, header, body, now, key)


def _wrong_keys(channel: Channel, header: Header, body: Body) -> str | None:
    if not isinstance(body, Handshake) and header.sender_key not in _fingerprints(channel.partner_keys):
        return "it is not signed by the partner's key"
    return None if header.recipient_key in _fingerprints(channel.our_keys) else "it is for a key that is not ours"


def _listened(channel: Channel, header: Header, body: Body, now: Millis, key: JudgedKey | None) -> Heard:
    match body:
        case Handshake():
            return _answered_handshake(channel, header, body, now, key)
        case Ping():
            return _pinged(channel, body, now)
        case Suspended():
            return _suspended(channel)
        case Published():
            return _published(channel, body)
        case Answered():
            return _answered(channel, body)
        case Renamed():
            return Heard(channel=channel, events=(ProjectRenamed(told=body),))
        case KeyAnnounced():
            return _key_announced(channel, header, body, key)
        case AddressChanged():
            return _address_changed(channel, body)
        case Goodbye():
            return Heard(channel=replace(channel, departed=True), events=(Departed(),))
        case Messages() | Piece() | Acknowledgement() | Heartbeat() | Restored():
            return _passed_over(channel, "it is heard elsewhere")
        case _:
            assert_never(body)


def _passed_over(channel: Channel, why: str, *, grave: bool = False) -> Heard:
    return Heard(channel=channel, events=(PassedOver(why=why, grave=grave),))


def _fingerprints(keys: tuple[PinnedKey, ...]) -> frozenset[KeyFingerprint]:
    return frozenset(one.fingerprint for one in keys)


# --- the handshake ----------------------------------------------------------------------------------------------------


def _answered_handshake(
    channel: Channel, header: Header, answer: Handshake, now: Millis, key: JudgedKey | None
) -> Heard:
    """The answer to our handshake file. Repeats are harmless; another one's answer suspends the channel."""
    if channel.role is not Role.FIRST or channel.departed:
        return _passed_over(channel, "nobody asked for an answer")
    if key is None or header.sender_key != key.fingerprint or not is_proven(channel, answer, key.fingerprint):
        return _passed_over(channel, "the answer does not prove that it knows the handshake file")
    if key.fingerprint in _fingerprints(channel.partner_keys):
        return _repeated_answer(channel, answer, now)
    if now > channel.expires:
        return _passed_over(channel, "an answer came to a handshake file that has expired", grave=True)
    match channel.stage:
        case Stage.OFFERED:
            return _first_answer(channel, answer, now, key)
        case Stage.PINGED | Stage.KNOWN if not is_open(channel):
            meeting = replace(channel.meeting, second=key.fingerprint, greetings=0)
            suspended = greeted(replace(channel, stage=Stage.SUSPENDED, meeting=meeting), now)
            return Heard(channel=suspended, say=(Suspended(),), events=(TwoAnswers(second=key.fingerprint),))
        case Stage.SUSPENDED:
            return Heard(channel=channel, say=(Suspended(),))
        case _:
            return _passed_over(channel, "another answer came to a handshake file that was used", grave=True)


def _first_answer(channel: Channel, answer: Handshake, now: Millis, key: JudgedKey) -> Heard:
    pinned = PinnedKey(fingerprint=key.fingerprint, armored=key.armored)
    return _asking(_located(replace(channel, stage=Stage.PINGED, partner_keys=(pinned,)), answer), answer.clock, now)


def _repeated_answer(channel: Channel, answer: Handshake, now: Millis) -> Heard:
    match channel.stage:
        case Stage.PINGED:
            return _asking(_located(channel, answer), answer.clock, now)
        case Stage.SUSPENDED:
            return Heard(channel=channel, say=(Suspended(),))
        case _:
            return Heard(channel=channel)


def _asking(channel: Channel, clock: Millis, now: Millis) -> Heard:
    """Ask the slave by a ping, which is repeated until it is answered."""
    told = _with_clock(channel, clock, now, asked=_NOT_ASKED, say=(Ping(clock=now, answers=False),))
    return replace(told, channel=greeted(told.channel, now))


def _located(channel: Channel, answer: Handshake) -> Channel:
    meeting = replace(channel.meeting, sends_by=answer.protocol)
    return replace(channel, sends_to=answer.address, meeting=meeting)


def _pinged(channel: Channel, ping: Ping, now: Millis) -> Heard:
    """Only what was asked counts: an answer makes the master know the slave, a question the slave the master."""
    if channel.stage is Stage.SUSPENDED:
        return Heard(channel=channel)
    sized = _sized(channel, ping, now)
    if not ping.answers:
        met = channel.stage is Stage.ANSWERED
        known = replace(sized, stage=Stage.KNOWN) if met else sized
        answer = Ping(clock=now, answers=True, filling=ping.filling[: sized.largest])
        asked = channel.meeting.asked if met else _NOT_ASKED
        return _with_clock(known, ping.clock, now, asked=asked, say=(answer,), events=(Met(),) if met else ())
    asked = channel.meeting.asked
    if channel.role is Role.FIRST and channel.stage is Stage.PINGED:
        return _with_clock(replace(sized, stage=Stage.KNOWN), ping.clock, now, asked=asked, events=(Met(),))
    if channel.stage is Stage.KNOWN:
        return _with_clock(grown(channel, ping, now), ping.clock, now, asked=asked, events=(PingAnswered(),))
    return Heard(channel=channel)


def _sized(channel: Channel, ping: Ping, now: Millis) -> Channel:
    """At set-up, parcels of the size that got through are the largest that are sent."""
    if not ping.filling or channel.stage is Stage.KNOWN:
        return channel
    return replace(channel, largest=min(channel.largest, len(ping.filling)), growth=Growth(since=now))


def _suspended(channel: Channel) -> Heard:
    if channel.stage is Stage.SUSPENDED:
        return Heard(channel=channel)
    return Heard(channel=replace(channel, stage=Stage.SUSPENDED), events=(TwoAnswers(),))


def _with_clock(
    channel: Channel,
    clock: Millis,
    now: Millis,
    *,
    asked: Millis,
    say: tuple[Passing, ...] = (),
    events: tuple[Event, ...] = (),
) -> Heard:
    """What the partner's clock showed when it spoke: before now, and after we ``asked`` where it answers that."""
    ahead = certainly_ahead(clock, asked, now)
    unanswered = channel.meeting.greetings if asked == _NOT_ASKED else 0
    known = replace(channel, partner_ahead=ahead, meeting=replace(channel.meeting, greetings=unanswered))
    return Heard(channel=known, say=say, events=(*events, ClocksCompared(ahead=ahead)))


def certainly_ahead(clock: Millis, asked: Millis, now: Millis) -> int:
    """By how much a clock is ahead for certain, since it showed ``clock`` at some time from ``asked`` to ``now``.

    Parcels may be on their way for long: that alone does not put a clock behind.
    """
    if clock > now:
        return clock - now
    return clock - asked if asked and clock < asked else 0


# --- configuration, keys and addresses --------------------------------------------------------------------------------


def _published(channel: Channel, told: Published) -> Heard:
    """A newer publication replaces one that waits. A master that was restored may give a revision once more."""
    if channel.role is not Role.SECOND:
        return _passed_over(channel, "a slave can't publish", grave=True)
    if digest_of(told.exchange) != told.digest:
        return _passed_over(channel, "a publication whose digest is another one's", grave=True)
    agreement, named = channel.agreement, (told.revision, told.digest)
    if agreement.agreed is not None and (agreement.agreed.revision, agreement.agreed.digest) == named:
        answer = Answered(revision=told.revision, digest=told.digest, accepted=True, message="")
        return Heard(channel=channel, events=(PublicationRepeated(answer=answer),))
    pending = agreement.pending
    if pending is not None and told.revision <= pending.revision:
        return _passed_over(channel, "an older publication")
    if any((one.revision, one.digest) == named for one in agreement.former):
        return _passed_over(channel, "a publication of before")
    new = Publication(revision=told.revision, digest=told.digest, exchange=told.exchange, message=told.message)
    agreement = replace(agreement, pending=new, declined=None)
    return Heard(channel=replace(channel, agreement=agreement), events=(NewPublication(publication=new),))


def _answered(channel: Channel, told: Answered) -> Heard:
    """An answer counts for what it answers only: the one to a publication that was replaced comes to nothing."""
    pending = channel.agreement.pending
    if channel.role is not Role.FIRST:
        return _passed_over(channel, "a master does not answer", grave=True)
    if pending is None or (pending.revision, pending.digest) != (told.revision, told.digest):
        return _passed_over(channel, "an answer to what is not published any more")
    agreement = settled(channel.agreement, pending, None if told.accepted else told.message)
    return Heard(channel=replace(channel, agreement=agreement), events=(PublicationAnswered(answer=told),))


def settled(agreement: Agreement, pending: Publication, declined: str | None) -> Agreement:
    """The publication that waited is agreed now, or declined with these words."""
    if declined is not None:
        return replace(agreement, pending=None, declined=declined)
    former = agreement.former if agreement.agreed is None else (*agreement.former, agreement.agreed)
    return replace(agreement, agreed=pending, pending=None, declined=None, former=former[-REMEMBERED:])


def _key_announced(channel: Channel, header: Header, told: KeyAnnounced, key: JudgedKey | None) -> Heard:
    wanted = statement_of(channel.id, header.sender, header.sender_key, told.fingerprint)
    if key is None or key.fingerprint != told.fingerprint or key.statement != wanted:
        return _passed_over(channel, "a new key came without a proof", grave=True)
    if told.fingerprint in _fingerprints(channel.partner_keys):
        return Heard(channel=channel)
    pinned = PinnedKey(fingerprint=key.fingerprint, armored=key.armored)
    keys = (channel.partner_keys[0], pinned)  # one that was announced and is not in use yet is given up
    return Heard(channel=replace(channel, partner_keys=keys), events=(PartnerKeyRenewed(fingerprint=key.fingerprint),))


def _address_changed(channel: Channel, told: AddressChanged) -> Heard:
    """Mails go to another address by themselves; another protocol needs a person to say how we send."""
    if (told.protocol, told.address) == (channel.meeting.sends_by, channel.sends_to):
        return Heard(channel=channel)
    by_itself = told.protocol == channel.meeting.sends_by and told.protocol == "mail"
    meeting = replace(channel.meeting, sends_by=told.protocol)
    event = PartnerMoved(protocol=told.protocol, address=told.address, by_itself=by_itself)
    return Heard(channel=replace(channel, sends_to=told.address, meeting=meeting), events=(event,))
