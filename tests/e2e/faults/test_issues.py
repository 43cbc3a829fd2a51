"""Faults 20 to 25: issues that go, move, hide or are refused; projects and people that change."""

from __future__ import annotations

from contextlib import suppress

import pytest

from backbone.app.engine.census import census
from backbone.app.engine.trouble import Postponed
from backbone.core.model.problems import Code
from backbone.simulator import Simulator
from backbone.simulator.control.administration import (
    ArchiveOrder,
    PermissionOrder,
    RefusalOrder,
    RenameOrder,
    ScreenOrder,
    UserOrder,
    add_refusal,
    rename_key,
    set_archived,
    set_permission,
    set_screens,
    set_user,
)
from backbone.simulator.demo import lumen, northwind
from tests.parts.fault_day import FaultDay, small


def _see(side: Simulator, project: str, *, held: bool) -> None:
    set_permission(side.site, PermissionOrder(project=project, permission="BROWSE_PROJECTS", user="sync", held=held))


@pytest.mark.parametrize("second", [False, True], ids=["northwind", "lumen"])
async def test_permission_withdrawn_is_not_taken_for_deletion(second: bool) -> None:
    async with FaultDay() as day:
        await day.begin()
        side, project = (day.second, "LUM") if second else (day.first, "PUMP")
        before = dict(await day.partners())
        _see(side, project, held=False)
        await day.work("blind")
        await day.suffer(rounds=6)
        for half in day.halves:
            with suppress(Postponed):
                await census(day.engine, half)
        await day.suffer(rounds=6)
        codes = set(await day.codes())
        assert codes
        assert codes <= {Code.PERMISSION_MISSING, Code.ISSUE_INVISIBLE}

        _see(side, project, held=True)
        day.system.time += 15 * 60_000
        await day.recover()
        for half in day.halves:
            await census(day.engine, half)
        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert before.items() <= dict(await day.partners()).items()
        assert await day.codes() == []


@pytest.mark.parametrize("status", [403, 404])
async def test_issues_that_hide_for_a_while_go_on_where_they_stopped(status: int) -> None:
    async with FaultDay() as day:
        await day.begin()
        day.first.faults.arm(
            {"fault": "invisible", "status": status, "method": "GET", "path": "**/issue/1*|**/issue/1*/**"}
        )
        await day.work("hiding")
        await day.suffer(rounds=6)
        codes = set(await day.codes())
        assert Code.ISSUE_INVISIBLE in codes
        assert Code.ISSUE_DELETED not in codes

        day.first.faults.clear()
        for half in day.halves:
            await census(day.engine, half)
        await day.recover()
        await day.try_again()
        await day.assert_in_step()
        assert await day.codes() == []


@pytest.mark.parametrize("second", [False, True], ids=["northwind", "lumen"])
async def test_the_partner_of_a_deleted_issue_stays(second: bool) -> None:
    async with FaultDay() as day:
        await day.begin()
        key = day.pumps[0]
        partner = (await day.partners())[key]
        side, gone = (day.second, partner) if second else (day.first, key)
        other, left = (day.first, key) if second else (day.second, partner)
        before = other.world.find_issue(left)
        assert before is not None
        side.as_user("kate" if second else "gero").delete(gone)
        other.as_user("mara" if second else "priya").comment(left, "where is it?")
        for _ in range(3):
            for half in day.halves:
                await census(day.engine, half)
            await day.settle()

        after = other.world.find_issue(left)
        assert after is not None
        assert after.values == before.values
        assert [one.body for one in after.comments][:-1] == [one.body for one in before.comments]
        assert side.world.find_issue(gone) is None
        assert await day.codes() == [Code.ISSUE_DELETED]


async def test_an_issue_that_is_deleted_between_search_and_read_stops_nobody_else() -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.work("busy")
        partner = (await day.partners())[day.pumps[1]]
        day.second.as_user("kate").delete(partner)
        await day.settle()
        for _ in range(3):
            await census(day.engine, day.halves[1])
            await day.settle()
        assert await day.codes() == [Code.ISSUE_DELETED]
        assert day.first.world.find_issue(day.pumps[1]) is not None
        left = {one.partition(":")[0] for one in await day.differences(without=[day.pumps[1]])}
        assert left == set()


async def test_a_query_that_names_a_deleted_issue_is_asked_again_without_it() -> None:
    async with FaultDay() as day:
        await day.begin()
        for key in day.pumps:
            day.first.as_user("mara").edit(key, Customer=f"for {key}")
        day.first.index.hold(_issue_id(day.first, day.pumps[0]), day.first.world.clock())
        day.first.as_user("gero").delete(day.pumps[1])
        await day.settle()
        left = {one.partition(":")[0] for one in await day.differences(without=[day.pumps[0], day.pumps[1]])}
        assert left == set()
        day.first.index.release_all()
        await day.settle()
        assert await day.differences(without=[day.pumps[1]]) == []


def _issue_id(side: Simulator, key: str) -> int:
    issue = side.world.find_issue(key)
    assert issue is not None
    return issue.id


async def test_an_issue_that_moves_out_waits_and_goes_on_when_it_is_back() -> None:
    async with FaultDay() as day:
        await day.begin()
        key = day.pumps[2]
        partner = (await day.partners())[key]
        mara = day.first.as_user("mara")
        moved = mara.move(key, "SERV")
        await day.settle()
        await census(day.engine, day.halves[0])
        await day.settle()
        assert await day.codes() == [Code.ISSUE_MOVED]

        mara.comment(moved.key, "said while away")
        day.second.as_user("priya").edit(partner, Account="told while away")
        await day.settle()
        away = day.first.world.find_issue(moved.key)
        assert away is not None
        assert len(day.second.world.issues) == len(day.pumps) + len(day.sensors)

        back = mara.move(moved.key, "PUMP")
        await day.settle()
        await day.rest()
        assert (await day.partners())[back.key] == partner
        day.pumps[2] = back.key
        await day.assert_in_step()
        assert await day.codes() == []


@pytest.mark.parametrize(("second", "project", "key"), [(False, "PUMP", "PUMPS"), (True, "LUM", "LUMEN")])
async def test_a_renamed_project_is_a_non_event(second: bool, project: str, key: str) -> None:
    async with FaultDay() as day:
        await day.begin()
        side = day.second if second else day.first
        rename_key(side.site, RenameOrder(project=project, key=key))
        mara, priya = day.first.as_user("mara"), day.second.as_user("priya")
        for number, (one, other) in enumerate((await day.partners()).items()):
            mara.edit(one, Customer=f"renamed {number}")
            priya.edit(other, Analysis=f"renamed {number}")
            priya.comment(other, f"after the renaming {number}")
        mara.create("PUMP" if second else key, "Bug", "born after the renaming")
        priya.create(key if second else "LUM", "Defect", "born after the renaming as well")
        await day.settle()
        await day.rest()
        found = await day.differences()
        assert found == []
        assert len(side.world.issues) == len(await day.partners())
        assert await day.codes() == []


async def test_people_who_leave_or_are_renamed_change_nothing() -> None:
    async with FaultDay() as day:
        await day.begin()
        await day.work("before")
        set_user(day.first.site, UserOrder(user="ines", active=False))
        set_user(day.first.site, UserOrder(user="tomasz", name="tomasz.z"))
        set_user(day.second.site, UserOrder(user="noor", active=False))
        await day.settle()
        await day.assert_in_step()
        set_user(day.first.site, UserOrder(user="ines", active=True))
        set_user(day.second.site, UserOrder(user="noor", active=True))
        await day.storm_again()


async def test_our_account_renamed_keeps_its_copies() -> None:
    async with FaultDay() as day:
        await day.begin()
        set_user(day.first.site, UserOrder(user="sync", name="sync.bot"))
        for one in (day.first,):
            user = next(user for user in one.world.users.values() if user.name == "sync.bot")
            assert user.tokens
        mara = day.first.as_user("mara")
        mara.edit(day.pumps[0], Customer="renamed")
        await day.settle()
        assert len(day.first.world.issues) == len(await day.partners())
        assert await day.codes() == []


async def test_an_archived_issue_is_hidden_and_not_deleted() -> None:
    async with FaultDay() as day:
        await day.begin()
        set_archived(day.first.site, ArchiveOrder(issue=day.pumps[0]))
        for _ in range(2):
            await census(day.engine, day.halves[0])
            await day.suffer(rounds=2)
        assert set(await day.codes()) <= {Code.ISSUE_INVISIBLE, Code.ISSUE_DELETED}
        set_archived(day.first.site, ArchiveOrder(issue=day.pumps[0], archived=False))
        await census(day.engine, day.halves[0])
        await day.settle()
        await day.storm_again()


async def test_a_refused_field_holds_back_itself_only() -> None:
    async with FaultDay() as day:
        await day.begin()
        set_screens(day.second.site, ScreenOrder(project="LUM", remove=("Account",)))
        await day.work("screens")
        await day.settle()
        codes = await day.codes()
        assert set(codes) <= {Code.FIELD_REFUSED, Code.ISSUE_REFUSED}
        assert codes
        problem = next(one.problem for one in await day.problems())
        assert "Customer" in problem.cause or "Account" in problem.cause
        assert "screen" in problem.cause + problem.remedy
        await day.assert_in_step("Customer")

        set_screens(day.second.site, ScreenOrder(project="LUM", add=("Account",)))
        await day.try_again()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_one_poisoned_issue_among_five_hundred_holds_nobody_back() -> None:
    plans = (
        small(northwind(), "PUMP", 0, 1, 2, 3, 4, 5, 6, 8, 9, 11),
        small(lumen(), "LUM", 1, 2, 3, 5, 8, 9),
    )
    async with FaultDay(plans=plans) as day:
        await day.begin()
        mara = day.first.as_user("mara")
        for number in range(484):
            mara.create("PUMP", "Task", f"task {number}")
        day.made += 484
        await day.settle()
        assert len(await day.partners()) == 500

        poisoned = day.pumps[1]
        partner = (await day.partners())[poisoned]
        add_refusal(day.second.site, RefusalOrder(message="The summary is reserved.", issue=partner, field="summary"))
        for number, key in enumerate(await day.partners()):
            mara.edit(key, summary=f"everyone {number}", Customer=f"customer {number}")
        mara.comment(poisoned, "still here")
        await day.settle()

        assert await day.differences() == [f"{poisoned}: Summary"]
        [problem] = [one.problem for one in await day.problems()]
        assert problem.code is Code.FIELD_REFUSED
        assert "The summary is reserved." in problem.cause
        assert problem.occurred_in is not None
        assert problem.occurred_in.key == partner
        assert problem.remedy

        day.second.world.refusals.clear()
        await day.try_again()
        await day.assert_in_step()
        assert await day.codes() == []


@pytest.mark.parametrize("limit", [500])
async def test_a_text_that_is_too_long_there_is_told_and_written_when_it_fits(limit: int) -> None:
    async with FaultDay() as day:
        await day.begin()
        day.second.world.settings.text_limit = limit
        mara = day.first.as_user("mara")
        mara.edit(day.pumps[0], description="x" * (limit + 1), Customer="fits")
        await day.settle()
        assert await day.differences() == [f"{day.pumps[0]}: Description"]
        assert await day.codes() == [Code.FIELD_REFUSED]

        mara.edit(day.pumps[0], description="short")
        await day.settle()
        assert await day.differences() == []
        assert await day.codes() == []
