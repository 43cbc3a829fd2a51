"""Turns of one pair run one after the other in the order in which they were queued, whatever fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from backbone.ports.records import CreateTurn, Turn
from tests.integration.dispatch.conftest import QUICK, Place, eventually, turn_of

A, B = turn_of("a"), turn_of("b")
_JOBS = "select status::text from procrastinate_jobs where lock = 'pair:PA-1:a' order by id"


async def _no_jobs(place: Place) -> bool:
    return await place.ask("select 1 from procrastinate_jobs where status in ('todo', 'doing')") == []


async def test_a_committed_turn_runs_and_leaves_no_job(place: Place) -> None:
    seen: list[Turn] = []

    async def run(turn: Turn) -> None:
        await place.begun(turn)
        seen.append(turn)

    create = CreateTurn(connector=A.connector)
    await place.wake(A, create)
    await place.work(run)
    await eventually(lambda: _no_jobs(place))

    assert set(seen) == {A, create}
    assert len(seen) == 2
    assert await place.ask("select 1 from procrastinate_jobs") == []
    assert await place.ask("select 1 from turn where queued") == []


async def test_a_turn_that_was_rolled_back_does_not_run(place: Place) -> None:
    seen: list[Turn] = []

    async def run(turn: Turn) -> None:
        await place.begun(turn)
        seen.append(turn)

    async with place.store.unit() as unit:
        await unit.turns.wake(A)
        await unit.turns.queued()
    await place.work(run)
    await place.wake(B)
    await eventually(lambda: _no_jobs(place))

    assert seen == [B]


async def test_a_cause_while_a_turn_runs_makes_it_run_once_more_and_not_at_the_same_time(place: Place) -> None:
    runs, at_once, most = 0, 0, 0

    async def run(turn: Turn) -> None:
        nonlocal runs, at_once, most
        at_once += 1
        most = max(most, at_once)
        await place.begun(turn)
        if runs == 0:
            await place.wake(A)
            await place.wake(A)
            await asyncio.sleep(0.2)
        runs += 1
        at_once -= 1

    await place.wake(A)
    await place.work(run)
    await eventually(lambda: _no_jobs(place))

    assert (runs, most) == (2, 1)


async def test_while_a_failed_turn_waits_the_later_turns_of_its_pair_wait_and_others_run(place: Place) -> None:
    """The engine may call this a bug one day; then this test fails, and the bound of its version stays where it is."""
    loop = asyncio.get_running_loop()
    at: list[tuple[str, float]] = []
    states: list[list[str]] = []

    async def run(turn: Turn) -> None:
        await place.begun(turn)
        if turn == B:
            at.append(("other", loop.time()))
            return
        states.append([status for (status,) in await place.ask(_JOBS)])
        at.append(("pair", loop.time()))
        if len(states) == 1:
            await place.wake(A)
            await place.wake(B, after=0.1)
            raise RuntimeError

    await place.wake(A)
    await place.work(run)
    await eventually(lambda: _no_jobs(place))

    assert [name for name, _ in at] == ["pair", "other", "pair", "pair"]
    assert states == [["doing"], ["doing", "todo"], ["doing"]]
    assert at[2][1] - at[0][1] >= 0.9


async def test_a_turn_that_asks_for_it_runs_again(place: Place) -> None:
    loop = asyncio.get_running_loop()
    at: list[float] = []

    async def run(turn: Turn) -> float | None:
        await place.begun(turn)
        at.append(loop.time())
        return 0.3 if len(at) == 1 else None

    await place.wake(A)
    await place.work(run)
    await eventually(lambda: _no_jobs(place))

    assert len(at) == 2
    assert at[1] - at[0] >= 0.3


async def test_a_cause_while_a_turn_runs_that_puts_itself_off_is_not_put_off_with_it(place: Place) -> None:
    runs = 0

    async def run(turn: Turn) -> float | None:
        nonlocal runs
        await place.begun(turn)
        runs += 1
        if runs == 1:
            await place.wake(A)
            return 3600
        return None

    await place.wake(A)
    await place.work(run)
    await eventually(lambda: _no_jobs(place))

    assert runs == 2


async def test_a_cause_after_a_turn_put_itself_off_brings_it_forward(place: Place) -> None:
    runs = 0

    async def run(turn: Turn) -> float | None:
        nonlocal runs
        await place.begun(turn)
        runs += 1
        return 3600 if runs == 1 else None

    await place.wake(A)
    await place.work(run)
    await place.until("select 1 from procrastinate_jobs where scheduled_at > now() and status = 'todo'")
    await place.wake(A)
    await eventually(lambda: _no_jobs(place))

    assert runs == 2


async def test_a_turn_that_puts_itself_off_before_it_began_runs_again(place: Place) -> None:
    runs = 0

    async def run(turn: Turn) -> float | None:
        nonlocal runs
        runs += 1
        if runs == 1:
            return 0.1
        await place.begun(turn)
        return None

    await place.wake(A)
    await place.work(run, pace=replace(QUICK, sweep=3600))
    await eventually(lambda: _no_jobs(place))

    assert runs == 2


async def test_a_delayed_turn_is_brought_forward_by_a_cause_that_cannot_wait(place: Place) -> None:
    seen: list[Turn] = []

    async def run(turn: Turn) -> None:
        await place.begun(turn)
        seen.append(turn)

    await place.work(run)
    await place.wake(A, after=3600)
    await place.wake(A)
    await eventually(lambda: _no_jobs(place))

    assert seen == [A]


async def test_an_early_delay_is_not_put_off_by_a_later_one(place: Place) -> None:
    seen: list[Turn] = []

    async def run(turn: Turn) -> None:
        await place.begun(turn)
        seen.append(turn)

    await place.wake(A, after=0.1)
    await place.wake(A, after=3600)
    await place.work(run)
    await eventually(lambda: _no_jobs(place))

    assert seen == [A]
