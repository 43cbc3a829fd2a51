"""Faults 3 to 8: errors of servers and gateways, pages for people, broken and lost answers, slowness."""

from __future__ import annotations

import pytest

from backbone.core.model.problems import Code
from tests.parts.fault_day import FaultDay

OUTAGES: list[dict[str, object]] = [
    {"fault": "server-error", "status": 500, "body": "json"},
    {"fault": "server-error", "status": 502, "body": "html"},
    {"fault": "server-error", "status": 503, "body": "empty", "retry_after": 5},
    {"fault": "server-error", "status": 504, "body": "html"},
    {"fault": "html-instead", "status": 200, "page": "login"},
    {"fault": "html-instead", "status": 400, "page": "error"},
    {"fault": "connection-reset"},
]

LOSSES: list[dict[str, object]] = [
    {"fault": "empty-answer"},
    {"fault": "broken-body", "shape": "cut"},
    {"fault": "broken-body", "shape": "short"},
    {"fault": "broken-body", "shape": "unfinished-chunks"},
    {"fault": "broken-body", "shape": "bad-chunk"},
    {"fault": "answer-lost", "how": "drop"},
    {"fault": "answer-lost", "how": "time-out", "seconds": 40},
    {"fault": "answer-lost", "how": "gateway"},
]


def _name(fault: dict[str, object]) -> str:
    return "-".join(str(value) for value in fault.values())


@pytest.mark.parametrize("fault", OUTAGES, ids=_name)
async def test_an_outage_loses_nothing(fault: dict[str, object]) -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.storm(fault)
        assert await day.codes() == []


@pytest.mark.parametrize("fault", OUTAGES[:1] + OUTAGES[4:5] + OUTAGES[6:], ids=_name)
async def test_a_host_that_fails_now_and_then_loses_nothing(fault: dict[str, object]) -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.storm({**fault, "probability": 0.3, "seed": 11}, rounds=12)
        assert await day.codes() == []


@pytest.mark.parametrize("fault", LOSSES, ids=_name)
async def test_a_write_whose_answer_is_lost_is_not_done_twice(fault: dict[str, object]) -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.storm({**fault, "path": "**/issue/**", "probability": 0.5, "seed": 3}, rounds=10)
        assert await day.codes() == []


@pytest.mark.parametrize("fault", LOSSES, ids=_name)
async def test_a_creation_whose_answer_is_lost_is_not_done_twice(fault: dict[str, object]) -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.storm({**fault, "path": "**/issue/bulk", "times": 1})
        assert await day.codes() == []


@pytest.mark.parametrize(
    "fault", [{"fault": "slow", "seconds": 20}, {"fault": "dribble", "pieces": 7, "seconds": 2}], ids=_name
)
async def test_slow_answers_are_waited_for(fault: dict[str, object]) -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.storm(fault, rounds=3)
        assert await day.codes() == []


async def test_an_outage_is_told_after_five_minutes_and_taken_back_when_it_is_over() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.second.faults.arm({"fault": "server-error", "status": 503})
        await day.work("dark")
        await day.suffer(rounds=1, seconds=30)
        assert await day.codes() == []

        await day.suffer(seconds=300)
        [problem] = {one.problem.identity: one.problem for one in await day.problems()}.values()
        assert problem.code is Code.HOST_UNREACHABLE
        assert problem.connector == day.halves[1].connector
        assert "5 minutes" in problem.cause

        await day.suffer(seconds=900)
        assert set(await day.codes()) == {Code.HOST_UNREACHABLE, Code.CREATE_UNKNOWN}

        await day.recover()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_an_outage_of_writes_alone_is_told_as_well() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.second.faults.arm({"fault": "server-error", "status": 503, "method": "PUT"})
        await day.work("readonly")
        await day.suffer(seconds=420)
        assert set(await day.codes()) == {Code.HOST_UNREACHABLE}

        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []
