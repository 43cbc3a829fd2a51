"""A turn is not forgotten: not by defects, not by workers that stop or die, not by an outage of the database."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from structlog.testing import capture_logs

from backbone.adapters.dispatch import Dispatcher, PostgresTurns
from backbone.adapters.dispatch.recovery import queue_turns_without_job
from backbone.adapters.postgres import start
from backbone.adapters.store import open_store, prepare
from backbone.core.model.keys import PairUid
from backbone.ports.records import Turn
from tests.contracts.store.things import halves, message, pair, synchronization
from tests.integration.dispatch.conftest import QUICK, Place, eventually, turn_of, working
from tests.parts.processes import has_ended

A, B = turn_of("a"), turn_of("b")


async def _idle(place: Place) -> bool:
    return await place.ask("select 1 from procrastinate_jobs where status in ('todo', 'doing')") == []


async def test_a_turn_that_used_up_its_attempts_is_queued_again_while_messages_wait(place: Place) -> None:
    runs = 0

    async def run(turn: Turn) -> None:
        nonlocal runs
        runs += 1
        await place.begun(turn)
        if runs == 1:
            raise ZeroDivisionError
        async with place.store.unit() as unit:
            await unit.inbox.done(A.connector, A.pair, 1)
            await unit.commit()

    async with place.store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        await unit.inbox.put(replace(message(1), connector=A.connector, pair=A.pair))
        await unit.turns.wake(A)
        await unit.commit()
    await place.work(run, attempts=0)

    async def applied() -> bool:
        return await place.ask("select 1 from inbox where not applied") == []

    await eventually(applied)
    assert runs == 2


async def test_a_turn_that_never_began_is_queued_again(place: Place) -> None:
    runs = 0

    async def run(turn: Turn) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ZeroDivisionError
        await place.begun(turn)

    await place.wake(A)
    await place.work(run, attempts=0)

    async def begun() -> bool:
        return await place.ask("select 1 from turn where queued") == []

    await eventually(begun)
    assert runs == 2


async def test_the_sweep_queues_what_waits_of_running_synchronizations_only(place: Place) -> None:
    queued = "select lock from procrastinate_jobs order by lock"
    waiting = pair(PairUid("creating"))
    async with place.store.unit() as unit:
        await unit.synchronizations.save(synchronization(running=False), halves())
        await unit.inbox.put(replace(message(1), connector=A.connector, pair=A.pair))
        await unit.pairs.save(waiting)
        await unit.commit()
    async with AsyncConnectionPool(place.dsn, min_size=1, max_size=1, open=False) as pool:
        await queue_turns_without_job(pool, 0)
        assert await place.ask(queued) == []

        async with place.store.unit() as unit:
            await unit.synchronizations.save(synchronization(), [])
            await unit.commit()
        await queue_turns_without_job(pool, 0)
        await queue_turns_without_job(pool, 0)

    assert await place.ask(queued) == [("create:PA-1",), ("pair:PA-1:a",)]
    assert len(await place.ask("select 1 from turn where queued")) == 2


async def test_a_job_whose_end_was_not_written_is_run_again(place: Place) -> None:
    done = asyncio.Event()

    async def run(turn: Turn) -> None:
        await place.begun(turn)
        if turn == B:
            done.set()
            return
        # What is left of a job when the connection breaks while the engine writes that it has ended.
        await place.ask(
            """
            update procrastinate_jobs set status = 'doing', worker_id = (
                select worker_id from procrastinate_jobs where lock = 'pair:PA-1:a'
            ) where lock = 'pair:PA-1:b'
            """
        )

    await place.wake(B, after=3600)
    await place.wake(A)
    await place.work(run)
    await done.wait()
    await eventually(lambda: _idle(place))


async def test_a_worker_that_stops_lets_its_turns_end(place: Place) -> None:
    begun, finished = asyncio.Event(), False

    async def run(turn: Turn) -> None:
        nonlocal finished
        await place.begun(turn)
        begun.set()
        await asyncio.sleep(0.3)
        finished = True

    await place.wake(A)
    stop = await place.work(run)
    await begun.wait()
    await stop()

    assert finished
    assert await _idle(place)


async def test_a_worker_that_is_stopped_while_it_begins_ends(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a connection that comes at that very moment never hears of a cancellation: psycopg#1345."""
    stop = asyncio.Event()
    given = AsyncConnectionPool.getconn

    async def deaf(pool: AsyncConnectionPool, **limit: float | None) -> psycopg.AsyncConnection:
        stop.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.05)
        return await given(pool, **limit)

    monkeypatch.setattr(AsyncConnectionPool, "getconn", deaf)
    await Dispatcher(place.dsn, place.begun, pace=QUICK).run(stop, 4)

    assert await place.ask("select 1 from procrastinate_workers") == []


async def test_a_turn_that_does_not_end_in_time_is_left_to_another_worker(place: Place) -> None:
    begun, taken = asyncio.Event(), asyncio.Event()

    async def run_for_ever(turn: Turn) -> None:
        await place.begun(turn)
        begun.set()
        await asyncio.Event().wait()

    async def run(turn: Turn) -> None:
        await place.begun(turn)
        taken.set()

    await place.wake(A)
    stop = await place.work(run_for_ever, pace=replace(QUICK, grace=0.1))
    await begun.wait()
    await stop()
    await place.work(run)

    await taken.wait()


@pytest.mark.parametrize("long", [False, True])
async def test_an_outage_of_the_database_is_ridden_out(home: Path, long: bool) -> None:
    """A short one within the life of the engine's worker, a long one by beginning anew."""
    server = await start(home)
    await prepare(server.dsn)
    seen: set[Turn] = set()
    turns = [turn_of(str(number)) for number in range(6)]

    async def run(turn: Turn) -> None:
        async with store.unit() as unit:
            await unit.turns.begun(turn)
            await unit.commit()
        seen.add(turn)

    async def wake(*some: Turn) -> None:
        async with store.unit() as unit:
            for turn in some:
                await unit.turns.wake(turn)
            await unit.commit()

    dispatcher = Dispatcher(server.dsn, run, pace=QUICK)
    async with open_store(server.dsn, PostgresTurns) as store, working(dispatcher, 2):
        await wake(*turns[:3])
        await _until(lambda: len(seen) == 3)
        os.kill(server.pid, signal.SIGKILL)
        await _until(lambda: has_ended(server.pid))
        with capture_logs() as logged:
            await _until(lambda: not long or any(one["event"] == "worker-interrupted" for one in logged))
        await start(home)
        await _persistently(lambda: wake(*turns[3:]))
        await _until(lambda: seen == set(turns))


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes
        await asyncio.sleep(0.02)


async def _persistently(action: Callable[[], Awaitable[None]]) -> None:
    """What the engine does: try again when the connection that one got is dead."""
    while True:
        try:
            return await action()
        except (psycopg.OperationalError, PoolTimeout):
            await asyncio.sleep(0.05)
