"""Paired issues that differ where nobody said whose value counts: told once a pair, and ended by taking a side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.engine.startconflict import reconsider
from backbone.app.usecases.troubleshooting.about import Action
from backbone.core.model.configuration import StartPolicy
from backbone.core.model.keys import STATUS, SUMMARY, Revision, Role
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, labels
from tests.fakes.halves import LABELS, PRIORITY, TEAM, mappings, only
from tests.fakes.issues import FakeIssue
from tests.fakes.scene import Scene
from tests.fakes.world import drive
from tests.unit.app.troubleshooting.helping import do, the_problem


def held(scene: Scene) -> None:
    """From now on the labels and the team are mapped as well; whose values count nobody says."""
    for role in ("first", "second"):
        one = getattr(scene, role)
        fields = mappings(Role.FIRST if role == "first" else Role.SECOND, StartPolicy.HOLD)
        setattr(scene, role, replace(one, revision=Revision(2), fields=fields))
    scene.reconfigure(scene.first, scene.second)


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.first, scene.second = (only(one, (SUMMARY, PRIORITY, STATUS)) for one in (scene.first, scene.second))
    scene.reconfigure(scene.first, scene.second)
    return scene


def differing(scene: Scene) -> tuple[FakeIssue, FakeIssue]:
    ours, partner = scene.pair()
    held(scene)
    scene.a.set(ours, TEAM, Scalar("ours"))
    scene.b.set(partner, TEAM, Scalar("theirs"))
    scene.a.set(ours, LABELS, labels("both", "a"))
    scene.b.set(partner, LABELS, labels("both", "b"))
    scene.settle()
    return ours, partner


def test_a_pair_that_differs_in_new_fields_is_one_problem_that_names_them(scene: Scene) -> None:
    ours, partner = differing(scene)

    problem = the_problem(scene, Code.START_CONFLICT).problem
    assert "'labels'" in problem.cause
    assert f"'{TEAM}'" in problem.cause
    assert "ours" not in problem.cause
    assert len(problem.holds.mappings) == 2
    assert (ours.values[TEAM], partner.values[TEAM]) == (Scalar("ours"), Scalar("theirs"))


def test_equal_values_are_no_conflict(scene: Scene) -> None:
    ours, partner = scene.pair()
    held(scene)
    for jira, issue in ((scene.a, ours), (scene.b, partner)):
        jira.set(issue, TEAM, Scalar("same"))
        jira.set(issue, LABELS, labels("same"))
    scene.settle()

    assert scene.problems() == []


def test_an_edit_of_another_field_leaves_the_conflict_open(scene: Scene) -> None:
    ours, partner = differing(scene)

    scene.a.set(ours, SUMMARY, Scalar("edited"))
    scene.settle()

    assert partner.values[SUMMARY] == Scalar("edited")
    assert scene.problems() == [Code.START_CONFLICT]


@pytest.mark.parametrize("action", [Action.TAKE_MINE, Action.TAKE_THEIRS])
def test_taking_a_side_makes_both_equal(scene: Scene, action: Action) -> None:
    ours, partner = differing(scene)
    occurred = the_problem(scene, Code.START_CONFLICT).problem.occurred_in
    mine, theirs = (ours, partner) if occurred == ours.ref else (partner, ours)
    winner = mine if action is Action.TAKE_MINE else theirs
    wanted = (winner.values[TEAM], winner.values[LABELS])

    do(scene, Code.START_CONFLICT, action)

    for issue in (ours, partner):
        assert (issue.values[TEAM], issue.values[LABELS]) == wanted
    assert scene.problems() == []


def test_the_next_edit_of_a_field_decides_it_as_well(scene: Scene) -> None:
    ours, partner = differing(scene)

    scene.b.set(partner, TEAM, Scalar("decided"))
    scene.settle()

    assert ours.values[TEAM] == Scalar("decided")
    assert drive(reconsider(scene.world.engine)) == 1
    assert f"'{TEAM}'" not in the_problem(scene, Code.START_CONFLICT).problem.cause


def test_a_conflict_is_over_when_all_its_fields_are_decided(scene: Scene) -> None:
    _, partner = differing(scene)

    scene.b.set(partner, TEAM, Scalar("decided"))
    scene.b.set(partner, LABELS, labels("both", "a"))
    scene.settle()

    assert drive(reconsider(scene.world.engine)) == 0
    assert scene.problems() == []
