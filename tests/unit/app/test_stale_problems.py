"""A start or a retry by a person is a new beginning: what is still wrong is told again, the rest is forgotten."""

from __future__ import annotations

from backbone.app.engine.trouble import CONNECTION
from backbone.app.usecases import switching
from backbone.app.usecases.retrying import release
from backbone.core.model.problems import Code, Holds, Problem
from tests.fakes.scene import Scene
from tests.fakes.world import drive


def _report(scene: Scene, code: Code, thing: str) -> None:
    problem = Problem(
        code=code, connector=scene.first.connector, occurred_in=None, cause="c", remedy="r", holds=Holds(thing=thing)
    )

    async def report() -> None:
        async with scene.world.store.unit() as unit:
            await unit.problems.report(problem, scene.system.now())
            await unit.commit()

    drive(report())


def test_an_outage_that_ended_while_a_synchronization_was_stopped_is_no_problem_of_it() -> None:
    scene = Scene()
    scene.pair()
    _report(scene, Code.HOST_UNREACHABLE, CONNECTION)
    drive(switching.stop(scene.world.store, None, scene.system.now()))

    drive(switching.start(scene.world.store, None, scene.system.now()))
    scene.settle()

    assert scene.problems() == []


def test_a_defect_that_does_not_come_again_after_a_retry_is_no_problem() -> None:
    scene = Scene()
    scene.pair()
    _report(scene, Code.DEFECT, "decide, line 7")

    drive(release(scene.world.store, None, scene.system.now()))
    scene.settle()

    assert scene.problems() == []
