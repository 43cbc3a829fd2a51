"""Rules 11 to 16: what we did."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backbone.core.model.keys import STATUS, SUMMARY
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, labels
from backbone.ports.tracker import OutcomeUnknown
from tests.fakes.halves import BUG, DEFECT, DONE, LABELS, LOW, P3, PRIORITY, TEAM
from tests.fakes.jira import SYNC, FakeIssue, FakeJira, Late
from tests.fakes.scene import Scene
from tests.fakes.world import Crash


def crash() -> None:
    raise Crash


def lost() -> None:
    raise OutcomeUnknown("no answer came")


def late() -> None:
    raise Late("no answer came")


def told(scene: Scene, text: str) -> None:
    """A's user writes a summary, and the message arrives at B."""
    scene.a.set(scene.issues()[0], SUMMARY, Scalar(text))
    scene.tell(scene.a)


def test_rule_11_our_own_write_is_known_again_after_a_crash() -> None:
    scene = Scene()
    scene.pair()
    told(scene, "b")
    before = scene.messages
    scene.at(scene.b, "edited", crash)
    scene.turns()

    scene.settle()

    assert scene.messages == before


def test_rule_11_an_attempt_is_added_to_the_record_of_the_earlier_one() -> None:
    scene = Scene()
    first, second = scene.pair()
    told(scene, "first attempt")
    scene.at(scene.b, "edited", crash)
    scene.turns()
    told(scene, "second attempt")
    scene.at(scene.b, "edit", crash)
    scene.turns()
    before = scene.messages

    scene.settle()

    assert scene.messages == before
    assert first.values[SUMMARY] == second.values[SUMMARY] == Scalar("second attempt")


def test_rule_11_a_removal_made_after_our_attempt_was_written_is_not_undone() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.set(first, LABELS, labels("x"))
    scene.tell(scene.a)
    scene.at(scene.b, "edited", crash)
    scene.turns()
    scene.wait(5)
    scene.b.set(second, LABELS, labels())

    scene.settle()

    assert first.values[LABELS] == second.values[LABELS] == labels()


def test_rule_11_while_an_attempt_is_open_nobody_else_decides() -> None:
    scene = Scene()
    _, second = scene.pair()
    told(scene, "ours")
    scene.at(scene.b, "edited", crash)
    scene.turns()
    before = scene.messages
    scene.b.set(second, TEAM, Scalar("meanwhile"))

    scene.look(scene.b)

    assert scene.messages == before


def test_rule_12_an_issue_is_created_once_although_the_answer_was_lost() -> None:
    scene = Scene()
    scene.at(scene.b, "created", lost)
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})

    scene.settle()

    assert len(scene.b.issues) == 1


@pytest.mark.parametrize("how", [crash, lost])
def test_rule_12_what_was_told_while_the_outcome_was_unknown_is_still_to_be_written(how: Callable[[], None]) -> None:
    """The issue has the values that it was created with, and not what was told since."""
    scene = Scene()
    scene.at(scene.b, "created", how)
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.tell(scene.a)
    scene.turns()
    scene.a.set(next(iter(scene.a.issues.values())), SUMMARY, Scalar("b"))
    scene.tell(scene.a)

    scene.settle()

    first, second = scene.issues()
    assert first.values[SUMMARY] == second.values[SUMMARY] == Scalar("b")


def test_rule_12_an_issue_is_created_once_although_jira_was_late() -> None:
    scene = Scene()
    scene.at(scene.b, "create", late)
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.tell(scene.a)
    scene.turns()
    scene.turns()
    scene.wait(20)
    scene.turns()
    scene.b.catch_up()

    scene.settle()

    assert len(scene.b.issues) == 1


@pytest.mark.parametrize("how", [crash, lost])
def test_rule_12_a_comment_is_mirrored_once_although_the_answer_was_lost(how: Callable[[], None]) -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.at(scene.b, "comment-added", how)
    scene.a.comment(first, "hi")

    scene.settle()

    assert len(second.comments) == 1


@pytest.mark.parametrize("thing", ["comment", "file"])
def test_rule_12_an_addition_of_unknown_outcome_waits_before_it_is_repeated(thing: str) -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.at(scene.b, f"add-{thing}", late)
    if thing == "comment":
        scene.a.comment(first, "hi")
    else:
        scene.a.attach(first, "a.txt", b"content")
    scene.tell(scene.a)
    scene.turns()
    scene.wait(20)
    scene.turns()
    scene.b.catch_up()

    scene.settle()

    assert len(second.comments) + len(second.files) == 1


def test_rule_12_a_file_is_copied_once_although_the_answer_was_lost() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.at(scene.b, "file-added", lost)
    scene.a.attach(first, "a.txt", b"content")

    scene.settle()

    assert len(second.files) == 1


def test_rule_13_what_our_own_account_made_is_never_sent_as_new() -> None:
    scene = Scene()
    scene.a.create_issue(BUG, {SUMMARY: Scalar("made by hand")}, SYNC)

    scene.settle()

    assert scene.b.issues == {}


def test_rule_13_what_our_own_account_made_waits_while_an_attempt_to_create_is_open() -> None:
    scene = Scene()
    scene.at(scene.b, "created", lost)
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.tell(scene.a)
    scene.turns()
    scene.turns()

    scene.look(scene.b)

    assert scene.problems() == [Code.CREATE_UNKNOWN]


def test_rule_13_an_unknown_marker_of_ours_is_a_problem() -> None:
    scene = Scene()
    stranger = scene.b.create_issue(DEFECT, {SUMMARY: Scalar("from another life")}, SYNC)
    stranger.marker = scene.world.engine.marker(scene.second, "A9999", "lost")

    scene.settle()

    assert scene.problems() == [Code.UNKNOWN_MARKER]
    assert scene.a.issues == {}


def test_rule_13_a_comment_that_our_account_wrote_by_hand_is_not_told() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.comment(first, "by hand", SYNC)

    scene.settle()

    assert second.comments == {}


def test_rule_13_a_mirror_is_no_comment_of_its_own() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.at(scene.b, "comment-added", crash)
    scene.a.comment(first, "hi")
    scene.settle()

    assert (len(first.comments), len(second.comments)) == (1, 1)


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
