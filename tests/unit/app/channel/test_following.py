"""What a person is told of a partner, and what happens without anybody's doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from backbone.app.channel.following import follow, partner_problem
from backbone.app.channel.settings import document_of, part_of
from backbone.app.declaration.channel import ChannelPart
from backbone.core.model.keys import ConnectorKey
from backbone.core.model.problems import Code
from backbone.core.protocol.channel import Meeting
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
from tests.parts.two_installations import Installation, TwoInstallations, office_of

LOGIN = {"server": "mail.test", "user": "a", "password": {"env": "A"}}
MAIL = {"send": {**LOGIN, "to": "old@b.test"}, "receive": {**LOGIN, "protocol": "imap", "address": "a@a.test"}}
FILES = {"send": {"directory": "/x/out"}, "receive": {"directory": "/x/in"}}


async def after(one: Installation, *events: Event, part: object = FILES) -> StoredChannel:
    """What is stored after these, which a channel heard that is set up so."""
    async with one.world.store.unit() as uow:
        stored = replace(await one.stored(uow), transports=document_of(ChannelPart.model_validate(part), Path("/")))
        by = next((event.protocol for event in events if isinstance(event, PartnerMoved)), "")
        stored = replace(stored, channel=replace(stored.channel, meeting=Meeting(sends_by=by)))
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


async def test_a_handshake_that_came_to_its_end_ends_the_suspension() -> None:
    one = first()
    await after(one, TwoAnswers())
    await after(one, Met())
    assert one.problems == []


async def test_a_partner_that_moved_back_ends_the_problem() -> None:
    one = first()
    await after(one, PartnerMoved(protocol="mail", address="b@b.test", by_itself=False))
    await after(one, PartnerMoved(protocol="files", address="", by_itself=False))
    assert one.problems == []


async def test_a_person_that_says_how_to_send_there_ends_the_problem() -> None:
    one = first()
    stored = await after(one, PartnerMoved(protocol="mail", address="b@b.test", by_itself=False))
    office = office_of(one)
    mixed = {**FILES, "send": {**MAIL["send"], "address": "a@a.test"}}
    for part, codes in ((FILES, [Code.PARTNER_MOVED]), (mixed, [])):
        async with one.world.store.unit() as uow:
            known = await uow.synchronizations.get(one.half.synchronization)
            assert known is not None
            await office.edit(uow, known, stored, ChannelPart.model_validate(part))
            await uow.commit()
        assert one.problems == codes


def test_no_cure_names_a_command_that_is_not_there() -> None:
    assert "channel edit" not in partner_problem(Code.PARTNER_MOVED, ConnectorKey("A-1"), "").remedy


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
