"""Saying something that must not get lost: it gets its number, and its plaintext is stored for ever as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backbone.app.channel.packing import pack
from backbone.core.model.keys import Millis, PairUid
from backbone.core.protocol.chain import digest_of
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.delivering import sealed, stirred
from backbone.core.protocol.parcels import Body, Header, Messages, Numbered, Parcel
from backbone.ports.channels import SentParcel, StoredChannel
from backbone.ports.store import UnitOfWork


async def say(uow: UnitOfWork, stored: StoredChannel, bodies: Sequence[Numbered], now: Millis) -> StoredChannel:
    """Number and store these in the caller's unit of work; the channel has to be saved in it, too.

    They leave at the next step of the channel. Messages have to name what each of their pairs follows. Raises
    Unwritable.
    """
    for body in bodies:
        parcel = Parcel(header=header_of(stored.channel, stored.channel.outgoing.last + 1), body=body)
        stored = await keep(uow, stored, parcel, pack(parcel), now)
    return stored


async def keep(uow: UnitOfWork, stored: StoredChannel, parcel: Parcel, plaintext: bytes, now: Millis) -> StoredChannel:
    """Store a parcel that has the next number."""
    header = parcel.header
    assert header.number is not None
    digest = digest_of(plaintext)
    channel = stored.channel
    outgoing = sealed(channel.outgoing, header, digest, len(plaintext))
    await uow.sent.put(
        SentParcel(
            synchronization=stored.synchronization,
            epoch=header.epoch,
            number=header.number,
            digest=digest,
            head=outgoing.head,
            sealed=now,
            plaintext=plaintext,
        )
    )
    if isinstance(parcel.body, Messages):
        pairs = [one.pair for one in parcel.body.messages]
        await uow.sent.occurs(stored.synchronization, header.epoch, header.number, pairs)
    return replace(stored, channel=replace(channel, outgoing=outgoing, pulse=stirred(channel.pulse)))


def header_of(channel: Channel, number: int | None) -> Header:
    """The header of a parcel that is said now."""
    agreed = channel.agreement.agreed
    header = Header(
        channel=channel.id,
        sender=channel.role,
        sender_key=channel.our_key.fingerprint,
        recipient_key=channel.partner_key.fingerprint,
        epoch=channel.outgoing.epoch,
        number=number,
    )
    return header if agreed is None else replace(header, revision=agreed.revision, exchange=agreed.digest)


def passing_parcel(channel: Channel, body: Body) -> Parcel:
    """What is worth saying only now."""
    return Parcel(header=header_of(channel, None), body=body)


async def followed(uow: UnitOfWork, stored: StoredChannel, pairs: Sequence[PairUid]) -> Mapping[PairUid, int]:
    """The number of the parcel that mentioned each pair last; those that none did are left out."""
    return await uow.sent.last_of(stored.synchronization, stored.channel.outgoing.epoch, pairs)
