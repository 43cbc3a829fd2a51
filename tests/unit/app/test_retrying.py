"""What is asked to be tried again is tried again, by whoever runs the engine."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.usecases.retrying import retry_due, retry_name
from backbone.core.model.keys import SUMMARY, Millis, Revision
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar
from backbone.ports.records import Cursor
from tests.fakes.halves import BUG
from tests.fakes.scene import Scene
from tests.fakes.world import drive


def _ask(scene: Scene, at: int) -> None:
    async def ask() -> None:
        async with scene.world.store.unit() as unit:
            await unit.cursors.save(retry_name(scene.first.synchronization), Cursor(watermark=Millis(at)))
            await unit.commit()

    drive(ask())


def test_an_issue_whose_type_is_mapped_now_is_created_by_the_next_run() -> None:
    scene = Scene()
    types, second = scene.second.types, Revision(2)
    scene.reconfigure(scene.first, replace(scene.second, types=()))
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.settle()
    before = scene.problems()
    scene.reconfigure(replace(scene.first, revision=second), replace(scene.second, revision=second, types=types))
    _ask(scene, 1)

    drive(retry_due(scene.world.engine, [scene.first, scene.second]))
    scene.settle()

    assert before == [Code.TYPE_NOT_MAPPED]
    assert [one.values[SUMMARY] for one in scene.b.issues.values()] == [Scalar("a")]
    assert scene.problems() == []


def test_a_retry_asked_for_while_another_goes_on_is_not_forgotten() -> None:
    scene = Scene()
    _ask(scene, 1)
    gates = iter(["before it was read", "after"])

    def again() -> None:
        if next(gates, "") == "after":
            _ask(scene, 2)

    scene.world.store.gate = again

    drive(retry_due(scene.world.engine, [scene.first, scene.second]))

    assert scene.world.store.tables.cursors[retry_name(scene.first.synchronization)] == Cursor(watermark=Millis(2))
