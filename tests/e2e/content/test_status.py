"""The status: by mapping, along the shortest path of transitions."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from backbone.simulator.control.administration import WorkflowOrder, set_workflow
from backbone.simulator.plan import TransitionPlan
from tests.parts.neighbours import Neighbours, neighbours, seen
from tests.parts.two_projects import FLOW_B, SHOWING_A, SHOWING_B, STATUS, declaration, plan_a, plan_b

OURS = f"PA-{len(SHOWING_A) + 1}"
"""The key of Ann's first issue."""


def busy_neighbours(declared: str = "") -> AbstractAsyncContextManager[Neighbours]:
    """Both projects have issues in every status, from which their workflows are learnt."""
    return neighbours(plan_a(issues=SHOWING_A), plan_b(issues=SHOWING_B), declared=declared)


async def test_a_status_is_reached_over_several_transitions_in_both_directions() -> None:
    async with busy_neighbours() as jiras:
        ann, ben = jiras.ann, jiras.ben
        ann.create("PA", "Bug", "Walks far")
        for step in ("Begin", "Hand in", "Resolve"):
            ann.transition(OURS, step)
        await jiras.begin()
        partner = await jiras.partner(OURS)
        assert seen(jiras.second, partner, "status") == "Finished"

        ben.transition(partner, "Return")
        await jiras.settle()
        assert seen(jiras.first, OURS, "status") == "Open"

        for step in ("Pull", "Pass on"):
            ben.transition(partner, step)
        await jiras.settle()
        assert seen(jiras.first, OURS, "status") == "In Review"
        await jiras.equal()


async def test_several_statuses_may_lead_to_one_and_rest_there() -> None:
    async with busy_neighbours() as jiras:
        ann = jiras.ann
        ann.create("PA", "Bug", "Closed for good")
        for step in ("Begin", "Hand in", "Resolve", "Close"):
            ann.transition(OURS, step)
        await jiras.begin()
        assert seen(jiras.second, await jiras.partner(OURS), "status") == "Finished"
        assert seen(jiras.first, OURS, "status") == "Closed"


async def test_without_a_path_there_is_one_problem_and_everything_else_stays_in_step() -> None:
    async with busy_neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Parked")
        await jiras.begin()
        partner = await jiras.partner(OURS)
        jiras.ann.transition(OURS, "Park")
        jiras.ann.edit(OURS, summary="Parked for long", Customer="Aqua")
        jiras.ann.comment(OURS, "It waits")
        await jiras.settle()
        assert await jiras.codes() == ["no-path-to-status"]
        assert seen(jiras.second, partner, "status") == "Backlog"
        assert seen(jiras.second, partner, "summary") == "Parked for long"
        assert seen(jiras.second, partner, "Account") == "Aqua"
        assert len(jiras.ben.issue(partner).comments) == 1

        jiras.ben.edit(partner, Account="Norte")
        await jiras.settle()
        assert seen(jiras.first, OURS, "Customer") == "Norte"
        assert await jiras.codes() == ["no-path-to-status"]

        jiras.ann.transition(OURS, "Reopen")
        jiras.ann.transition(OURS, "Begin")
        await jiras.settle()
        assert seen(jiras.second, partner, "status") == "Doing"
        assert await jiras.codes() == []
        await jiras.equal()


async def test_a_direction_without_a_table_is_not_travelled() -> None:
    one_way = {"first_to_second": STATUS["first_to_second"]}
    async with busy_neighbours(declaration(status=one_way)) as jiras:
        jiras.ann.create("PA", "Bug", "One way")
        await jiras.begin()
        partner = await jiras.partner(OURS)
        jiras.ben.transition(partner, "Pull")
        await jiras.settle()
        assert seen(jiras.first, OURS, "status") == "Open"
        for step in ("Begin", "Hand in"):
            jiras.ann.transition(OURS, step)
        await jiras.settle()
        assert seen(jiras.second, partner, "status") == "Verifying"
        assert await jiras.codes() == []


async def test_a_partner_born_in_a_status_that_forbids_editing_is_complete() -> None:
    async with busy_neighbours() as jiras:
        ben = jiras.ben
        key = ben.create("PB", "Defect", "Long done", Account="Aqua", Models=["L1"]).key
        ben.comment(key, "It was easy")
        ben.attach(key, "proof.txt", b"proof")
        for step in ("Pull", "Pass on", "Accept"):
            ben.transition(key, step)
        await jiras.begin()
        here = await jiras.partner(key)
        jiras.ann.transition(here, "Close")
        await jiras.settle()
        assert seen(jiras.first, here, "status") == "Closed"
        assert seen(jiras.second, key, "status") == "Finished"
        ben.edit(key, Account="Norte")
        await jiras.settle()
        assert await jiras.codes() == ["field-refused"]
        jiras.ann.transition(here, "Reopen")
        await jiras.settle()
        await jiras.retry()
        await jiras.settle()
        assert seen(jiras.first, here, "Customer") == "Norte"
        await jiras.equal()


async def test_a_way_through_statuses_that_nobody_has_seen_is_found_or_undone() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "First of all")
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        for step in ("Begin", "Hand in"):
            jiras.ann.transition("PA-1", step)
        await jiras.settle()
        assert seen(jiras.second, partner, "status") == "Verifying"
        jiras.ann.transition("PA-1", "Park")
        await jiras.settle()
        assert await jiras.codes() == ["no-path-to-status"]
        assert seen(jiras.first, "PA-1", "status") == "Parked"
        assert seen(jiras.second, partner, "status") == "Verifying"


def _demanding(step: TransitionPlan) -> TransitionPlan:
    """The last transition demands a field that is not mapped."""
    demanded = {"screen": ("Costs",), "required": ("Costs",)}
    return step.model_copy(update=demanded if step.name == "Accept" else {})


async def test_a_walk_that_is_refused_half_way_does_not_come_back_as_an_edit() -> None:
    async with busy_neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Stopped half way")
        await jiras.begin()
        partner = await jiras.partner(OURS)
        for step in ("Begin", "Hand in", "Resolve"):
            jiras.ann.transition(OURS, step)
        demanding = FLOW_B.model_copy(update={"transitions": tuple(map(_demanding, FLOW_B.transitions))})
        set_workflow(jiras.second.site, WorkflowOrder(project="PB", workflow=demanding.model_dump()))
        await jiras.settle()
        assert await jiras.codes() == ["field-refused"]
        assert seen(jiras.second, partner, "status") == "Verifying"
        assert seen(jiras.first, OURS, "status") == "Resolved"
        set_workflow(jiras.second.site, WorkflowOrder(project="PB", workflow=FLOW_B.model_dump()))
        await jiras.retry()
        await jiras.settle()
        assert seen(jiras.second, partner, "status") == "Finished"
        await jiras.equal()
