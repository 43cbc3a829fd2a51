"""Receiving: what came is opened, checked and stored before it is confirmed, and used as soon as its turn has come.

A parcel is stored in one transaction and used in another: what was stored waits until it is used, in the very
transaction in which that is noted. A crash anywhere has a parcel come again, which is a repeat.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import cast

import structlog

from backbone.app.channel.desk import Desk
from backbone.app.channel.opening import Refusal, Understood, understand
from backbone.app.channel.refusing import (
    keep_for_another_try,
    keep_until_confirmed,
    refuse,
    tell_of_bounces,
    to_try_again,
    tried_again,
)
from backbone.app.channel.restoring import diverged, hear_restored
from backbone.app.channel.troubles import RECEIVING, outage_over, over, tell_of_outage, trouble
from backbone.app.engine.guarded import guarded_answer
from backbone.core.model.problems import Code
from backbone.core.protocol.channel import Channel, Outage, Outgoing, Proof
from backbone.core.protocol.checking import Objection
from backbone.core.protocol.collecting import Verdict, has_room, heard_of, judge, owing, took
from backbone.core.protocol.delivering import Diverged, acknowledged, answered, failed, is_put_off, stirred
from backbone.core.protocol.handshake import is_trusted
from backbone.core.protocol.parcels import (
    Acknowledgement,
    Handshake,
    Header,
    Heartbeat,
    Numbered,
    Ping,
    Restored,
    Suspended,
)
from backbone.core.protocol.renewing import noted, noted_last
from backbone.ports.channels import ReceivedParcel
from backbone.ports.store import UnitOfWork
from backbone.ports.transport import Batch, TransportError

log = structlog.get_logger()

ROUNDS = 20
"""Batches that are taken in one step, so that others get their turn."""
PARCELS = 50
OCTETS = 16_000_000
_AWAITED = "parcels came that name a configuration which is not agreed here, and more of them than can be kept"


async def collect(desk: Desk) -> None:
    """Take in what came."""
    for _ in range(ROUNDS):
        batch = await _receive(desk)
        if batch is None:
            return
        for arrival in batch.arrivals:
            if await _took_in(desk, arrival.parcel) is None:
                await keep_for_another_try(desk, arrival.parcel)
        await tell_of_bounces(desk, batch.notices)
        if batch.memory != desk.channel.memory:
            await desk.change(partial(_remembering, batch.memory))
        await _confirm(desk, batch)
        if not batch.more:
            return


async def _receive(desk: Desk) -> Batch | None:
    channel = desk.channel
    if not desk.means.look or desk.now() < channel.receiving.again:
        return None
    try:
        batch = await desk.means.receiver.receive(channel.memory, parcels=PARCELS, octets=OCTETS)
    except TransportError as error:
        async with desk.unit() as (uow, stored):
            outage = failed(stored.channel.receiving, desk.now())
            await tell_of_outage(uow, desk.connector, RECEIVING, error, outage, now=desk.now())
            await desk.commit(uow, replace(stored, channel=replace(stored.channel, receiving=outage)))
        return None
    if channel.receiving.failures:
        async with desk.unit() as (uow, stored):
            await outage_over(uow, desk.connector, RECEIVING)
            await desk.commit(uow, replace(stored, channel=replace(stored.channel, receiving=Outage())))
    return batch


def _remembering(memory: str, channel: Channel) -> Channel:
    return replace(channel, memory=memory)


async def _confirm(desk: Desk, batch: Batch) -> None:
    if not batch.arrivals:
        return
    try:
        await desk.means.receiver.confirm(tuple(one.handle for one in batch.arrivals))
    except TransportError:
        log.info("parcels-not-removed", channel=desk.key, parcels=len(batch.arrivals))


async def _took_in(desk: Desk, sealed: bytes, *, again: bool = False) -> bool | None:
    """What :func:`take_in` says, or None where a defect of ours ended it."""
    return await guarded_answer(desk.host.engine, desk.connector, partial(take_in, desk, sealed, again=again))


async def take_in(desk: Desk, sealed: bytes, *, again: bool = False) -> bool:
    """Use what came, or keep it where it can't be used; whether it was a parcel of the partner's.

    ``again`` tells that it was refused before.
    """
    channel = desk.channel
    try:
        found = await understand(desk.host.cipher, channel, desk.means.secrets, sealed)
    except Refusal as refusal:
        if refusal.stranger and await _stranger(desk, sealed):
            return True
        await refuse(desk, sealed, refusal, again=again)
        return False
    await _hear(desk, channel, found, sealed)
    return True


async def _stranger(desk: Desk, sealed: bytes) -> bool:
    async with desk.unit() as (uow, stored):
        heard = await desk.host.effects.stranger(uow, stored, desk.means, sealed, desk.now())
        if heard is None:
            return False
        await desk.commit(uow, heard.stored)
    desk.passing.extend(heard.passing)
    return True


async def _hear(desk: Desk, channel: Channel, found: Understood, sealed: bytes) -> None:
    """What the partner said is used if it may be said now and in this epoch."""
    if found.objection is Objection.FORMER_EPOCH:
        log.info("parcel-of-former-epoch", channel=desk.key)
        return
    body = found.parcel.body
    match body:
        case Handshake() | Ping() | Suspended():
            await _converse(desk, found)
        case Restored():
            if is_trusted(channel):
                await hear_restored(desk, found.parcel.header, body)
        case _ if not channel.confirmed:
            await keep_until_confirmed(desk, sealed)
        case _ if found.objection is not None or not may_be_heard(channel):
            log.info("parcel-out-of-place", channel=desk.key)
        case Acknowledgement():
            await _hear_acknowledgement(desk, found, body, sealed)
        case Heartbeat():
            await desk.change(lambda channel: _beat(_heard(channel, found, desk), found.parcel.header, body, desk))
        case _:
            await _store(desk, found)


async def try_refused_again(desk: Desk) -> None:
    """Parcels whose signature did not hold may have come from a clock that is ahead of ours."""
    waiting = await to_try_again(desk)
    if waiting:
        used = [one for one in waiting if await _took_in(desk, one.raw, again=True)]
        await tried_again(desk, [one.digest for one in used], left=len(used) < len(waiting))


def may_be_heard(channel: Channel) -> bool:
    """Whether the partner's epoch is the present one, where that matters."""
    return is_trusted(channel) and (channel.restoring is None or channel.incoming.epoch is not None)


def _heard(channel: Channel, found: Understood, desk: Desk) -> Channel:
    """The partner is there; its epoch is that of the first thing that it says."""
    incoming = channel.incoming
    if incoming.epoch is None:
        incoming = replace(incoming, epoch=found.parcel.header.epoch)
    return replace(channel, heard=desk.now(), pulse=answered(channel.pulse), incoming=incoming)


def _beat(channel: Channel, header: Header, body: Heartbeat, desk: Desk) -> Channel:
    known = replace(channel, incoming=heard_of(channel.incoming, body.last, desk.now()))
    return noted_last(known, header, body.last)


async def _converse(desk: Desk, found: Understood) -> None:
    async with desk.unit() as (uow, stored):
        known = replace(stored, channel=_heard(stored.channel, found, desk))
        heard = await desk.host.effects.conversed(uow, known, found.parcel, desk.now())
        await desk.commit(uow, heard.stored)
    desk.passing.extend(heard.passing)


async def _hear_acknowledgement(desk: Desk, found: Understood, told: Acknowledgement, sealed: bytes) -> None:
    async with desk.unit() as (uow, stored):
        channel = _heard(stored.channel, found, desk)
        outgoing = acknowledged(channel.outgoing, told, channel.pulse.at, desk.now())
        if isinstance(outgoing, Diverged):
            await desk.commit(uow, await diverged(desk, uow, replace(stored, channel=channel), outgoing.why))
            return
        if told.epoch == outgoing.epoch and told.contiguous >= outgoing.acknowledged:
            channel = replace(channel, proof=_proof(found, told, sealed, desk))
        await over(uow, Code.PARTNER_SILENT, desk.connector)
        if outgoing.acknowledged > channel.outgoing.acknowledged:
            await _arrived(desk, uow, outgoing)
        await desk.commit(uow, replace(stored, channel=replace(channel, outgoing=outgoing)))


async def _arrived(desk: Desk, uow: UnitOfWork, outgoing: Outgoing) -> None:
    """The partner has more of our parcels: what held them is over, and what came back got there since."""
    await over(uow, Code.PARCELS_UNANSWERED, desk.connector)
    if not any(is_put_off(one) for one in outgoing.under_way):
        await over(uow, Code.PARCEL_TOO_LARGE, desk.connector)
    if not outgoing.under_way:
        await over(uow, Code.MAIL_RETURNED, desk.connector)


def _proof(found: Understood, told: Acknowledgement, sealed: bytes, desk: Desk) -> Proof:
    text, header = sealed.decode("ascii", errors="replace"), found.parcel.header
    return Proof(
        epoch=told.epoch,
        contiguous=told.contiguous,
        head=told.head,
        at=desk.now(),
        sealed=text,
        keys=(header.sender_key, header.recipient_key),
    )


async def _store(desk: Desk, found: Understood) -> None:
    """A numbered parcel is stored, and waits until its turn has come."""
    header, body = found.parcel.header, cast("Numbered", found.parcel.body)
    assert header.number is not None
    now = desk.now()
    async with desk.unit() as (uow, stored):
        channel = _heard(stored.channel, found, desk)
        incoming = channel.incoming
        known = await uow.received.digest_of(desk.key, header.epoch, header.number)
        match judge(incoming, header.number, found.digest, known):
            case Verdict.NEW if not has_room(incoming, channel.agreement, header, body):
                incoming = heard_of(incoming, header.number, now)
                await uow.problems.report(trouble(Code.CONFIGURATION_AWAITED, desk.connector, _AWAITED), now)
            case Verdict.NEW:
                incoming = took(incoming, header, found.digest, body, now, octets=len(found.plaintext))
                channel = noted(replace(channel, pulse=stirred(channel.pulse), incoming=incoming), header)
                await uow.received.put(_received(desk, found))
            case Verdict.REPEAT:
                incoming = owing(incoming, now)
            case Verdict.TOO_FAR:
                incoming = heard_of(incoming, header.number, now)
            case Verdict.CONFLICT:
                why = "the partner gave one number to two parcels"
                await desk.commit(uow, await diverged(desk, uow, replace(stored, channel=channel), why))
                return
        await desk.commit(uow, replace(stored, channel=replace(channel, incoming=incoming)))


def _received(desk: Desk, found: Understood) -> ReceivedParcel:
    header = found.parcel.header
    assert header.number is not None
    return ReceivedParcel(
        synchronization=desk.key,
        epoch=header.epoch,
        number=header.number,
        digest=found.digest,
        received=desk.now(),
        plaintext=found.plaintext,
        held=True,
    )
