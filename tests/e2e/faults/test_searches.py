"""Faults 9, 10, 14 to 16 and 30 to 32: what a search shows, when, in which time, and in which pages."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from backbone.core.model.problems import Code
from backbone.simulator.control.administration import UserOrder, set_user
from backbone.simulator.indexing import FixedLag, RandomLag
from tests.parts.fault_day import FaultDay


async def test_changes_that_the_index_shows_late_and_in_any_order_are_seen() -> None:
    async with FaultDay() as day:
        await day.begin()
        for number, side in enumerate((day.first, day.second)):
            lag = RandomLag(generator=Random(number), longest=timedelta(seconds=45))  # noqa: S311  a test repeats
            side.index.lag = lag
        for word in ("early", "noon", "late"):
            await day.work(word)
            await day.suffer(rounds=3)
        for side in (day.first, day.second):
            side.index.lag = FixedLag()
        day.system.time += 60_000
        await day.recover()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_issues_that_the_index_lost_for_minutes_are_seen_in_the_end() -> None:
    async with FaultDay() as day:
        await day.begin()
        for side in (day.first, day.second):
            side.index.hold_new(2)
        await day.work("hidden")
        await day.suffer(seconds=240)
        for side in (day.first, day.second):
            side.index.release_all()
        await day.recover()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_a_full_reindex_delays_and_loses_nothing() -> None:
    async with FaultDay() as day:
        await day.begin()
        for side in (day.first, day.second):
            side.index.start_reindex(side.world.clock(), timedelta(seconds=100))
        await day.work("reindex")
        await day.suffer()
        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_a_node_that_lags_is_not_believed() -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.work("before")
        for side in (day.first, day.second):
            side.faults.arm({"fault": "stale-read", "probability": 0.5, "seed": 5})
        await day.suffer(rounds=4)
        await day.work("meanwhile")
        await day.suffer(rounds=8)
        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_edits_in_the_minute_and_in_the_second_of_a_look_are_all_seen() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.system.time -= day.system.time % 60_000 - 59_400
        mara, priya = day.first.as_user("mara"), day.second.as_user("priya")
        for number in range(8):
            mara.edit(day.pumps[0], Customer=f"edit {number}")
            await day.cycle(1)
            day.system.time -= 2_900  # a look took a tenth of a second
            mara.edit(day.pumps[0], Root_Cause=f"right after look {number}")
            priya.edit(day.sensors[0], Account=f"right after look {number}")
        await day.settle()
        await day.assert_in_step()
        assert await day.codes() == []


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
async def test_the_time_zone_of_our_account_hides_nothing(zone: str) -> None:
    async with FaultDay() as day:
        for side in (day.first, day.second):
            set_user(side.site, UserOrder(user="sync", time_zone=zone))
        await day.begin()
        for word in ("morning", "evening"):
            await day.work(word)
            await day.settle()
            await day.rest(3 * 3600)
        await day.assert_in_step()
        assert await day.codes() == []


@pytest.mark.parametrize("seconds", [-420, 420])
async def test_clocks_that_are_minutes_apart_hide_and_undo_nothing(seconds: int) -> None:
    async with FaultDay(ahead=[0, seconds]) as day:
        await day.begin()
        for word in ("first", "second"):
            await day.work(word)
            await day.suffer(rounds=2)
        await day.settle()
        await day.assert_in_step()
        assert await day.codes() == []


@pytest.mark.parametrize("seconds", [-300, 300])
async def test_a_date_header_that_is_wrong_hides_nothing(seconds: int) -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.storm({"fault": "date-skew", "seconds": seconds})
        assert await day.codes() == []


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "page-size-clamp", "sizes": [2, 1, 3]},
        {"fault": "moving-total", "step": -1},
        {"fault": "moving-total", "step": 3},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
async def test_pages_that_are_cut_and_totals_that_move_hide_nothing(fault: dict[str, object]) -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.storm(fault, day.first)
        await day.storm_again()


@pytest.mark.parametrize("fault", [{"fault": "repeated-page-token"}, {"fault": "empty-page", "times": 5}], ids=str)
async def test_tokens_that_repeat_and_pages_that_are_empty_hide_nothing(fault: dict[str, object]) -> None:
    async with FaultDay() as day:
        await day.begin()
        day.second.faults.arm({"fault": "page-size-clamp", "sizes": [2], "path": "**/search/jql"})
        await day.storm(fault, day.second)
        assert await day.codes() == []


@pytest.mark.parametrize(("path", "status"), [("**/search/jql", 410), ("**/search", 404)])
async def test_an_address_that_was_removed_is_told_and_nothing_is_lost(path: str, status: int) -> None:
    async with FaultDay() as day:
        await day.begin()
        side = day.second if status == 410 else day.first
        side.faults.arm({"fault": "endpoint-removed", "path": path, "status": status})
        await day.work("removed")
        await day.suffer(seconds=400)
        expected = Code.DEFECT if status == 410 else Code.HOST_UNREACHABLE
        assert set(await day.codes()) == {expected}

        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []
