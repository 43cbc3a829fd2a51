"""The worlds of the demo."""

from __future__ import annotations

import pytest

from backbone.simulator.demo import lumen, northwind
from backbone.simulator.peopling import make_world
from backbone.simulator.plan import WorldPlan
from backbone.simulator.seed import read_plan


@pytest.mark.parametrize(("plan", "issues"), [(northwind(), 18), (lumen(), 12)])
def test_a_demo_world_stands_as_planned(plan: WorldPlan, issues: int) -> None:
    world = make_world(plan)
    assert len(world.issues) == issues
    planned = [entry.status for entry in plan.issues]
    assert [world.statuses[issue.status_id].name for issue in world.issues.values()] == planned
    assert any(issue.comments for issue in world.issues.values())
    assert any(issue.attachments for issue in world.issues.values())


def test_the_demo_worlds_share_neither_priorities_nor_statuses_nor_people() -> None:
    first, second = make_world(northwind()), make_world(lumen())
    for names in ("priorities", "statuses"):
        mine = {thing.name for thing in getattr(first, names).values()}
        theirs = {thing.name for thing in getattr(second, names).values()}
        assert not mine & theirs
    assert {u.name for u in first.users.values()} & {u.name for u in second.users.values()} == {"sync"}


def test_the_demo_worlds_have_a_past() -> None:
    world = make_world(northwind())
    first, *_, last = world.issues.values()
    assert (last.created - first.created).days > 20
    assert first.comments[0].created > first.created
    assert all(issue.updated <= world.clock() for issue in world.issues.values())


def test_a_plan_with_an_unknown_word_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        read_plan({"colour": "red"})


def test_a_plan_that_names_the_undefined_is_refused() -> None:
    raw = {"users": [{"name": "anna"}], "projects": [{"key": "A", "name": "A", "lead": "bert", "workflow": "w"}]}
    with pytest.raises(LookupError, match="bert"):
        make_world(read_plan(raw))
