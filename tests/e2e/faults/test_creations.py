"""Faults 7, 29 and 33: creations that half succeed, lost answers, and our own restarts with an old memory."""

from __future__ import annotations

import pytest
from aiohttp import web

from backbone.core.model.problems import Code
from tests.parts.fault_day import FaultDay
from tests.parts.two_jiras import FIRST, SECOND


@pytest.mark.parametrize("second", [False, True], ids=["northwind", "lumen"])
@pytest.mark.parametrize("field", ["environment", None])
async def test_what_a_bulk_creation_refuses_is_told_and_the_others_exist(second: bool, field: str | None) -> None:
    async with FaultDay() as day:
        await day.begin()
        side = day.second if second else day.first
        project, kind, user, other = (
            ("PUMP", "Bug", "mara", day.first) if second else ("LUM", "Task", "priya", day.second)
        )
        for number in range(4):
            other.as_user(user).create(project, kind, f"one of four: {number}", environment=f"bench {number}")
        day.made += 4
        fault = {"fault": "partial-bulk-create", "elements": [1, 2], "field": field, "times": 1}
        ident = side.faults.arm(fault)
        await day.settle()
        assert side.faults.struck(ident) == 1
        assert len(await day.partners()) == len(day.pumps) + len(day.sensors) + (4 if field else 2)
        assert await day.codes() == ([] if field else [Code.ISSUE_REFUSED] * 2)  # the field is written after all

        side.faults.clear()
        await day.try_again()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_a_restart_in_the_middle_of_everything_makes_nothing_twice() -> None:
    async with FaultDay() as day:
        await day.begin()
        for number in range(3):
            await day.work(f"restart{number}")
            await day.cycle(number)
            await day.restart()
        await day.settle()
        await day.assert_in_step()
        assert await day.codes() == []


@pytest.mark.parametrize("name", [FIRST, SECOND])
async def test_death_right_after_a_write_makes_nothing_twice(name: str) -> None:
    """The answer of each write of a burst is lost once, and the process starts anew each time."""
    async with FaultDay() as day:
        await day.begin()
        await day.work("death")
        side = day.first if name == FIRST else day.second
        for skip in range(6):
            side.faults.arm({"fault": "answer-lost", "path": "**/issue/**", "skip": skip, "times": 1})
            await day.cycle(skip)
            side.faults.clear()
            await day.restart()
        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []


@pytest.mark.parametrize("name", [FIRST, SECOND])
async def test_an_edit_right_before_our_write_is_not_lost(name: str) -> None:
    async with FaultDay() as day:
        await day.begin()
        key = day.pumps[0]
        partner = (await day.partners())[key]
        here, there = (day.second, day.first) if name == FIRST else (day.first, day.second)
        ours, theirs = (partner, key) if name == FIRST else (key, partner)
        author, rival = ("priya", "mara") if name == FIRST else ("mara", "priya")
        done: list[str] = []

        async def strike(request: web.Request, operation: str) -> None:
            if request.method == "PUT" and not done:
                done.append(operation)
                there.as_user(rival).edit(theirs, summary="the later edit")

        here.as_user(author).edit(ours, summary="the earlier edit")
        there.faults.on_before_write(strike)
        day.system.time += 5_000
        await day.settle()
        await day.rest()
        assert done
        await day.assert_in_step()
        found = day.first.world.find_issue(key)
        assert found is not None
        assert found.values["summary"] == "the later edit"


@pytest.mark.parametrize("second", [False, True], ids=["northwind", "lumen"])
async def test_what_was_edited_while_the_outcome_of_a_creation_was_unknown_is_not_lost(second: bool) -> None:
    """The issue exists with the values of then: what was told since is still to be written to it."""
    async with FaultDay() as day:
        await day.begin()
        side, other = (day.second, day.first) if second else (day.first, day.second)
        project, kind, user, tags = ("PUMP", "Bug", "mara", "north") if second else ("LUM", "Task", "priya", "lum")
        author = other.as_user(user)
        new = author.create(project, kind, "as it was born", description="born", labels=[tags])
        gone = author.create(project, kind, "the other", description="stays")
        day.made += 2
        path = {"path": "**/issue/bulk", "times": 1}
        ident = side.faults.arm({"fault": "answer-lost", **path})
        while not side.faults.struck(ident):
            await day.suffer(rounds=1)
        author.edit(new.key, summary="as it became", description="became", labels=[tags, "later"])
        author.edit(gone.key, description=None)
        await day.suffer(rounds=2)

        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []
