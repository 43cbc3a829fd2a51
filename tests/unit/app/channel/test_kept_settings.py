"""What is stored of the part of a file that describes a channel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from backbone.app.channel.settings import document_of, part_of
from backbone.app.declaration.channel import ChannelPart, ReceivePart, SendPart
from backbone.ports.cipher import KeyKind
from tests.parts.two_installations import TwoInstallations


async def test_a_later_handshake_makes_the_kind_of_key_that_the_file_wants() -> None:
    part = ChannelPart(
        send=SendPart(directory="/x/out"), receive=ReceivePart(directory="/x/in"), key_kind=KeyKind.RSA_3072
    )
    one = TwoInstallations().first
    async with one.world.store.unit() as uow:
        stored = replace(await one.stored(uow), transports=document_of(part, Path("/")))
    assert part_of(stored).key_kind is KeyKind.RSA_3072
