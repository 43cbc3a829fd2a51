"""Acting on problems of a scene, as the commands and routes do."""

from __future__ import annotations

from backbone.app.usecases.retrying import retry_due
from backbone.app.usecases.troubleshooting.about import Action
from backbone.app.usecases.troubleshooting.acting import act
from backbone.core.model.problems import Code
from backbone.ports.records import OpenProblem
from tests.fakes.scene import Scene
from tests.fakes.world import drive


def the_problem(scene: Scene, code: Code) -> OpenProblem:
    """The only open problem of a code."""
    found = [one for one in scene.world.store.tables.problems.values() if one.problem.code is code]
    assert len(found) == 1, scene.problems()
    return found[0]


def do(scene: Scene, code: Code, action: Action) -> None:
    """Act on the only problem of a code, and let the engine do what follows from it."""
    begin(scene, code, action)
    settled(scene)


def begin(scene: Scene, code: Code, action: Action) -> None:
    drive(act(scene.world.engine, the_problem(scene, code), action))


def settled(scene: Scene) -> None:
    drive(retry_due(scene.world.engine, [scene.first, scene.second]))
    scene.settle()
