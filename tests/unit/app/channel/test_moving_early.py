"""A side that receives elsewhere before its partner may be told so tells it as soon as it may."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from backbone.app.channel.conversation import Conversation
from backbone.app.channel.packing import unpack
from backbone.app.channel.settings import document_of, with_former
from backbone.app.declaration.channel import ChannelPart, ReceivePart, SendPart
from backbone.core.model.keys import Role
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.handshake import code_of, confirm
from backbone.core.protocol.parcels import AddressChanged, Body
from tests.fakes.cipher import PlainCipher
from tests.fakes.meeting import Both
from tests.parts.two_installations import Installation, TwoInstallations

PART = ChannelPart(send=SendPart(directory="/x/out"), receive=ReceivePart(directory="/x/new"))


async def said(one: Installation) -> list[Body]:
    """All that was ever said under a number, after the conversation said what is due."""
    async with one.world.store.unit() as uow:
        stored = await one.stored(uow)
        heard = await Conversation(cipher=PlainCipher()).due(uow, stored, one.world.system.now())
        await uow.channels.save(stored if heard is None else heard.stored)
        await uow.commit()
    return [unpack(parcel.plaintext).body for parcel, _ in one.world.store.tables.sent.values()]


async def moved(one: Installation) -> None:
    """An administrator names another place, while nothing but the handshake may pass."""
    async with one.world.store.unit() as uow:
        stored = await one.stored(uow)
        meeting = replace(stored.channel.meeting, receives_by="mail")
        channel = replace(stored.channel, confirmed=False, receives="new@a.test", meeting=meeting)
        stored = replace(stored, channel=channel, transports=document_of(PART, Path("/")))
        await uow.channels.save(with_former(stored, ReceivePart(directory="/x/old")))
        await uow.commit()


def confirmed(channel: Channel) -> Channel:
    return confirm(channel, code_of(channel) or "")


async def test_the_partner_is_told_once_as_soon_as_the_code_is_confirmed() -> None:
    one = TwoInstallations().first
    await moved(one)
    assert await said(one) == []
    await one.change(confirmed)
    told = AddressChanged(protocol="mail", address="new@a.test")
    assert await said(one) == [told]
    assert await said(one) == [told]


def test_a_partner_that_tells_the_address_that_is_known_has_not_moved() -> None:
    both = Both().meet().confirm()
    told = AddressChanged(protocol="mail", address="a@a.test")
    assert both.tell(Role.SECOND, told).events == ()
    assert len(both.tell(Role.SECOND, AddressChanged(protocol="mail", address="new@a.test")).events) == 1
