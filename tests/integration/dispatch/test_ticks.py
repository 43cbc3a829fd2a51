"""A tick runs in one worker at a time, again and again, whoever fails or dies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from backbone.adapters.dispatch import Tick
from backbone.ports.records import Turn
from tests.integration.dispatch.conftest import QUICK, Place, eventually


async def _no_turn(turn: Turn) -> None:
    raise AssertionError(turn)


async def test_a_tick_of_many_workers_runs_in_one_of_them_at_a_time(place: Place) -> None:
    runs, at_once, most = 0, 0, 0
    enough = asyncio.Event()

    async def run() -> None:
        nonlocal runs, at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.03)
        at_once -= 1
        runs += 1
        if runs == 10:
            enough.set()

    for _ in range(3):
        await place.work(_no_turn, [Tick(name="look", seconds=0.01, run=run)])
    await enough.wait()

    assert most == 1


async def test_a_tick_keeps_its_distance(place: Place) -> None:
    loop = asyncio.get_running_loop()
    at: list[float] = []
    enough = asyncio.Event()

    async def run() -> None:
        at.append(loop.time())
        if len(at) == 4:
            enough.set()

    for _ in range(2):
        await place.work(_no_turn, [Tick(name="look", seconds=0.2, run=run)])
    await enough.wait()

    assert at[3] - at[0] >= 0.5


async def test_a_tick_that_fails_runs_again(place: Place) -> None:
    runs = 0
    enough = asyncio.Event()

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            enough.set()
        raise ZeroDivisionError

    await place.work(_no_turn, [Tick(name="look", seconds=0.05, run=run)])
    await enough.wait()


async def test_the_tick_of_a_dead_worker_is_taken_over_when_its_lease_ends(place: Place) -> None:
    ran = asyncio.Event()

    async def run() -> None:
        ran.set()

    await place.ask(
        """
        insert into tick (name, due, owner, leased_until)
        values ('look', clock_timestamp(), 'dead', clock_timestamp() + interval '0.3 s')
        """
    )
    await place.work(_no_turn, [Tick(name="look", seconds=0.05, run=run)])
    await ran.wait()


async def test_a_tick_that_lost_its_lease_is_ended(place: Place) -> None:
    ended = asyncio.Event()

    async def run() -> None:
        await place.ask("update tick set owner = 'another' where name = 'look'")
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await place.work(_no_turn, [Tick(name="look", seconds=10, run=run)])
    await ended.wait()


async def test_a_tick_that_hangs_is_ended_and_runs_again(place: Place) -> None:
    runs = 0
    again = asyncio.Event()

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs == 2:
            again.set()
        await asyncio.Event().wait()

    await place.work(_no_turn, [Tick(name="look", seconds=0.01, run=run)], pace=replace(QUICK, lease=0.06))
    await again.wait()


async def test_a_long_tick_keeps_its_lease(place: Place) -> None:
    runs = 0
    done = asyncio.Event()

    async def run() -> None:
        nonlocal runs
        runs += 1
        await asyncio.sleep(1.5)  # longer than a lease of the workers of tests
        done.set()

    for _ in range(2):
        await place.work(_no_turn, [Tick(name="look", seconds=60, run=run)])
    await done.wait()

    assert runs == 1


async def test_jobs_that_failed_long_ago_are_removed_and_recent_ones_stay(place: Place) -> None:
    for days in (1, 9):
        await place.ask(
            """
            with job as (
                insert into procrastinate_jobs (queue_name, task_name, lock, status)
                values ('turns', 'turn', %s, 'failed') returning id
            )
            insert into procrastinate_events (job_id, type, at)
            select id, 'failed', clock_timestamp() - make_interval(days => %s) from job
            """,
            f"{days} days",
            days,
        )
    await place.work(_no_turn)

    async def removed() -> bool:
        return await place.ask("select lock from procrastinate_jobs") == [("1 days",)]

    await eventually(removed)


async def test_a_hint_hurries_the_look_at_its_connection(place: Place) -> None:
    """Long before it is due, once for many hints, and once more for one that comes while it runs."""
    runs: asyncio.Queue[int] = asyncio.Queue()
    go_on = asyncio.Event()

    async def run() -> None:
        await runs.put(1)
        await go_on.wait()

    go_on.set()
    await place.work(_no_turn, [Tick(name="look:alpha", seconds=3600, run=run)])
    await runs.get()  # the first run needs no hint
    await place.until("select 1 from tick where name = 'look:alpha' and owner is null")
    go_on.clear()

    await place.hint("alpha")
    await runs.get()
    for _ in range(3):
        await place.hint("alpha")
    go_on.set()
    await runs.get()
    await place.until("select 1 from tick where name = 'look:alpha' and owner is null and not hurried")

    assert runs.empty()
    assert await place.ask("select due > clock_timestamp() + interval '1 minute' from tick where name = 'look:alpha'")


async def test_a_hint_hurries_no_other_look(place: Place) -> None:
    runs: list[str] = []

    async def look(name: str) -> None:
        runs.append(name)

    async def looked(times: int) -> bool:
        """So many looks ended, and all wait for the next one."""
        waiting = await place.ask("select 1 from tick where name like 'look:%%' and owner is null having count(*) = 2")
        return len(runs) == times and bool(waiting)

    ticks = [Tick(name=f"look:{name}", seconds=3600, run=partial(look, name)) for name in ("alpha", "beta")]
    await place.work(_no_turn, ticks)
    await eventually(lambda: looked(2))
    await place.hint("beta")
    await eventually(lambda: looked(3))

    assert sorted(runs) == ["alpha", "beta", "beta"]
