"""Catching up is not over before it went to the end by the configuration in force."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import cast

import pytest

from backbone.app.engine.catchup import catch_up, schedule
from backbone.app.engine.cursors import catch_up_name
from backbone.app.usecases import switching
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import SUMMARY, IssueId, Millis, ProjectId, Revision, SynchronizationKey
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar
from backbone.ports.records import Cursor
from backbone.ports.tracker import Lane, Page, TransientError, Wanted
from tests.fakes.halves import BUG
from tests.fakes.jira import FakeJira
from tests.fakes.scene import A, B, Scene
from tests.fakes.world import drive


def _due(scene: Scene, half: HalfConfiguration) -> Cursor | None:
    return scene.world.store.tables.cursors.get(catch_up_name(half.connector))


def _apply(scene: Scene) -> None:
    """A new revision, which puts the cursor back to the beginning."""
    second = Revision(2)
    scene.reconfigure(replace(scene.first, revision=second), replace(scene.second, revision=second))

    async def put_back() -> None:
        async with scene.world.store.unit() as unit:
            await unit.cursors.save(catch_up_name(scene.first.connector), Cursor(watermark=Millis(0)))
            await unit.commit()

    drive(put_back())


def test_a_configuration_applied_while_catching_up_is_caught_up_with_from_the_beginning() -> None:
    scene = Scene()
    scene.pair()
    drive(schedule(scene.world.engine, scene.first, Millis(0)))
    scene.at(scene.a, "search", lambda: _apply(scene))

    drive(catch_up(scene.world.engine, scene.first))

    assert _due(scene, scene.first) == Cursor(watermark=Millis(0))


def test_catching_up_goes_by_the_configuration_in_force() -> None:
    scene = Scene()
    scene.pair()
    _apply(scene)

    assert drive(catch_up(scene.world.engine, scene.first))

    assert _due(scene, scene.first) is None


def test_a_start_while_the_catching_up_of_before_still_runs_is_not_forgotten() -> None:
    scene = Scene()
    scene.pair()
    drive(schedule(scene.world.engine, scene.first, Millis(scene.system.time)))

    def stopped_and_started() -> None:
        drive(switching.stop(scene.world.store, None, scene.system.now()))
        drive(switching.start(scene.world.store, None, scene.system.now()))

    scene.at(scene.a, "search", stopped_and_started)

    drive(catch_up(scene.world.engine, scene.first))

    assert _due(scene, scene.first) is not None


def test_a_stopped_synchronization_does_not_go_on_catching_up() -> None:
    scene = Scene()
    first, _ = scene.pair()
    drive(schedule(scene.world.engine, scene.first, Millis(0)))
    scene.a.set(first, SUMMARY, Scalar("b"))
    before = scene.messages
    scene.at(scene.a, "search", lambda: _stop(scene))

    drive(catch_up(scene.world.engine, scene.first))

    assert _due(scene, scene.first) == Cursor(watermark=Millis(0))
    assert scene.messages == before


def _stop(scene: Scene) -> None:
    drive(switching.stop(scene.world.store, SynchronizationKey("INT-1"), scene.system.now()))


def test_edits_in_a_project_that_could_not_be_seen_for_a_while_are_caught_up_with() -> None:
    scene = Scene()
    first, second = scene.pair()
    scene.a.left_out = True
    scene.look(scene.a)
    scene.a.set(first, SUMMARY, Scalar("edited unseen"))
    for _ in range(40):
        scene.wait(60)
        scene.look(scene.a)
    told = scene.problems()

    scene.a.left_out = False
    scene.settle()

    assert told == [Code.PERMISSION_MISSING]
    assert second.values[SUMMARY] == Scalar("edited unseen")
    assert scene.problems() == []


def test_what_broke_off_goes_on_before_all_that_was_not_seen() -> None:
    """The first page has an issue that was edited after it was found: it shows an instant behind all the others."""
    scene = Scene()
    issues = []
    for number in range(30):
        issues.append(scene.a.create_issue(BUG, {SUMMARY: Scalar(f"Number {number}")}))
        scene.wait(1)
    scene.a.page_size = 20
    scene.wait(60)
    drive(schedule(scene.world.engine, scene.first, Millis(0)))
    jira = cast("FakeJira", _BreaksOff(scene.a, hot=issues[19].ref.id))
    engine = replace(scene.world.engine, trackers={A: jira, B: scene.b})

    with pytest.raises(TransientError):
        drive(catch_up(engine, scene.first))

    due = _due(scene, scene.first)
    assert due is not None
    assert due.watermark <= issues[20].updated


class _BreaksOff:
    """A Jira that shows one issue as edited just now, and does not give the second page."""

    def __init__(self, inner: FakeJira, hot: IssueId) -> None:
        self._inner = inner
        self._hot = hot

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def changed(
        self, projects: Sequence[ProjectId], since: Millis, wanted: Wanted, lane: Lane
    ) -> AsyncIterator[Page]:
        page, *_ = [page async for page in self._inner.changed(projects, since, wanted, lane)]
        issues = [replace(one, updated=page.asked_at) if one.ref.id == self._hot else one for one in page.issues]
        yield replace(page, issues=tuple(issues))
        raise TransientError("the connection was lost")
