"""A host's budget is one for all workers: its rate, its pauses and its blocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import psycopg
import pytest

from backbone.adapters.jira.budget import AccountBudget
from backbone.adapters.store.budget import PostgresBudget
from backbone.adapters.store.pool import Pool, open_pool
from backbone.adapters.store.schema import prepare_now
from backbone.core.model.problems import Code
from backbone.ports.budget import HostBudget
from backbone.ports.tracker import AccessError, Lane
from tests.parts.postgres import Migrate

HOST = "https://jira.example.com"
REFUSED = AccessError(Code.CAPTCHA, "a CAPTCHA is asked for", "log in with a browser")


@pytest.fixture(scope="module")
def migrate_schema() -> Migrate:
    return prepare_now


class Time:
    """A clock that moves when somebody sleeps, or when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(seconds)


@pytest.fixture
async def pools(database: str) -> AsyncIterator[list[Pool]]:
    """Two, as two processes have them."""
    async with AsyncExitStack() as ends:
        yield [await ends.enter_async_context(open_pool(database, 4)) for _ in range(2)]


async def _granted_at_once(budget: HostBudget, lane: Lane) -> int:
    """How many permits are given before one has to be waited for; nobody waits here."""
    count = 0
    with suppress(Waited):
        while True:
            await budget.permit(lane)
            count += 1
    return count


class Waited(Exception):
    """A permit was not given at once."""


async def _refuse_to_wait(seconds: float) -> None:
    assert seconds > 0
    raise Waited


async def test_without_a_rate_a_permit_costs_no_statement(database: str, pools: list[Pool]) -> None:
    time = Time()
    budget = PostgresBudget(pools[0], HOST, clock=time.clock, sleep=time.sleep)
    await budget.permit(Lane.LIVE)
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await connection.execute("drop table host, host_pace")
    for _ in range(1000):
        await budget.permit(Lane.BULK)

    time.now += 1
    with pytest.raises(psycopg.errors.UndefinedTable):
        await budget.permit(Lane.LIVE)


async def test_a_burst_is_granted_at_once_to_all_processes_together(pools: list[Pool]) -> None:
    budgets = [PostgresBudget(pool, HOST, sleep=_refuse_to_wait) for pool in pools]
    await budgets[0].pace(0.01, 5)
    for budget in (budgets[0], budgets[1], budgets[0], budgets[1]):
        await budget.permit(Lane.LIVE)

    assert await _granted_at_once(budgets[1], Lane.LIVE) == 1
    assert await _granted_at_once(budgets[0], Lane.LIVE) == 0


async def test_hosts_have_budgets_of_their_own(pools: list[Pool]) -> None:
    one = PostgresBudget(pools[0], HOST, sleep=_refuse_to_wait)
    other = PostgresBudget(pools[0], "https://other.example.com", sleep=_refuse_to_wait)
    await one.pace(0.01, 1)
    await other.pace(0.01, 1)

    assert await _granted_at_once(one, Lane.LIVE) == 1
    assert await _granted_at_once(other, Lane.LIVE) == 1


async def test_many_that_wait_get_no_more_than_the_rate(pools: list[Pool]) -> None:
    loop = asyncio.get_running_loop()
    budgets = [PostgresBudget(pool, HOST) for pool in pools]
    await budgets[0].pace(100, 5)
    began = loop.time()

    await asyncio.gather(*(budgets[number % 2].permit(Lane.LIVE) for number in range(35)))

    assert loop.time() - began >= 0.3 - 0.01


async def test_bulk_work_leaves_half_of_the_burst_to_live_changes(pools: list[Pool]) -> None:
    budget = PostgresBudget(pools[0], HOST, sleep=_refuse_to_wait)
    await budget.pace(0.01, 11)

    assert await _granted_at_once(budget, Lane.BULK) == 6
    assert await _granted_at_once(budget, Lane.LIVE) == 5


async def test_bulk_work_stands_back_while_a_live_change_waits_in_another_process(pools: list[Pool]) -> None:
    order: list[Lane] = []
    live_waits = asyncio.Event()

    async def sleep(seconds: float) -> None:
        live_waits.set()
        await asyncio.sleep(seconds)

    budgets = [PostgresBudget(pools[0], HOST, sleep=sleep), PostgresBudget(pools[1], HOST)]
    await budgets[0].pace(5, 1)
    await budgets[0].permit(Lane.LIVE)

    async def ask(budget: PostgresBudget, lane: Lane) -> None:
        await budget.permit(lane)
        order.append(lane)

    live = [asyncio.create_task(ask(budgets[0], Lane.LIVE)) for _ in range(3)]
    await live_waits.wait()
    bulk = [asyncio.create_task(ask(budgets[1], Lane.BULK)) for _ in range(3)]
    await asyncio.gather(*live, *bulk)

    assert order == [Lane.LIVE] * 3 + [Lane.BULK] * 3


async def test_a_pause_is_kept_by_all_and_never_shortened(pools: list[Pool]) -> None:
    time = Time()
    first = PostgresBudget(pools[0], HOST)
    second = PostgresBudget(pools[1], HOST, clock=time.clock, sleep=time.sleep)
    await first.pause(0.3)
    await first.pause(0.01)

    await second.permit(Lane.LIVE)

    assert sum(time.slept) >= 0.25


async def test_a_block_stops_every_process_until_it_is_lifted(pools: list[Pool]) -> None:
    time = Time()
    first = PostgresBudget(pools[0], HOST, clock=time.clock)
    second = PostgresBudget(pools[1], HOST, clock=time.clock)
    await second.permit(Lane.LIVE)
    await first.block(REFUSED)
    time.now += 1

    for budget in (first, second):
        with pytest.raises(AccessError, match="CAPTCHA") as caught:
            await budget.permit(Lane.LIVE)
        assert (caught.value.code, caught.value.remedy) == (Code.CAPTCHA, "log in with a browser")

    await second.unblock()
    time.now += 1
    await first.permit(Lane.LIVE)


async def test_a_blocked_account_stops_in_every_process_and_no_other_one_does(pools: list[Pool]) -> None:
    def budget(pool: Pool, account: str) -> HostBudget:
        return AccountBudget(PostgresBudget(pool, HOST), PostgresBudget(pool, f"{HOST} {account}"))

    await budget(pools[0], "sync").block(REFUSED)

    with pytest.raises(AccessError, match="CAPTCHA"):
        await budget(pools[1], "sync").permit(Lane.LIVE)
    await budget(pools[1], "anna").permit(Lane.LIVE)

    await budget(pools[1], "sync").unblock()
    await budget(pools[0], "sync").permit(Lane.LIVE)


async def test_a_block_is_noticed_by_those_who_wait(pools: list[Pool]) -> None:
    budget = PostgresBudget(pools[0], HOST)
    await budget.pause(3600)
    waiting = asyncio.create_task(budget.permit(Lane.LIVE))
    await asyncio.sleep(0.05)
    await PostgresBudget(pools[1], HOST).block(REFUSED)

    with pytest.raises(AccessError):
        await waiting
