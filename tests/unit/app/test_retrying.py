"""What is asked to be tried again is tried again, by whoever runs the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backbone.app.usecases.retrying import retry_due, retry_name
from backbone.core.model.keys import SUMMARY, FieldId, Millis, Revision
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, Value, labels
from backbone.ports.records import Cursor
from backbone.ports.tracker import Refusal
from tests.fakes.halves import BUG, HIGH, LABELS, NOTE, PRIORITY, TEAM
from tests.fakes.issues import FakeIssue
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


def test_fields_that_jira_refuses_one_after_the_other_lose_none_of_the_rest() -> None:
    scene = Scene()
    first, second = scene.pair()
    refused = (SUMMARY, PRIORITY, LABELS, NOTE)

    def one_at_a_time(_issue: FakeIssue, values: Mapping[FieldId, Value]) -> Refusal | None:
        return next((Refusal(fields={one: "not now"}) for one in refused if one in values), None)

    scene.b.refuse = one_at_a_time
    edits: dict[FieldId, Value] = {
        SUMMARY: Scalar("b"),
        PRIORITY: HIGH,
        LABELS: labels("x"),
        NOTE: Scalar("n"),
        TEAM: Scalar("t"),
    }
    for field, value in edits.items():
        scene.a.set(first, field, value)
    scene.settle()

    assert second.values[TEAM] == Scalar("t")
    assert len(scene.half_of(second).parked) == len(refused)
