"""The slave declines the very first configuration: both sides are told what can be done."""

from __future__ import annotations

import pytest

from backbone.adapters.memory import MemoryStore
from backbone.app.declaration.difference import Changed, Unchanged
from backbone.app.usecases.channels.showing import next_step
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.publications import decline_publication, show_publication
from backbone.app.usecases.recording import BACKBONE
from backbone.core.protocol.parcels import Published
from tests.integration.test_agreeing import FIRST, MORE, SECOND, now
from tests.parts.two_offices import OneOffice, TwoOffices
from tests.unit.app.declaration.fake_metadata import acme, beta


@pytest.fixture
async def declined() -> TwoOffices:
    offices = TwoOffices.met(MemoryStore("a", "1", now), MemoryStore("b", "1", now), acme(), beta())
    await offices.master.apply(FIRST)
    await offices.slave.apply(SECOND)
    await offices.master.confirm()
    await offices.slave.confirm()
    await offices.carry()
    key = (await offices.slave.synchronization()).key
    await decline_publication(offices.slave.store, offices.slave.system, key, "we have no defects", BACKBONE)
    await offices.carry()
    return offices


async def to_do(one: OneOffice) -> str:
    async with one.store.unit() as uow:
        [stored] = await uow.channels.all()
    return next_step(await one.synchronization(), stored, one.system.now())


async def test_nobody_is_told_to_wait_for_an_answer_that_came(declined: TwoOffices) -> None:
    assert "declined" in await to_do(declined.master)
    assert "apply" in await to_do(declined.master)
    assert "declined" in await to_do(declined.slave)


async def test_a_start_says_that_it_was_declined(declined: TwoOffices) -> None:
    with pytest.raises(Mistake, match="declined"):
        await declined.master.start()
    with pytest.raises(Mistake, match="declined"):
        await declined.slave.start()


async def test_the_masters_publication_page_says_why(declined: TwoOffices) -> None:
    key = (await declined.master.synchronization()).key
    with pytest.raises(Mistake, match="we have no defects"):
        await show_publication(declined.master.store, key)


async def test_another_configuration_is_proposed_with_a_message(declined: TwoOffices) -> None:
    applied = await declined.master.apply(MORE, "then without them")
    assert applied.waits
    assert "declined" not in await to_do(declined.master)
    await declined.carry()
    await declined.slave.apply(SECOND)
    await declined.carry()
    await declined.master.start()
    await declined.slave.start()


async def test_the_same_configuration_is_proposed_once_more_with_a_word(declined: TwoOffices) -> None:
    shown = await declined.master.preview(FIRST, "as agreed by telephone")
    applied = await declined.master.apply(FIRST, "as agreed by telephone")
    [published] = await declined.carry()
    await declined.slave.apply(SECOND)
    await declined.carry()

    assert isinstance(shown.outcome, Changed)
    assert isinstance(applied.outcome, Changed)
    assert applied.waits
    assert isinstance(published, Published)
    assert published.message == "as agreed by telephone"
    await declined.master.start()
    await declined.slave.start()


async def test_the_same_file_without_a_word_asks_nobody_again(declined: TwoOffices) -> None:
    applied = await declined.master.apply(FIRST)

    assert isinstance(applied.outcome, Unchanged)
    assert await declined.carry() == []


async def test_what_was_proposed_once_more_is_not_proposed_a_third_time(declined: TwoOffices) -> None:
    await declined.master.apply(FIRST, "please")
    applied = await declined.master.apply(FIRST, "please")

    assert isinstance(applied.outcome, Unchanged)
