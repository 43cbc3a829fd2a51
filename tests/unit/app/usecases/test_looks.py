"""Looks leave time for the work while there is much to see."""

from __future__ import annotations

from backbone.app.usecases.serving import REST, Looks
from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar
from tests.fakes.halves import BUG
from tests.fakes.scene import Scene
from tests.fakes.world import drive

TOOK = 2_000


def _scene(issues: int) -> tuple[Scene, Looks]:
    """A project with so many new issues, two of which fit a page, at which a look takes two seconds."""
    scene = Scene()
    for number in range(issues):
        scene.a.create_issue(BUG, {SUMMARY: Scalar(f"Number {number}")})
    scene.a.page_size = 2

    def slow(point: str) -> None:
        scene.system.time += TOOK if point == "search" else 0

    scene.a.gate = slow
    return scene, Looks(scene.world.engine, scene.a.name, [scene.first])


def _searches(scene: Scene, looks: Looks) -> int:
    before = scene.a.calls.get("search", 0)
    drive(looks.look())
    return scene.a.calls.get("search", 0) - before


def test_after_a_look_at_several_pages_there_is_a_rest() -> None:
    scene, looks = _scene(issues=3)

    assert _searches(scene, looks) == 1
    scene.system.time += REST * TOOK - 1
    assert _searches(scene, looks) == 0
    scene.system.time += 1
    assert _searches(scene, looks) == 1


def test_after_a_look_at_one_page_the_next_comes_when_it_is_due() -> None:
    scene, looks = _scene(issues=2)

    assert [_searches(scene, looks), _searches(scene, looks)] == [1, 1]
