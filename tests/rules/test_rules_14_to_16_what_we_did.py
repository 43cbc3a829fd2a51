"""Rules 14 to 16: what we did, and whether it was ours to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backbone.core.model.keys import STATUS, SUMMARY
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, labels
from backbone.ports.tracker import OutcomeUnknown
from tests.fakes.halves import BUG, DONE, LABELS, LOW, P3, PRIORITY
from tests.fakes.jira import FakeIssue, FakeJira
from tests.fakes.scene import Scene
from tests.fakes.world import Crash


def crash() -> None:
    raise Crash


def lost() -> None:
    raise OutcomeUnknown("no answer came")


def told(scene: Scene, text: str) -> None:
    """A's user writes a summary, and the message arrives at B."""
    scene.a.set(scene.issues()[0], SUMMARY, Scalar(text))
    scene.tell(scene.a)


def test_rule_14_a_worker_that_lost_its_lock_writes_nothing() -> None:
    scene = Scene()
    _, second = scene.pair()
    told(scene, "b")
    edits = scene.b.calls.get("edit", 0)
    scene.at(scene.b, "read", lambda: lose_all(scene))

    scene.turns()

    assert scene.b.calls.get("edit", 0) == edits
    assert second.values[SUMMARY] == Scalar("a")


def test_rule_14_a_worker_that_lost_its_lock_commits_nothing() -> None:
    scene = Scene()
    first, second = scene.pair()
    told(scene, "b")
    memory = scene.half_of(second)
    scene.at(scene.b, "edited", lambda: lose_all(scene))

    scene.turns()

    assert scene.half_of(second).baselines == memory.baselines
    scene.settle()
    assert first.values[SUMMARY] == second.values[SUMMARY] == Scalar("b")


def edit_field(scene: Scene, first: FakeIssue) -> None:
    scene.a.set(first, SUMMARY, Scalar("b"))


def close(scene: Scene, first: FakeIssue) -> None:
    scene.a.set(first, STATUS, DONE)


def edit_comment(scene: Scene, first: FakeIssue) -> None:
    scene.a.edit_body(first, next(iter(first.comments)), "changed")


def remove_file(scene: Scene, first: FakeIssue) -> None:
    scene.a.remove_file_of(first, next(iter(first.files)))


@pytest.mark.parametrize(
    ("happens", "written"),
    [(edit_field, "edit"), (close, "move"), (edit_comment, "edit-comment"), (remove_file, "remove-file")],
)
def test_rule_14_every_write_is_preceded_by_a_look_at_the_lock(
    happens: Callable[[Scene, FakeIssue], None], written: str
) -> None:
    scene = Scene()
    first, _ = scene.pair()
    scene.a.comment(first, "hi")
    scene.a.attach(first, "a.txt", b"content")
    scene.settle()
    happens(scene, first)
    scene.look(scene.a)
    scene.tell(scene.a)
    before = {**scene.a.calls, **scene.b.calls}.get(written, 0)
    scene.world.store.gate = lambda: lose_all(scene) if scene.world.store.tables.attempts else None

    scene.turns()

    assert {**scene.a.calls, **scene.b.calls}.get(written, 0) == before


def test_rule_14_a_creation_is_preceded_by_a_look_at_the_lock() -> None:
    scene = Scene()
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.tell(scene.a)
    scene.world.store.gate = lambda: lose_all(scene) if scene.world.store.tables.creations else None

    scene.turns()
    scene.turns()

    assert len(scene.world.store.tables.creations) == 1
    assert scene.b.calls.get("create", 0) == 0


def lose_all(scene: Scene) -> None:
    """The connection to the database is lost: everybody may take what we hold."""
    for name in list(scene.world.store.locks.held):
        scene.world.store.locks.lose(name)


def test_rule_15_an_edit_between_our_reading_and_writing_is_noticed() -> None:
    scene = Scene()
    first, second = scene.pair()
    told(scene, "ours")
    scene.wait(10)
    scene.at(scene.b, "edit", lambda: _edit(scene.b, second, "the user's"))

    scene.settle()

    assert first.values[SUMMARY] == second.values[SUMMARY] == Scalar("the user's")


def test_rule_15_it_is_noticed_although_we_died_right_after() -> None:
    scene = Scene()
    first, second = scene.pair()
    told(scene, "ours")
    scene.wait(10)

    def edit_and_die() -> None:
        _edit(scene.b, second, "the user's")
        scene.at(scene.b, "edited", crash)

    scene.at(scene.b, "edit", edit_and_die)

    scene.settle()

    assert first.values[SUMMARY] == second.values[SUMMARY] == Scalar("the user's")


def _edit(jira: FakeJira, issue: FakeIssue, text: str) -> None:
    jira.set(issue, SUMMARY, Scalar(text))


def test_rule_16_two_automations_that_fight_are_stopped_and_both_values_named() -> None:
    scene = Scene()
    first, _ = scene.pair()
    scene.a.automation = lambda issue: always(scene.a, issue, "of A")
    scene.b.automation = lambda issue: always(scene.b, issue, "of B")
    scene.a.set(first, SUMMARY, Scalar("go"))

    scene.settle()

    fights = [one.problem for one in scene.world.store.tables.problems.values()]
    assert {one.code for one in fights} == {Code.OSCILLATION}
    assert all("'of A'" in one.cause and "'of B'" in one.cause for one in fights)


def test_rule_16_two_automations_that_fight_over_a_label_are_stopped() -> None:
    scene = Scene()
    first, _ = scene.pair()
    scene.a.automation = lambda issue: label(scene.a, issue, "x", "y")
    scene.b.automation = lambda issue: label(scene.b, issue, "y")
    scene.a.set(first, LABELS, labels("x"))

    scene.settle()

    fights = [one.problem for one in scene.world.store.tables.problems.values()]
    assert {one.code for one in fights} == {Code.OSCILLATION}
    assert all("with x" in one.cause and "without x" in one.cause for one in fights)


def test_rule_16_people_may_change_their_minds() -> None:
    scene = Scene()
    first, _ = scene.pair()
    for number in range(6):
        scene.a.set(first, SUMMARY, Scalar("ab"[number % 2]))
        scene.settle()

    assert scene.problems() == []


def always(jira: FakeJira, issue: FakeIssue, text: str) -> None:
    if issue.values[SUMMARY] != Scalar(text):
        jira.set(issue, SUMMARY, Scalar(text))


def label(jira: FakeJira, issue: FakeIssue, *wanted: str) -> None:
    if issue.values[LABELS] != labels(*wanted):
        jira.set(issue, LABELS, labels(*wanted))


def test_rule_12_an_issue_created_without_a_refused_field_is_remembered_so() -> None:
    scene = Scene()
    scene.b.refuse_new = lambda values: {PRIORITY: "not on the screen"} if PRIORITY in values else {}
    scene.at(scene.b, "created", lambda: scene.at(scene.b, "created", lost))
    scene.b.defaults = {}
    first = scene.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW})

    scene.settle()

    assert first.values[PRIORITY] == LOW
    assert scene.issues()[1].values[PRIORITY] == P3
