"""What happens between the first catching up and the first look is not lost."""

from __future__ import annotations

from backbone.app.engine.catchup import catch_up
from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar
from tests.fakes.halves import BUG
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
