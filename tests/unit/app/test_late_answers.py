"""What Jira carries out after we gave up waiting is not done a second time, however long the call had waited before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backbone.adapters.jira.connection import Timeouts
from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar
from backbone.core.sync.incoming import LATE_ANSWER
from tests.fakes.halves import BUG
from tests.fakes.issues import FakeIssue
from tests.fakes.jira import Late
from tests.fakes.scene import Scene
from tests.fakes.world import Crash

MINUTE = 60


def _after_a_long_wait(scene: Scene) -> Callable[[], None]:
    """The call waits for its budget; then its answer is lost."""

    def late() -> None:
        scene.wait(10 * MINUTE)
        raise Late("no answer came")

    return late


def test_the_wait_for_a_late_answer_is_a_minute_longer_than_a_call_may_take() -> None:
    assert (Timeouts().whole + MINUTE) * 1000 <= LATE_ANSWER


def test_an_issue_is_created_once_although_the_call_had_waited_for_long() -> None:
    scene = Scene()
    scene.at(scene.b, "create", _after_a_long_wait(scene))
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.tell(scene.a)
    scene.turns()
    scene.wait(2 * MINUTE)
    scene.turns()
    scene.b.catch_up()

    scene.settle()

    assert len(scene.b.issues) == 1


@pytest.mark.parametrize("thing", ["comment", "file"])
def test_an_addition_is_made_once_although_the_call_had_waited_for_long(thing: str) -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.at(scene.b, f"add-{thing}", _after_a_long_wait(scene))
    if thing == "comment":
        scene.a.comment(first, "hi")
    else:
        scene.a.attach(first, "a.txt", b"content")
    scene.tell(scene.a)
    scene.turns()
    scene.wait(2 * MINUTE)
    scene.turns()
    scene.b.catch_up()

    scene.settle()

    assert len(second.comments) + len(second.files) == 1


def test_a_worker_that_takes_over_waits_although_the_attempt_is_old() -> None:
    """The one before it may have made the call a moment before it died."""
    scene = Scene()

    def dies() -> None:
        scene.wait(10 * MINUTE)
        raise Crash

    scene.at(scene.b, "create", dies)
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.tell(scene.a)
    scene.turns()
    scene.world.restart()

    scene.turns()

    assert "find-created" not in scene.b.calls


def _added(scene: Scene, issue: FakeIssue, thing: str) -> Callable[[], None]:
    """Something is added to an issue of A; what is given back removes it."""
    if thing == "comment":
        comment = scene.a.comment(issue, "hi")
        return lambda: scene.a.remove_comment_of(issue, comment.id)
    file = scene.a.attach(issue, "a.txt", b"content")
    return lambda: scene.a.remove_file_of(issue, file.id)


@pytest.mark.parametrize("thing", ["comment", "file"])
def test_what_was_removed_while_nobody_knew_whether_it_was_added_does_not_stay(thing: str) -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.at(scene.b, f"add-{thing}", _after_a_long_wait(scene))
    remove = _added(scene, first, thing)
    scene.tell(scene.a)
    scene.turns()
    remove()
    scene.tell(scene.a)
    scene.tell(scene.a)
    scene.turns()
    scene.wait(MINUTE)
    scene.b.catch_up()

    scene.settle()

    assert len(second.comments) + len(second.files) == 0
