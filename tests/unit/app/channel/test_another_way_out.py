"""What is under way goes again by another way out at once, not when its pause is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from backbone.app.channel.following import follow
from backbone.app.channel.settings import document_of
from backbone.app.declaration.channel import ChannelPart
from backbone.core.protocol.channel import UnderWay
from backbone.core.protocol.conversing import PartnerMoved
from backbone.core.protocol.delivering import due
from backbone.core.protocol.parcels import Digest
from backbone.ports.channels import StoredChannel
from tests.parts.two_installations import Installation, TwoInstallations, office_of
from tests.unit.app.channel.test_following import FILES, MAIL


async def sent(one: Installation, part: object) -> StoredChannel:
    """With a parcel that was sent a moment ago."""
    async with one.world.store.unit() as uow:
        stored = replace(await one.stored(uow), transports=document_of(ChannelPart.model_validate(part), Path("/")))
    channel = stored.channel
    keys = (channel.our_key.fingerprint, channel.partner_key.fingerprint)
    parcel = UnderWay(number=1, octets=9, head=Digest("d"), keys=keys, sent=one.world.system.now(), attempts=7)
    return replace(stored, channel=replace(channel, outgoing=replace(channel.outgoing, last=1, under_way=(parcel,))))


async def edited(one: Installation, stored: StoredChannel, part: object) -> StoredChannel:
    office = office_of(one)
    async with one.world.store.unit() as uow:
        known = await uow.synchronizations.get(one.half.synchronization)
        assert known is not None
        return await office.edit(uow, known, stored, ChannelPart.model_validate(part))


async def test_another_directory_is_another_way_out_and_the_same_is_not() -> None:
    one = TwoInstallations().first
    stored, now = await sent(one, FILES), one.world.system.now()
    other = await edited(one, stored, {**FILES, "send": {"directory": "/x/other"}})
    assert due(other.channel.outgoing, now) == [1]
    assert due((await edited(one, stored, FILES)).channel.outgoing, now) == []


async def test_mails_to_a_partner_that_moved_go_again() -> None:
    one = TwoInstallations().first
    stored, now = await sent(one, MAIL), one.world.system.now()
    async with one.world.store.unit() as uow:
        told = PartnerMoved(protocol="mail", address="new@b.test", by_itself=True)
        moved = await follow(uow, stored, (told,), now)
    assert due(moved.channel.outgoing, now) == [1]
