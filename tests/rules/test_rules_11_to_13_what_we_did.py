"""Rules 11 to 13: what we did."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backbone.core.model.keys import SUMMARY
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, labels
from backbone.ports.tracker import OutcomeUnknown
from tests.fakes.halves import BUG, DEFECT, LABELS, TEAM
from tests.fakes.jira import SYNC, Late
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

    assert scene.problems() == []


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
