"""One budget a host: an even flow, live changes first, nothing while the host wants quiet."""

from __future__ import annotations

import asyncio

import pytest

from backbone.adapters.jira.budget import ProcessBudget
from backbone.core.model.problems import Code
from backbone.ports.tracker import AccessError, Lane


class Hours:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def budget(hours: Hours) -> ProcessBudget:
    return ProcessBudget(now=hours, sleep=hours.sleep)


async def test_without_a_pace_calls_go_at_once(budget: ProcessBudget, hours: Hours) -> None:
    for _ in range(100):
        await budget.permit(Lane.BULK)

    assert hours.now == 100.0


async def test_a_burst_goes_at_once_and_the_rest_evenly(budget: ProcessBudget, hours: Hours) -> None:
    await budget.pace(per_second=2.0, burst=3.0)
    moments = []
    for _ in range(7):
        await budget.permit(Lane.LIVE)
        moments.append(hours.now - 100.0)

    assert moments == [0.0, 0.0, 0.0, 0.5, 1.0, 1.5, 2.0]


async def test_live_changes_go_before_bulk_work(budget: ProcessBudget) -> None:
    await budget.pace(per_second=1.0, burst=1.0)
    await budget.permit(Lane.BULK)
    served: list[str] = []

    async def call(name: str, lane: Lane) -> None:
        await budget.permit(lane)
        served.append(name)

    await asyncio.gather(call("bulk 1", Lane.BULK), call("bulk 2", Lane.BULK), call("live", Lane.LIVE))

    assert served == ["live", "bulk 1", "bulk 2"]


async def test_a_pause_is_never_shortened(budget: ProcessBudget, hours: Hours) -> None:
    await budget.pause(30.0)
    await budget.pause(5.0)
    await budget.permit(Lane.LIVE)

    assert hours.now == 130.0


async def test_a_blocked_host_refuses_those_who_wait_and_those_who_come(budget: ProcessBudget) -> None:
    await budget.pace(per_second=0.1, burst=1.0)
    await budget.permit(Lane.LIVE)
    waiting = asyncio.create_task(budget.permit(Lane.LIVE))
    await asyncio.sleep(0)
    await budget.block(AccessError(Code.CAPTCHA, "cause", "remedy"))

    with pytest.raises(AccessError) as waited:
        await waiting
    with pytest.raises(AccessError) as came:
        await budget.permit(Lane.BULK)
    assert (waited.value.code, came.value.code) == (Code.CAPTCHA, Code.CAPTCHA)


async def test_an_unblocked_host_answers_again(budget: ProcessBudget, hours: Hours) -> None:
    await budget.block(AccessError(Code.LOGIN_REFUSED, "cause", "remedy"))
    await budget.unblock()
    await budget.permit(Lane.LIVE)

    assert hours.now == 100.0


async def test_who_gave_up_waiting_takes_no_permit(budget: ProcessBudget, hours: Hours) -> None:
    await budget.pace(per_second=1.0, burst=1.0)
    await budget.permit(Lane.LIVE)
    waiting = asyncio.create_task(budget.permit(Lane.LIVE))
    await asyncio.sleep(0)
    waiting.cancel()
    await budget.permit(Lane.BULK)

    assert hours.now == 101.0
