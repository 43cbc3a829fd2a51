"""Creating a long backlog heeds what is decided meanwhile."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.usecases import switching
from backbone.core.model.keys import SUMMARY, Revision
from backbone.core.model.values import Scalar
from tests.fakes.halves import BUG
from tests.fakes.scene import Scene
from tests.fakes.world import drive


def _with_backlog() -> Scene:
    """More issues wait than fit a request."""
    scene = Scene()
    for number in range(scene.b.create_limit + 10):
        scene.a.create_issue(BUG, {SUMMARY: Scalar(f"Number {number}")})
    scene.tell(scene.a)
    return scene


def test_a_stop_ends_the_creation_of_a_backlog_with_the_request_under_way() -> None:
    scene = _with_backlog()
    scene.at(scene.b, "created", lambda: _stop(scene))

    scene.turns()

    assert len(scene.b.issues) == scene.b.create_limit


def test_a_new_configuration_is_heeded_by_the_next_request_of_a_backlog() -> None:
    scene = _with_backlog()
    second = Revision(2)
    first, other = replace(scene.first, revision=second), replace(scene.second, revision=second, types=())
    scene.at(scene.b, "created", lambda: scene.reconfigure(first, other))

    scene.turns()

    assert len(scene.b.issues) == scene.b.create_limit


def test_a_start_goes_on_with_the_backlog() -> None:
    scene = _with_backlog()
    scene.at(scene.b, "created", lambda: _stop(scene))
    scene.turns()

    drive(switching.start(scene.world.store, None, scene.system.now()))
    scene.settle()

    assert len(scene.b.issues) == scene.b.create_limit + 10


def _stop(scene: Scene) -> None:
    drive(switching.stop(scene.world.store, None, scene.system.now()))
