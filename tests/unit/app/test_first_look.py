"""What happens between the first catching up and the first look is not lost."""

from __future__ import annotations

import pytest

from backbone.app.engine.catchup import catch_up
from backbone.core.model.keys import SUMMARY, FieldId
from backbone.core.model.values import Scalar
from tests.fakes.halves import BUG, NOTE, TEAM
from tests.fakes.scene import Scene
from tests.fakes.world import drive


def test_an_edit_before_the_first_look_is_found_however_late_that_comes() -> None:
    scene = Scene()
    issue = scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    drive(catch_up(scene.world.engine, scene.first))
    scene.wait(3)
    scene.a.set(issue, SUMMARY, Scalar("edited"))
    scene.wait(3600)
    scene.settle()

    _, partner = scene.issues()
    assert partner.values[SUMMARY] == Scalar("edited")


@pytest.mark.parametrize("never_seen", [TEAM, NOTE])
def test_a_field_that_is_never_seen_or_never_sent_costs_no_further_reads(never_seen: FieldId) -> None:
    """The partner's issue lacks the team, and its note, which is not sent, was edited before the first look."""
    scene = Scene()
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.at(scene.b, "created", lambda: _prepare(scene, never_seen))
    scene.settle()
    issue, partner = scene.issues()
    scene.wait(60)
    reads = scene.b.calls.get("read", 0)

    scene.b.set(partner, SUMMARY, Scalar("edited"))
    scene.look(scene.b)

    assert scene.b.calls.get("read", 0) == reads
    scene.settle()
    assert issue.values[SUMMARY] == Scalar("edited")


def _prepare(scene: Scene, never_seen: FieldId) -> None:
    _, partner = scene.issues()
    scene.wait(5)
    if never_seen == NOTE:
        scene.b.set(partner, NOTE, Scalar("by hand"))
    else:
        del partner.values[never_seen]
