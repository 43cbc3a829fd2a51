"""Calls under way at the same time: bulk work never takes the last place, downloads never an upload's."""

from __future__ import annotations

import asyncio

import pytest

from backbone.adapters.jira.slots import Slots
from backbone.ports.tracker import Lane


async def held(slots: Slots, lane: Lane, over: asyncio.Event) -> None:
    async with slots.call(lane):
        await over.wait()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("lane", "running"), [(Lane.LIVE, 3), (Lane.BULK, 2)])
async def test_calls_are_bounded(lane: Lane, running: int) -> None:
    slots, over = Slots(3), asyncio.Event()
    calls = [asyncio.create_task(held(slots, lane, over)) for _ in range(5)]
    await settled()

    assert slots.running == running
    over.set()
    await asyncio.gather(*calls)
    assert slots.running == 0


async def test_a_live_change_never_waits_behind_bulk_work() -> None:
    slots, over = Slots(3), asyncio.Event()
    calls = [asyncio.create_task(held(slots, Lane.BULK, over)) for _ in range(9)]
    await settled()

    async with slots.call(Lane.LIVE):
        assert slots.running == 3
    over.set()
    await asyncio.gather(*calls)


async def test_while_files_are_copied_within_a_host_uploads_have_places() -> None:
    slots, done = Slots(1), 0

    async def copy() -> None:
        nonlocal done
        async with slots.download(), slots.call(Lane.BULK):
            await asyncio.sleep(0)
            done += 1

    await asyncio.gather(*(copy() for _ in range(20)))

    assert done == 20
