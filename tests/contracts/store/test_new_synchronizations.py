"""Synchronizations are made one after the other, so that nobody makes one that is there already."""

from __future__ import annotations

import asyncio

from tests.contracts.store.conftest import Stage
from tests.contracts.store.things import halves, synchronization


async def test_who_makes_a_synchronization_waits_for_another_one_who_does(stage: Stage) -> None:
    seen: list[str] = []

    async def other() -> None:
        async with stage.other.unit() as uow:
            await uow.synchronizations.hold_new()
            seen.extend(one.name for one in await uow.synchronizations.all())

    async with stage.store.unit() as uow:
        await uow.synchronizations.hold_new()
        waiting = asyncio.create_task(other())
        for _ in range(50):  # time enough for somebody who does not wait
            await uow.synchronizations.hold_new()
            await asyncio.sleep(0)
        await uow.synchronizations.save(synchronization(), halves())
        await uow.commit()
    await waiting

    assert seen == ["Ours"]


async def test_who_makes_none_waits_for_nobody(stage: Stage) -> None:
    async with stage.store.unit() as uow, stage.other.unit() as other:
        await uow.synchronizations.hold_new()

        assert await other.synchronizations.all() == []
