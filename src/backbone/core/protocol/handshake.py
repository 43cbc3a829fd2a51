"""How two installations come to know each other: the handshake file, the code that people compare, the stages.

The master writes a file, the slave answers it with its key and with a proof that it knows the file's token, the master
asks by a ping and the slave answers it. Whoever intercepts the file can answer it, too: therefore a person on each side
compares a code over both keys and the token, and before that nothing else passes.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from backbone.core.model.keys import Millis, Role
from backbone.core.protocol.channel import Channel, Meeting, Outgoing, PinnedKey, Stage
from backbone.core.protocol.delivering import doubled
from backbone.core.protocol.parcels import (
    Body,
    ChannelId,
    Digest,
    Epoch,
    Handshake,
    KeyFingerprint,
    Ping,
    Suspended,
)
from backbone.core.protocol.shapes import Member, Misfit, Record
from backbone.core.protocol.wire_values import ARMOR, IDENTIFIER, INSTANT, KEY_FINGERPRINT, LINE, NAME, WORDS, YES_OR_NO

FORMAT: Final = 1
LIFETIME: Final = 14 * 24 * 3_600_000
"""Milliseconds for which a handshake file may be answered, unless a person chose another time."""
LARGEST_FILE: Final = 256 * 1024
"""Bytes of a handshake file."""
TOLERATED_AHEAD: Final = 30 * 60_000
"""Milliseconds by which a file may be from the future: by so much the clocks of both sides may differ."""
_PATIENCE: Final = 60_000
_LONGEST_PATIENCE: Final = 6 * 3_600_000
_WARNINGS = 10
_GROUPS, _DIGITS = 8, 4
_EARLIER_LIFE: Final = "before a new handshake"
"""Makes both sides compare what they know as after a restored backup: parcels under way are under keys of before."""


class HandshakeRefused(Exception):
    """A handshake file or a code that is not taken; ``cause`` and ``cure`` are for the person who has it."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f"{cause}. {cure}.")
        self.cause, self.cure = cause, cure


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeFile:
    """What the master hands over: never a password or a private key, and no name but those that its person typed."""

    channel: ChannelId
    token: str = field(repr=False)
    name: str
    description: str
    encrypted: bool
    armored: str
    fingerprint: KeyFingerprint
    protocol: str
    address: str
    created: Millis
    expires: Millis


_FILE: Final = Record(
    HandshakeFile,
    (
        Member("channel", "channel", IDENTIFIER),
        Member("token", "token", IDENTIFIER),
        Member("name", "name", NAME),
        Member("description", "description", WORDS),
        Member("encrypted", "encrypted", YES_OR_NO),
        Member("key", "armored", ARMOR),
        Member("fingerprint", "fingerprint", KEY_FINGERPRINT),
        Member("protocol", "protocol", IDENTIFIER),
        Member("address", "address", LINE),
        Member("created", "created", INSTANT),
        Member("expires", "expires", INSTANT),
    ),
)


def bytes_of(file: HandshakeFile) -> bytes:
    """The only form of a file, which is what is signed."""
    plain = {"backbone-handshake": FORMAT, **_FILE.write(file)}
    return json.dumps(plain, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")


def file_from(content: bytes) -> HandshakeFile:
    """The file in what was signed. Raises HandshakeRefused."""
    try:
        plain = json.loads(content.decode("ascii"))
    except (ValueError, RecursionError):
        raise HandshakeRefused("it is no handshake file", _ANOTHER) from None
    if not isinstance(plain, dict) or "backbone-handshake" not in plain:
        raise HandshakeRefused("it is no handshake file", _ANOTHER)
    if plain["backbone-handshake"] != FORMAT:
        cure = "Install the version of this program that the partner has, or a newer one"
        raise HandshakeRefused("it is of a version that is not known here", cure)
    try:
        return _FILE.read(plain)
    except Misfit as misfit:
        raise HandshakeRefused(f"it is damaged: {misfit.place} {misfit.what}", _ANOTHER) from None


_ANOTHER: Final = "Ask the partner for the file once more"


def require_fresh(file: HandshakeFile, now: Millis) -> None:
    """Raises HandshakeRefused for a file that is not valid now."""
    if file.created > now + TOLERATED_AHEAD:
        raise HandshakeRefused("it was written in the future by our clock", "Put both clocks right, then try again")
    if now > file.expires:
        raise HandshakeRefused("it has expired", "Ask the partner for a new one: backbone channel offer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one side receives: by which protocol (``files``, ``mail``), and the address as both sides show it."""

    protocol: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What chance decides when a channel is made: identifiers that nobody can guess."""

    channel: ChannelId
    token: str
    epoch: Epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a person called the synchronization, and whether what travels is encrypted."""

    name: str
    description: str = ""
    encrypted: bool = True


def offered(lot: Lot, named: Named, key: PinnedKey, place: Place, expires: Millis) -> Channel:
    """The master's side, before anybody answered."""
    return Channel(
        id=lot.channel,
        role=Role.FIRST,
        stage=Stage.OFFERED,
        name=named.name,
        description=named.description,
        encrypted=named.encrypted,
        token=lot.token,
        expires=expires,
        our_keys=(key,),
        outgoing=Outgoing(epoch=lot.epoch),
        receives=place.address,
        meeting=Meeting(receives_by=place.protocol),
    )


def file_of(channel: Channel, now: Millis) -> HandshakeFile:
    """The file that offers a channel."""
    key = channel.our_key
    return HandshakeFile(
        channel=channel.id,
        token=channel.token,
        name=channel.name,
        description=channel.description,
        encrypted=channel.encrypted,
        armored=key.armored,
        fingerprint=key.fingerprint,
        protocol=channel.meeting.receives_by,
        address=channel.receives,
        created=now,
        expires=channel.expires,
    )


def accepted(file: HandshakeFile, key: PinnedKey, epoch: Epoch, place: Place, now: Millis) -> Channel:
    """The slave's side, made from a file whose signature was found good. Raises HandshakeRefused."""
    require_fresh(file, now)
    return Channel(
        id=file.channel,
        role=Role.SECOND,
        stage=Stage.ANSWERED,
        name=file.name,
        description=file.description,
        encrypted=file.encrypted,
        token=file.token,
        expires=file.expires,
        our_keys=(key,),
        partner_keys=(PinnedKey(fingerprint=file.fingerprint, armored=file.armored),),
        outgoing=Outgoing(epoch=epoch),
        receives=place.address,
        sends_to=file.address,
        meeting=Meeting(receives_by=place.protocol, sends_by=file.protocol),
    )


def proof_of(token: str, channel: ChannelId, slave: KeyFingerprint, master: KeyFingerprint) -> Digest:
    """What only somebody can say who knows the token, and what is of no use with another key."""
    told = f"backbone handshake answer 1\n{channel}\n{slave}\n{master}\n"
    return Digest(hmac.new(token.encode(), told.encode(), sha256).hexdigest())


def is_proven(channel: Channel, answer: Handshake, slave: KeyFingerprint) -> bool:
    """Whether the answer was made by somebody who has the file that offers this channel."""
    wanted = proof_of(channel.token, channel.id, slave, channel.our_key.fingerprint)
    return hmac.compare_digest(wanted, answer.proof)


def code_of(channel: Channel) -> str | None:
    """What both persons compare by another way, such as the telephone; None while a key is not known.

    Equal codes mean that both sides hold the same two keys and the same token. It has 106 bits: somebody in between
    would have to make that many keys until two different pairs of keys happen to show one code.
    """
    keys = first_keys(channel)
    if keys is None:
        return None
    first, second = keys if channel.role is Role.FIRST else reversed(keys)
    told = f"backbone handshake code 1\n{channel.id}\n{channel.token}\n{first}\n{second}\n"
    number = int.from_bytes(sha256(told.encode()).digest(), "big") % 10 ** (_GROUPS * _DIGITS)
    digits = f"{number:0{_GROUPS * _DIGITS}d}"
    return " ".join(digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS))


def first_keys(channel: Channel) -> tuple[KeyFingerprint, KeyFingerprint] | None:
    """Our key and the partner's by which the newest handshake was made."""
    if not channel.partner_keys:
        return None
    return channel.our_keys[0].fingerprint, channel.partner_keys[0].fingerprint


def confirm(channel: Channel, code: str) -> Channel:
    """A person of this side compared the code with the partner's and typed it. Raises HandshakeRefused."""
    own = code_of(channel)
    if channel.stage is Stage.SUSPENDED:
        raise HandshakeRefused("two answers came to the handshake file", "Begin anew: backbone channel offer --anew")
    if own is None:
        raise HandshakeRefused("the partner has not answered yet", "Wait until both keys are known")
    typed, expected = "".join(code.split()).replace("-", ""), own.replace(" ", "")
    if len(typed) != len(expected):
        cause = f"the code has {len(expected)} digits, and {len(typed)} were typed"
        raise HandshakeRefused(cause, "Type all of its groups")
    if typed != expected:
        cure = "Compare both once more; if the two sides show different codes, somebody is in between: begin anew"
        raise HandshakeRefused("this is not the code of this synchronization", cure)
    return replace(channel, confirmed=True)


def is_trusted(channel: Channel) -> bool:
    """Whether both know each other and a person of this side compared the code: before that nothing else counts."""
    return channel.stage is Stage.KNOWN and channel.confirmed


def is_open(channel: Channel) -> bool:
    """Whether more than the handshake may pass, from our side's view."""
    return is_trusted(channel) and not channel.departed


def may_pass(channel: Channel, body: Body) -> bool:
    """Whether a body may be sent, or used when it comes: before a person confirmed, only what makes both known."""
    return is_open(channel) or isinstance(body, Handshake | Ping | Suspended)


def awaits_answer(channel: Channel, now: Millis) -> bool:
    """Whether an answer to the handshake file may come, by whoever has it; one that is late is told as such.

    Of a partner that is known none is looked for any more once the file has expired.
    """
    if channel.role is not Role.FIRST or channel.departed:
        return False
    return channel.stage is not Stage.KNOWN or now <= channel.expires


def answer_of(channel: Channel, now: Millis) -> Handshake:
    """What a slave says first."""
    ours, master = channel.our_key, channel.partner_key.fingerprint
    return Handshake(
        armored=ours.armored,
        proof=proof_of(channel.token, channel.id, ours.fingerprint, master),
        protocol=channel.meeting.receives_by,
        address=channel.receives,
        clock=now,
    )


def greetings(channel: Channel, now: Millis) -> tuple[Handshake | Ping | Suspended, ...]:
    """What has to be said so that both know each other: said again, ever more seldom, until it is answered.

    Nobody answers that the handshake is suspended, which is said a few times.
    """
    if channel.departed or now < max(next_greeting(channel), channel.sending.again):
        return ()
    match channel.stage:
        case Stage.ANSWERED:
            return (answer_of(channel, now),)
        case Stage.PINGED:
            return (Ping(clock=now, answers=False),)
        case Stage.KNOWN if channel.meeting.ping_wanted:
            return (Ping(clock=now, answers=False),)
        case Stage.SUSPENDED if channel.role is Role.FIRST and channel.meeting.greetings < _WARNINGS:
            return (Suspended(),)
        case Stage.OFFERED | Stage.KNOWN | Stage.SUSPENDED:
            return ()


def asked_for_ping(channel: Channel) -> Channel:
    """A person wants a sign of life: a ping leaves at once."""
    return replace(channel, meeting=replace(channel.meeting, ping_wanted=True))


def next_greeting(channel: Channel) -> Millis:
    """When :func:`greetings` has something to say again: when a person asks, after a minute, after two, at last six hours."""
    meeting = channel.meeting
    if meeting.ping_wanted or not meeting.greetings:
        return Millis(0)
    return Millis(meeting.greeted + doubled(_PATIENCE, meeting.greetings - 1, _LONGEST_PATIENCE))


def greeted(channel: Channel, now: Millis) -> Channel:
    """A greeting was handed over."""
    meeting = channel.meeting
    asked = meeting.asked if meeting.greetings else now
    told = replace(meeting, greeted=now, asked=asked, greetings=meeting.greetings + 1, ping_wanted=False)
    return replace(channel, meeting=told)


def ungreeted(channel: Channel, body: Handshake | Ping | Suspended) -> Channel:
    """The greeting could not be handed over: it counts for nothing, and a ping that a person wanted is still wanted."""
    if isinstance(body, Ping) and body.answers:
        return channel
    meeting = channel.meeting
    wanted = meeting.ping_wanted or (isinstance(body, Ping) and channel.stage is Stage.KNOWN)
    counted = max(meeting.greetings - 1, 0)
    return replace(channel, meeting=replace(meeting, greeted=Millis(0), greetings=counted, ping_wanted=wanted))


def offered_anew(channel: Channel, token: str, key: PinnedKey, expires: Millis) -> Channel:
    """The master begins the handshake from the start: another token, another key, nobody known.

    What both agreed and what waits stays; what was sealed under the former keys is told anew once both have compared.
    """
    return replace(
        channel,
        stage=Stage.OFFERED,
        token=token,
        expires=expires,
        our_keys=(key,),
        partner_keys=(),
        confirmed=False,
        departed=False,
        incarnation=_EARLIER_LIFE,
        meeting=Meeting(receives_by=channel.meeting.receives_by),
    )


def accepted_anew(channel: Channel, file: HandshakeFile, key: PinnedKey, now: Millis) -> Channel:
    """The slave takes a new handshake file for a channel that it has. Raises HandshakeRefused."""
    if file.channel != channel.id or channel.role is not Role.SECOND:
        raise HandshakeRefused("it belongs to another synchronization", "Check which file this is")
    if was_answered(channel, file):
        raise HandshakeRefused("it was used already", "Ask the partner for a new one: backbone channel offer --anew")
    if channel.encrypted and not file.encrypted:
        raise HandshakeRefused("it would end the encryption", "Ask the partner to offer an encrypted channel")
    place = Place(protocol=channel.meeting.receives_by, address=channel.receives)
    fresh = accepted(file, key, channel.outgoing.epoch, place, now)
    return replace(
        channel,
        stage=fresh.stage,
        token=fresh.token,
        expires=fresh.expires,
        our_keys=fresh.our_keys,
        partner_keys=fresh.partner_keys,
        confirmed=False,
        used=(*channel.used, _digest_of_token(channel.token)),
        departed=False,
        incarnation=_EARLIER_LIFE,
        encrypted=fresh.encrypted,
        sends_to=fresh.sends_to,
        meeting=fresh.meeting,
    )


def was_answered(channel: Channel, file: HandshakeFile) -> bool:
    """Whether this is the file that the channel was made from, or one before."""
    return file.token == channel.token or _digest_of_token(file.token) in channel.used


def _digest_of_token(token: str) -> Digest:
    return Digest(sha256(token.encode()).hexdigest())
