"""A problem is gone once what it tells of was put right, and what is held for long keeps nothing else waiting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.engine.context import issue_lock
from backbone.app.engine.guard import REMOVALS_LIMIT
from backbone.app.engine.look import LEFTOVERS, look
from backbone.core.model.configuration import StartJql
from backbone.core.model.keys import SUMMARY, Millis, Revision
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, labels
from backbone.ports.tracker import Refusal
from tests.fakes.halves import BUG, LABELS, TEAM
from tests.fakes.issues import FakeIssue
from tests.fakes.scene import A, Scene
from tests.fakes.world import drive

JQL = "labels = shared"


@pytest.mark.parametrize("start", [False, True])
def test_a_jql_that_was_put_right_is_no_problem_any_more(start: bool) -> None:
    scene = Scene()
    other = {"start_with": StartJql(jql=JQL, since=Millis(2**60))} if start else {"jql": JQL}
    scene.reconfigure(replace(scene.first, revision=Revision(2), **other), replace(scene.second, revision=Revision(2)))
    scene.a.bad_jql.add(JQL)
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.settle()
    before = scene.problems()

    scene.a.bad_jql.clear()
    scene.settle()

    assert before == [Code.JQL_REFUSED]
    assert scene.problems() == []
    assert len(scene.b.issues) == 1


def test_what_the_guard_holds_keeps_no_other_issue_waiting() -> None:
    scene = Scene()
    names = [f"x{number}" for number in range(REMOVALS_LIMIT + 1)]
    closing, _ = scene.pair(labels=labels(*names))
    held = [scene.a.create_issue(BUG, {SUMMARY: Scalar("held"), LABELS: labels("one")}) for _ in range(LEFTOVERS)]
    other, partner = scene.pair()
    for one in (closing, *held):
        scene.a.set(one, LABELS, labels())
    scene.look(scene.a)
    scene.wait(5)
    scene.a.set(other, SUMMARY, Scalar("edited"))
    scene.wait(5)
    drive(_look_while_it_is_worked_on(scene, other))

    scene.settle()

    assert scene.problems() == [Code.MASS_CHANGE]
    assert partner.values[SUMMARY] == Scalar("edited")


def test_an_issue_that_goes_between_two_single_writes_has_no_refused_fields() -> None:
    scene = Scene()
    issue, partner = scene.pair()
    scene.b.refuse = lambda _issue, values: Refusal(messages=("a validator says no",)) if len(values) > 1 else None
    writes: list[str] = []

    def goes(point: str) -> None:
        writes.extend([point] if point == "edited" else [])
        scene.b.hidden |= {partner.ref.id} if writes else set()

    scene.b.gate = goes
    scene.a.set(issue, SUMMARY, Scalar("b"))
    scene.a.set(issue, TEAM, Scalar("t"))
    scene.settle()
    met = scene.problems()

    scene.b.gate = lambda _point: None
    scene.b.hidden.clear()
    scene.settle()

    assert writes == ["edited"]
    assert Code.FIELD_REFUSED not in met
    assert partner.values[SUMMARY] == Scalar("b")
    assert partner.values[TEAM] == Scalar("t")


async def _look_while_it_is_worked_on(scene: Scene, issue: FakeIssue) -> None:
    async with scene.world.store.hold(issue_lock(A, issue.ref.id)):
        await look(scene.world.engine, A)
