"""Faults 1 and 2: too many requests."""

from __future__ import annotations

from tests.parts.fault_day import FaultDay


async def test_nothing_happens_without_a_fault() -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.work("calm")
        await day.recover()
        await day.assert_in_step()
        assert await day.codes() == []
