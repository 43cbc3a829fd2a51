"""What a write replaced is found in the history after a crash, once and not for ever (rules 11 and 15)."""

from __future__ import annotations

from backbone.core.mapping.discussion import PROOFS
from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar
from tests.fakes.halves import TEAM
from tests.fakes.scene import Scene
from tests.fakes.world import Crash


def _dies() -> None:
    raise Crash


def test_what_a_settled_write_replaced_is_no_edit_of_somebody_else_while_the_attempt_is_open() -> None:
    """The value is agreed on when the turn comes again; then the worker dies over something else."""
    scene = Scene()
    first, second = scene.pair()
    file = scene.a.attach(first, "a.txt", b"content")
    scene.settle()
    scene.a.set(first, TEAM, Scalar("a"))
    scene.tell(scene.a)
    scene.at(scene.b, "edited", _dies)
    scene.turns()
    scene.a.remove_file_of(first, file.id)
    for _ in range(PROOFS):
        scene.tell(scene.a)
    scene.at(scene.b, "file-removed", _dies)
    scene.turns()

    scene.settle()

    assert [issue.values[TEAM] for issue in (first, second)] == [Scalar("a")] * 2


def test_an_edit_that_was_written_over_comes_back_although_the_worker_dies_once_more_before_it_is_written() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.set(first, SUMMARY, Scalar("of A"))
    scene.tell(scene.a)
    scene.wait(60)

    def gate(point: str) -> None:
        if point == "edit":
            scene.b.set(second, SUMMARY, Scalar("of B, later"))
        if point == "edited":
            raise Crash

    scene.b.gate = gate
    scene.turns()
    overwritten = second.values[SUMMARY]
    scene.b.gate = lambda _point: None
    scene.at(scene.b, "edit", _dies)
    scene.turns()

    scene.settle()

    assert overwritten == Scalar("of A")
    assert [issue.values[SUMMARY] for issue in (first, second)] == [Scalar("of B, later")] * 2
