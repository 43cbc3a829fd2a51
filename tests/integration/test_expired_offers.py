"""A handshake file that nobody answered in time: both sides are told, and what to do."""

from __future__ import annotations

from backbone.adapters.memory import MemoryStore
from backbone.app.usecases.channels.showing import next_step
from backbone.core.model.keys import Millis
from tests.fakes.meeting import NOW, Both, answering, offer
from tests.integration.test_agreeing import FIRST, SECOND
from tests.parts.two_offices import HandMadeChannels, OneOffice
from tests.unit.app.declaration.fake_metadata import acme, beta

ENDS = Millis(NOW + 60_000)


def now() -> Millis:
    return NOW


async def to_do(one: OneOffice, at: int) -> str:
    async with one.store.unit() as uow:
        [stored] = await uow.channels.all()
    return next_step(await one.synchronization(), stored, Millis(at))


async def test_the_master_is_told_to_write_another_one() -> None:
    master = OneOffice(MemoryStore("a", "1", now), ("acme", acme()), HandMadeChannels(offer(expires=ENDS)))
    await master.apply(FIRST)

    assert "expired" not in await to_do(master, ENDS)
    told = await to_do(master, ENDS + 1)
    assert "has expired" in told
    assert "backbone channel offer INT-1 FILE" in told


async def test_the_slave_is_told_to_ask_for_another_one() -> None:
    slave = OneOffice(MemoryStore("b", "1", now), ("beta", beta()), HandMadeChannels(answering(offer(expires=ENDS))))
    await slave.apply(SECOND)

    assert "expired" not in await to_do(slave, ENDS)
    told = await to_do(slave, ENDS + 1)
    assert "has expired" in told
    assert "backbone channel accept INT-1 FILE" in told


async def test_who_was_answered_in_time_is_not_told_so() -> None:
    met = Both(master=offer(expires=ENDS)).meet().master
    master = OneOffice(MemoryStore("a", "1", now), ("acme", acme()), HandMadeChannels(met))
    await master.apply(FIRST)

    assert "Compare the code" in await to_do(master, ENDS + 1)
