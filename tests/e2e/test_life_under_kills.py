"""A synchronization is stopped, started and deleted while people work and processes die: nothing is lost, nothing hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from time import monotonic

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.store import PostgresStore, open_store
from backbone.app.access.caller import Caller
from backbone.app.usecases.deleting import delete_integration
from backbone.app.usecases.resyncing import Wish, start_resync
from backbone.app.usecases.switching_tasks import order_start, order_stop
from backbone.bootstrap.clock import WallSystem
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.tasks import Task, TaskState
from tests.bench.kills import People, judged, kill_program
from tests.bench.stage import Stage, stage

KEY = SynchronizationKey("INT-1")
ROOT = Caller(name="local:root", shown="root", everything=True)
_LEFT = """
    select (select count(*) from pair), (select count(*) from inbox), (select count(*) from dirty),
           (select count(*) from create_attempt), (select count(*) from issue_attempt), (select count(*) from problem)
"""
PATIENCE = 90.0
"""Seconds for what has to happen in the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A stage with one worker on it, people who work, and the store as an administrator's process has it."""

    here: Stage
    people: People
    store: PostgresStore
    system: WallSystem
    chance: Random
    stop: asyncio.Event
    working: asyncio.Task[None]

    async def rest(self) -> None:
        """Nobody works any more."""
        self.stop.set()
        await self.working

    async def sound(self) -> bool:
        """Whether both sides are equal, with everything that people did there once."""
        return (await judged(self.here, self.people)).sound

    async def kill(self) -> None:
        await kill_program(self.here, self.chance)

    async def ended(self, task: Task) -> Task:
        """The task once it has ended, with a worker killed right after it was asked for."""
        await asyncio.sleep(self.chance.uniform(0, 0.4))
        await self.kill()

        async def over() -> bool:
            return (await self._task(task)).completed is not None

        await until(over)
        return await self._task(task)

    async def _task(self, task: Task) -> Task:
        async with self.store.administration() as unit:
            found = await unit.tasks.get(task.id)
        assert found is not None
        return found

    async def running(self) -> bool | None:
        async with self.store.unit() as uow:
            one = await uow.synchronizations.get(KEY)
        return None if one is None else one.wanted_running


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it, within patience."""
    end = monotonic() + PATIENCE
    while not await holds():
        assert monotonic() < end, "it never came"
        await asyncio.sleep(0.3)


@asynccontextmanager
async def day(issues: int, seed: int) -> AsyncIterator[Day]:
    """People create so many issues and edit them until the end of the context."""
    chance, stop = Random(seed), asyncio.Event()  # noqa: S311  no secret depends on it
    async with stage(issues=0, interval=0.5) as here, open_store(here.orders.dsn, PostgresTurns) as store:
        people = People(jiras=(here.first, here.second), chance=Random(seed))  # noqa: S311  the same
        await here.start_worker(hasty=True)
        working = asyncio.create_task(people.work(issues, stop, 0.05))
        try:
            yield Day(
                here=here,
                people=people,
                store=store,
                system=WallSystem(),
                chance=chance,
                stop=stop,
                working=working,
            )
        finally:
            stop.set()
            await working


async def test_stops_and_starts_under_load_with_a_kill_in_each_end_and_lose_nothing() -> None:
    async with day(issues=12, seed=3) as today:
        results = []
        for order, wanted in ((order_stop, False), (order_start, True)) * 2:
            task = await today.ended(await order(today.store, today.system, ROOT, [KEY]))
            results.append((task.state, task.result))
            assert await today.running() is wanted
        assert (
            results
            == [
                (TaskState.DONE, "Successfully stopped the integration."),
                (TaskState.DONE, "Successfully started the integration."),
            ]
            * 2
        )
        await today.rest()
        await until(today.sound)


async def test_resyncs_under_load_with_a_kill_in_each_end_and_lose_nothing() -> None:
    """From the side where an issue was made: only there do people edit it."""
    async with day(issues=12, seed=7) as today:
        await asyncio.sleep(2.0)
        async with today.store.unit() as uow:
            one = await uow.synchronizations.get(KEY)
            assert one is not None
            half = await uow.synchronizations.half(one.first)
        wish = Wish(
            connector=half.connector, jql="creator != currentUser()", mappings=tuple(each.id for each in half.fields)
        )
        ends = []
        for _ in range(3):
            async with today.store.administration() as unit:
                task = await start_resync(unit, today.system, one, wish, ROOT)
                await unit.commit()
            ends.append((await today.ended(task)).state)
        assert ends == [TaskState.DONE] * 3
        await today.rest()
        await until(today.sound)


async def test_a_deletion_that_is_cut_short_is_done_again_and_leaves_nothing_behind() -> None:
    async with day(issues=8, seed=5) as today:
        await asyncio.sleep(2.0)
        cut = asyncio.create_task(delete_integration(today.store, today.system, ROOT, KEY))
        await asyncio.sleep(0.05)
        cut.cancel()
        await today.kill()
        if await today.running() is not None:  # on a quick machine it was done already
            await delete_integration(today.store, today.system, ROOT, KEY)
        await today.kill()
        await asyncio.sleep(3.0)

        assert await today.running() is None
        assert await today.here.ask(_LEFT) == [(0, 0, 0, 0, 0, 0)]
