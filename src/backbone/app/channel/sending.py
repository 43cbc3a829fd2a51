"""Sending: sealed parcels that are due go out, and so does what is worth saying only now."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from backbone.app.channel.desk import Desk
from backbone.app.channel.greeting import seal_answer
from backbone.app.channel.host import ChannelHost, Means
from backbone.app.channel.packing import pack
from backbone.app.channel.saying import passing_parcel
from backbone.app.channel.troubles import SENDING, outage_over, over, tell_of_outage, trouble
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.core.model.problems import Code, Problem
from backbone.core.protocol.channel import Channel, Outage, PinnedKey
from backbone.core.protocol.collecting import acknowledged, acknowledgement, acknowledgement_due
from backbone.core.protocol.delivering import DAY, beaten, due, failed, handed_over, pulse_due, put_off, unanswered
from backbone.core.protocol.handshake import is_trusted, ungreeted
from backbone.core.protocol.parcels import Handshake, Heartbeat, KeyFingerprint, Passing, Ping, Restored, Suspended
from backbone.core.protocol.sizing import shrunk
from backbone.ports.cipher import CipherError
from backbone.ports.store import UnitOfWork
from backbone.ports.transport import TooLargeToSend, TransportError

log = structlog.get_logger()

TOGETHER = 10
"""Parcels after which it is noted that they were sent; after a crash so many may go twice."""
SILENCE = Millis(3 * DAY)
"""So long a partner may be silent that says once a day that it is there."""


@dataclass(slots=True, kw_only=True)
class _Tried:
    """Numbers that went out, those that are too large with the words of the refusal, and what ended it."""

    gone: list[int] = field(default_factory=list)
    large: dict[int, TooLargeToSend] = field(default_factory=dict)
    error: TransportError | None = None


async def send(desk: Desk) -> None:
    """Hand over what is due. A parcel that is too large holds none of the others, and no acknowledgement."""
    channel = desk.channel
    if desk.now() < channel.sending.again or channel.restoring is not None or not is_trusted(channel):
        return
    for numbers in _portions(due(channel.outgoing, desk.now())):
        tried = await _send_all(desk, channel, numbers)
        await _note(desk, tried)
        if tried.error is not None:
            return
    await _tell_of_silence(desk)


def _portions(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), TOGETHER):
        yield numbers[start : start + TOGETHER]


async def _send_all(desk: Desk, channel: Channel, numbers: Sequence[int]) -> _Tried:
    tried = _Tried()
    for number in numbers:
        try:
            await send_numbered(desk.host, desk.means, desk.key, channel, number)
        except TooLargeToSend as refused:
            tried.large[number] = refused
        except TransportError as error:
            tried.error = error
            return tried
        else:
            tried.gone.append(number)
    return tried


async def send_numbered(
    host: ChannelHost, means: Means, key: SynchronizationKey, channel: Channel, number: int
) -> None:
    """Send what was sealed under a number and is under way. Raises TransportError."""
    async with host.engine.store.unit() as uow:
        stored = await uow.sent.numbered(key, channel.outgoing.epoch, number)
    if stored is None or not stored.plaintext:
        log.error("parcel-forgotten", channel=key, number=number)
        return
    keys = next(one.keys for one in channel.outgoing.under_way if one.number == number)
    await hand_over(host, means, channel, stored.plaintext, keys)


async def hand_over(
    host: ChannelHost, means: Means, channel: Channel, plaintext: bytes, keys: tuple[KeyFingerprint, KeyFingerprint]
) -> None:
    """Sign, encrypt and send a plaintext that names these keys. Raises TransportError."""
    ours, theirs = keys
    recipient = _armored(channel.partner_keys, theirs) if channel.encrypted else None
    await means.sender.send(await _sealed(host.cipher.seal(plaintext, means.secrets[ours], recipient)))


async def _sealed(sealing: Awaitable[bytes]) -> bytes:
    """What is sealed now. Keys of people expire: that is told like a way out that does not work."""
    try:
        return await sealing
    except CipherError as error:
        raise TransportError(f"nothing can be sealed: {error}") from error


def _armored(keys: Sequence[PinnedKey], fingerprint: KeyFingerprint) -> str:
    """The key of that name; where the partner gave it up, its newest one, which proves as much."""
    return next((one.armored for one in keys if one.fingerprint == fingerprint), keys[-1].armored)


async def _note(desk: Desk, tried: _Tried) -> None:
    now = desk.now()
    async with desk.unit() as (uow, stored):
        channel = stored.channel
        await uow.sent.handed_over(desk.key, channel.outgoing.epoch, tried.gone, now)
        outgoing = put_off(handed_over(channel.outgoing, tried.gone, now), tuple(tried.large), now)
        channel = replace(channel, outgoing=outgoing)
        if tried.error is None:
            channel = await _works(desk, uow, channel)
        else:
            channel = await _failed(desk, uow, channel, tried.error)
        if tried.large:
            words = next(iter(tried.large.values())).words
            await uow.problems.report(trouble(Code.PARCEL_TOO_LARGE, desk.connector, words), now)
            channel = shrunk(channel, _smaller(channel, tried.large), now)
        await desk.commit(uow, replace(stored, channel=channel))


async def _works(desk: Desk, uow: UnitOfWork, channel: Channel) -> Channel:
    if channel.sending.failures:
        await outage_over(uow, desk.connector, SENDING)
        await over(uow, Code.PARCEL_TOO_LARGE, desk.connector)
    return replace(channel, sending=Outage())


async def _failed(desk: Desk, uow: UnitOfWork, channel: Channel, error: TransportError) -> Channel:
    outage = failed(channel.sending, desk.now())
    if isinstance(error, TooLargeToSend):  # of what has no number, and is said anew
        await uow.problems.report(trouble(Code.PARCEL_TOO_LARGE, desk.connector, error.words), desk.now())
        return shrunk(replace(channel, sending=outage), channel.largest // 2, desk.now())
    await tell_of_outage(uow, desk.connector, SENDING, error, outage, now=desk.now())
    return replace(channel, sending=outage)


def _smaller(channel: Channel, numbers: Collection[int]) -> int:
    """Bytes of a sealed parcel: half of the smallest of these, however often they are refused."""
    refused = min(one.octets for one in channel.outgoing.under_way if one.number in numbers)
    return refused * 5 // 7  # sealed, it has 10 bytes for each 7


async def _tell_of_silence(desk: Desk) -> None:
    """Parcels that are not answered, and a partner of which nothing is heard."""
    now = desk.now()
    found = _silence(desk, desk.channel, now)
    if found is None:
        return
    async with desk.unit() as (uow, stored):
        if await uow.problems.find(found.identity) is None:
            await uow.problems.report(found, now)
            await desk.commit(uow, stored)


def _silence(desk: Desk, channel: Channel, now: Millis) -> Problem | None:
    if channel.heard and now > channel.heard + SILENCE and not channel.departed:
        cause = f"nothing was heard of the partner for {(now - channel.heard) // DAY} days"
        return trouble(Code.PARTNER_SILENT, desk.connector, cause)
    if unanswered(channel.outgoing):
        cause = "parcels were sent three times more and are not acknowledged"
        return trouble(Code.PARCELS_UNANSWERED, desk.connector, cause)
    return None


# --- worth saying only now --------------------------------------------------------------------------------------------


async def pass_on(host: ChannelHost, means: Means, channel: Channel, bodies: Sequence[Passing]) -> None:
    """Say these once; they may get lost. Raises TransportError."""
    for body in bodies:
        parcel = passing_parcel(channel, body)
        keys = (parcel.header.sender_key, parcel.header.recipient_key)
        if isinstance(body, Handshake):
            sealing = seal_answer(host.cipher, channel, pack(parcel), means.secrets[keys[0]])
            await means.sender.send(await _sealed(sealing))
            continue
        await hand_over(host, means, channel, pack(parcel), keys)


async def say_now(desk: Desk, *, held_back: bool) -> None:
    """Answer what was asked, acknowledge what came, and show that we are there."""
    channel, now = desk.channel, desk.now()
    if not channel.partner_keys or now < channel.sending.again:
        return
    bodies = list(desk.passing)
    desk.passing.clear()
    told = acknowledgement(channel.incoming, now) if acknowledgement_due(channel.incoming, now) else None
    alive = is_trusted(channel) and channel.restoring is None
    if alive and told is not None:
        bodies.append(told)
    beats = alive and not channel.departed
    beats = beats and pulse_due(channel.outgoing, channel.pulse, channel.heard, held_back=held_back, now=now)
    if beats:
        bodies.append(Heartbeat(last=channel.outgoing.last))
    if not bodies:
        return
    try:
        await pass_on(desk.host, desk.means, channel, bodies)
    except TransportError as error:
        await _note(desk, _Tried(error=error))
        if not isinstance(error, TooLargeToSend):
            await desk.change(partial(_unsaid, bodies))
        return
    if channel.sending.failures:
        await _note(desk, _Tried())
    await desk.change(lambda channel: _said(channel, desk.now(), told=alive and told is not None, beats=beats))


def _unsaid(bodies: Sequence[Passing], channel: Channel) -> Channel:
    """What did not get out for want of a way was no try: it is said again as soon as there is one."""
    for body in bodies:
        if isinstance(body, Handshake | Ping | Suspended):
            channel = ungreeted(channel, body)
    if any(isinstance(body, Restored) for body in bodies):
        pulse = replace(channel.pulse, silent=max(channel.pulse.silent - 1, 0))
        channel = replace(channel, listed=Millis(0), pulse=pulse)
    return channel


def _said(channel: Channel, now: Millis, *, told: bool, beats: bool) -> Channel:
    if told:
        channel = replace(channel, incoming=acknowledged(channel.incoming, now))
    return replace(channel, pulse=beaten(channel.pulse, now)) if beats else channel
