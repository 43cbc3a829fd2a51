"""What a person is told of a partner, and what happens without anybody's doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from backbone.app.channel.following import follow
from backbone.app.channel.settings import document_of, part_of
from backbone.app.declaration.channel import ChannelPart
from backbone.core.model.problems import Code
from backbone.core.protocol.conversing import (
    ClocksCompared,
    Departed,
    Event,
    Met,
    PartnerMoved,
    PassedOver,
    PingAnswered,
    TwoAnswers,
)
from backbone.ports.channels import StoredChannel
from tests.parts.two_installations import Installation, TwoInstallations

LOGIN = {"server": "mail.test", "user": "a", "password": {"env": "A"}}
MAIL = {"send": {**LOGIN, "to": "old@b.test"}, "receive": {**LOGIN, "protocol": "imap", "address": "a@a.test"}}
FILES = {"send": {"directory": "/x/out"}, "receive": {"directory": "/x/in"}}


async def after(one: Installation, *events: Event, part: object = FILES) -> StoredChannel:
    async with one.world.store.unit() as uow:
        stored = replace(await one.stored(uow), transports=document_of(ChannelPart.model_validate(part), Path("/")))
        stored = await follow(uow, stored, events, one.world.system.now())
        await uow.channels.save(stored)
        await uow.commit()
    return stored


def first() -> Installation:
    return TwoInstallations().first


@pytest.mark.parametrize(
    ("event", "codes"),
    [
        (TwoAnswers(), [Code.HANDSHAKE_SUSPENDED]),
        (PassedOver(why="a new key came without a proof", grave=True), [Code.PARTNER_DOUBTFUL]),
        (PassedOver(why="an older publication"), []),
        (ClocksCompared(ahead=11 * 60_000), [Code.PARTNER_CLOCK]),
        (ClocksCompared(ahead=-11 * 60_000), [Code.PARTNER_CLOCK]),
        (ClocksCompared(ahead=9 * 60_000), []),
        (PartnerMoved(protocol="mail", address="b@b.test", by_itself=False), [Code.PARTNER_MOVED]),
        (PartnerMoved(protocol="files", address="", by_itself=False), []),
        (Departed(), [Code.PARTNER_LEFT]),
        (Met(), []),
        (PingAnswered(), []),
    ],
)
async def test_a_person_is_told_what_a_person_has_to_act_on(event: Event, codes: Sequence[Code]) -> None:
    one = first()
    await after(one, event)
    assert one.problems == codes


async def test_clocks_that_agree_again_end_the_problem() -> None:
    one = first()
    await after(one, ClocksCompared(ahead=20 * 60_000))
    await after(one, ClocksCompared(ahead=0))
    assert one.problems == []


async def test_a_partner_that_left_stops_this_half() -> None:
    one = first()
    await after(one, Departed())
    async with one.world.store.unit() as uow:
        known = await uow.synchronizations.get(one.half.synchronization)
    assert known is not None
    assert known.wanted_running is False


async def test_mails_follow_a_partner_that_moved() -> None:
    one = first()
    told = PartnerMoved(protocol="mail", address="new@b.test", by_itself=True)
    assert part_of(await after(one, told, part=MAIL)).send.to is None
    assert one.problems == []
