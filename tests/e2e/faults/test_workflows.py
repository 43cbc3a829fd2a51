"""Fault 26: statuses that can't be reached, demand fields, or are changed by two at the same time."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.core.model.problems import Code
from backbone.simulator.control.administration import WorkflowOrder, set_workflow
from backbone.simulator.demo import lumen, northwind
from tests.parts.fault_day import FaultDay, small

BOARD: list[dict[str, object]] = [
    {"name": "Select", "start": ["Backlog"], "to": "Selected"},
    {"name": "Begin", "start": ["Selected"], "to": "Doing"},
    {"name": "Hand over", "start": ["Doing"], "to": "Verifying"},
    {"name": "Reject", "start": ["Verifying"], "to": "Doing"},
    {"name": "Back to the backlog", "to": "Backlog", "sets": {"resolution": None}},
]


async def test_statuses_follow_over_several_steps_on_both_sides() -> None:
    async with FaultDay() as day:
        await day.begin()
        partners = await day.partners()
        day.first.as_user("mara").transition(day.pumps[1], "Start Progress")
        day.first.as_user("mara").transition(day.pumps[0], "Ask for Review")
        day.second.as_user("priya").transition(day.sensors[2], "Select")
        day.second.as_user("priya").transition(day.sensors[2], "Begin")
        day.second.as_user("priya").transition(partners[day.pumps[2]], "Select")
        await day.settle()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_a_status_that_nobody_was_in_is_walked_through_when_there_is_no_other_way() -> None:
    plans = (small(northwind(), "PUMP", 0), small(lumen(), "LUM", 3))
    async with FaultDay(plans=plans) as day:
        await day.begin()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_with_two_unknown_ways_nothing_is_tried_and_the_cure_names_them() -> None:
    plans = (small(northwind(), "PUMP", 1), small(lumen(), "LUM", 3))
    async with FaultDay(plans=plans) as day:
        await day.begin()
        fork = [*BOARD, {"name": "Shelve", "start": ["Backlog"], "to": "Verifying"}]
        set_workflow(day.second.site, WorkflowOrder(project="LUM", workflow=_workflow(fork)))
        day.first.as_user("mara").transition(day.pumps[0], "Start Progress")
        await day.settle()
        [problem] = [one.problem for one in await day.problems()]
        assert problem.code is Code.NO_PATH_TO_STATUS
        assert "'Backlog' to 'Doing'" in problem.cause
        assert "'Selected' and 'Verifying'" in problem.remedy or "'Verifying' and 'Selected'" in problem.remedy


async def test_a_transition_that_is_missing_is_told_and_made_when_it_is_there() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.first.as_user("mara").transition(day.pumps[1], "Resolve Issue", resolution="Fixed")
        day.first.as_user("mara").edit(day.pumps[1], Customer="resolved")
        set_workflow(day.second.site, WorkflowOrder(project="LUM", workflow=_workflow(BOARD)))
        await day.settle()
        assert await day.differences() == [f"{day.pumps[1]}: Status"]
        [problem] = [one.problem for one in await day.problems()]
        assert problem.code is Code.NO_PATH_TO_STATUS
        assert "'Done'" in problem.cause
        assert "transition" in problem.remedy

        accept = [*BOARD, {"name": "Accept", "start": ["Verifying"], "to": "Done"}]
        set_workflow(day.second.site, WorkflowOrder(project="LUM", workflow=_workflow(accept)))
        day.system.time += 20 * 60_000
        await day.try_again()
        await day.assert_in_step()
        assert await day.codes() == []


def _workflow(transitions: Sequence[object]) -> dict[str, object]:
    return {"name": "Changed board", "initial": "Backlog", "transitions": transitions}


async def test_a_required_field_of_a_screen_is_filled_from_the_configuration() -> None:
    async with FaultDay() as day:
        await day.begin()
        partner = (await day.partners())[day.pumps[0]]
        priya = day.second.as_user("priya")
        priya.transition(partner, "Hand over")
        priya.transition(partner, "Accept")
        await day.settle()
        await day.assert_in_step()
        assert await day.codes() == []
        issue = day.first.world.find_issue(day.pumps[0])
        assert issue is not None
        assert issue.resolved is not None


async def test_a_required_field_without_a_default_is_told_with_its_cure() -> None:
    async with FaultDay() as day:
        day.declaration = day.declaration.replace("      screen_fields: {first: {resolution: Fixed}}\n", "")
        await day.begin()
        partner = (await day.partners())[day.pumps[0]]
        priya = day.second.as_user("priya")
        priya.transition(partner, "Hand over")
        priya.transition(partner, "Accept")
        priya.edit(partner, Account="still travels")
        await day.settle()
        assert await day.differences() == [f"{day.pumps[0]}: Status"]
        [problem] = [one.problem for one in await day.problems()]
        assert problem.code is Code.FIELD_REFUSED
        assert "Resolve Issue" in problem.cause
        assert "screen_fields" in problem.remedy


async def test_of_several_transitions_to_one_status_the_one_that_demands_nothing_is_taken() -> None:
    async with FaultDay() as day:
        await day.begin()
        transitions: list[dict[str, object]] = [
            {"name": "Resolve with care", "to": "Resolved", "screen": ["resolution"], "required": ["resolution"]},
            {"name": "Just resolve", "to": "Resolved"},
            {"name": "Start Progress", "start": ["Open"], "to": "In Progress"},
            {"name": "Ask for Review", "start": ["In Progress"], "to": "In Review"},
        ]
        flow: dict[str, object] = {"name": "Two ways", "initial": "Open", "transitions": transitions}
        set_workflow(day.first.site, WorkflowOrder(project="PUMP", workflow=flow))
        partner = (await day.partners())[day.pumps[0]]
        priya = day.second.as_user("priya")
        priya.transition(partner, "Hand over")
        priya.transition(partner, "Accept")
        await day.settle()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_a_condition_that_hides_a_transition_from_us_is_told() -> None:
    async with FaultDay() as day:
        await day.begin()
        hidden = [{**one, "conditions": ["group:engineers"]} if one["name"] == "Hand over" else one for one in BOARD]
        set_workflow(day.second.site, WorkflowOrder(project="LUM", workflow=_workflow(hidden)))
        day.first.as_user("mara").transition(day.pumps[0], "Ask for Review")
        await day.settle()
        [problem] = [one.problem for one in await day.problems()]
        assert problem.code is Code.NO_PATH_TO_STATUS
        assert "our account" in problem.cause
        assert await day.differences() == [f"{day.pumps[0]}: Status"]


async def test_a_conflict_with_another_edit_is_tried_again() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.first.as_user("mara").transition(day.pumps[1], "Start Progress")
        await day.storm({"fault": "conflict", "probability": 0.6, "seed": 2})
        assert await day.codes() == []
