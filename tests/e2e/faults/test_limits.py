"""Faults 1 and 2: too many requests, however Jira says it."""

from __future__ import annotations

import pytest

from tests.parts.fault_day import FaultDay


async def test_without_a_fault_both_sides_are_in_step_after_a_day_of_work() -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.work("calm")
        await day.recover()
        await day.assert_in_step()
        assert await day.codes() == []


@pytest.mark.parametrize(
    "fault",
    [
        {"retry_after": 1},
        {"retry_after": 0},
        {"retry_after": None},
        {"retry_after": None, "reset_in": 90},
        {"retry_after": 2, "body": "html"},
        {"retry_after": 5, "reason": "jira-per-issue-on-write"},
    ],
    ids=lambda fault: "-".join(f"{key}={value}" for key, value in fault.items()),
)
async def test_refused_calls_are_made_later_and_nobody_is_told(fault: dict[str, object]) -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.storm({"fault": "too-many-requests", "probability": 0.4, "seed": 7, **fault})
        assert await day.codes() == []


async def test_retry_after_is_a_minimum() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.first.faults.arm({"fault": "too-many-requests", "retry_after": 60, "times": 1})
        before = day.system.time
        day.first.calls.reset()
        await day.cycle(0)
        calls = day.first.calls.total
        await day.cycle(1)

        assert calls == 1
        assert day.system.time - before >= 60_000
