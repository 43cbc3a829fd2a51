"""The guard against mass removal opens when a person says so, not by itself."""

from __future__ import annotations

from backbone.app.engine.guard import REMOVALS_LIMIT
from backbone.app.usecases.retrying import release
from backbone.core.model.keys import SUMMARY
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, labels
from tests.fakes.halves import LABELS
from tests.fakes.issues import FakeIssue
from tests.fakes.scene import Scene
from tests.fakes.world import drive

HOUR = 3600
MOST = [f"x{number}" for number in range(REMOVALS_LIMIT - 1)]


def _two_pairs_with_labels(scene: Scene) -> list[tuple[FakeIssue, FakeIssue]]:
    return [scene.pair(labels=labels(*MOST)), scene.pair(labels=labels(*MOST))]


def _empty(scene: Scene, pairs: list[tuple[FakeIssue, FakeIssue]]) -> None:
    for first, _ in pairs:
        scene.a.set(first, LABELS, labels())
    scene.settle()


def test_what_the_guard_holds_does_not_pass_when_the_hour_is_over() -> None:
    scene = Scene()
    pairs = _two_pairs_with_labels(scene)
    _empty(scene, pairs)

    scene.wait(2 * HOUR)
    scene.settle()

    assert sorted(len(second.values[LABELS].options) for _, second in pairs) == [0, len(MOST)]  # type: ignore[union-attr]
    assert scene.problems() == [Code.MASS_CHANGE]


def test_what_the_guard_held_is_sent_when_a_person_allows_it() -> None:
    scene = Scene()
    pairs = _two_pairs_with_labels(scene)
    _empty(scene, pairs)
    scene.wait(2 * HOUR)

    drive(release(scene.world.store, None, scene.system.now()))
    scene.settle()

    assert [second.values[LABELS] for _, second in pairs] == [labels(), labels()]
    assert scene.problems() == []


def test_what_a_person_allowed_does_not_close_the_guard_afterwards() -> None:
    scene = Scene()
    pairs = [*_two_pairs_with_labels(scene), *_two_pairs_with_labels(scene)]
    _empty(scene, pairs)
    drive(release(scene.world.store, None, scene.system.now()))
    scene.wait(HOUR - 120)
    scene.settle()
    last = scene.pair(labels=labels("one"))
    scene.wait(HOUR // 2)

    scene.a.set(last[0], LABELS, labels())
    scene.a.set(last[0], SUMMARY, Scalar("b"))
    scene.settle()

    assert last[1].values[LABELS] == labels()
    assert scene.problems() == []
