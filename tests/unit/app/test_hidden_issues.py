"""An issue that our account could not see for a while is found again, with what was done to it meanwhile."""

from __future__ import annotations

from backbone.app.engine.census import INTERVAL, census
from backbone.app.engine.look import HIDDEN, SWEEP, look
from backbone.core.model.keys import SUMMARY
from backbone.core.model.pair import PairState
from backbone.core.model.values import Scalar
from tests.fakes.halves import HIGH, P1, PRIORITY
from tests.fakes.scene import A, Scene
from tests.fakes.world import drive

MINUTES = 60
ALMOST_A_CENSUS = INTERVAL // 1000 - MINUTES


def _edited_while_hidden(scene: Scene) -> None:
    """In A, right after it was hidden; it is in sight again almost an hour later."""
    ours, _ = scene.pair()
    scene.a.hidden.add(ours.ref.id)
    scene.wait(MINUTES)
    scene.a.set(ours, SUMMARY, Scalar("edited while hidden"))
    _look_for(scene, ALMOST_A_CENSUS)
    scene.a.hidden.clear()


def _look_for(scene: Scene, seconds: int) -> None:
    """Time in which both are looked at, every few minutes, as ever."""
    for _ in range(0, seconds, 4 * MINUTES):
        scene.wait(4 * MINUTES)
        scene.look(scene.a)
        scene.look(scene.b)
        drive(scene.world.look(A, back=SWEEP))


def test_an_edit_of_an_hour_ago_is_found_by_a_deep_look() -> None:
    scene = Scene()
    _edited_while_hidden(scene)
    _look_for(scene, ALMOST_A_CENSUS)

    drive(look(scene.world.engine, A, back=HIDDEN))
    scene.settle()

    _, partner = scene.issues()
    assert partner.values[SUMMARY] == Scalar("edited while hidden")


def test_what_was_hidden_is_as_old_as_its_history_says() -> None:
    """Another field was edited much later: that makes the first edit no newer than that of the partner in between."""
    scene = Scene()
    ours, theirs = scene.pair()
    scene.a.hidden.add(ours.ref.id)
    scene.wait(MINUTES)
    scene.a.set(ours, SUMMARY, Scalar("edited while hidden"))
    _look_for(scene, 20 * MINUTES)
    scene.b.set(theirs, SUMMARY, Scalar("edited later at the partner"))
    _look_for(scene, 20 * MINUTES)
    scene.a.set(ours, PRIORITY, HIGH)
    _look_for(scene, 16 * MINUTES)
    scene.a.hidden.clear()

    drive(look(scene.world.engine, A, back=HIDDEN))
    scene.settle()

    assert ours.values[SUMMARY] == theirs.values[SUMMARY] == Scalar("edited later at the partner")
    assert theirs.values[PRIORITY] == P1


def test_a_deep_look_tells_nothing_that_is_known() -> None:
    scene = Scene()
    scene.pair()
    _look_for(scene, ALMOST_A_CENSUS)
    sent = len(scene.world.store.sent)

    drive(look(scene.world.engine, A, back=HIDDEN))
    scene.settle()

    assert len(scene.world.store.sent) == sent


def test_from_an_issue_that_a_census_passed_over_nothing_is_concluded() -> None:
    """The search of a Jira that changes meanwhile may leave an issue out that is there."""
    scene = Scene()
    ours, _ = scene.pair()
    sent = len(scene.world.store.sent)
    scene.a.index = {}
    assert drive(census(scene.world.engine, scene.first)) == 1

    scene.a.index = None
    scene.look(scene.a)

    assert scene.half_of(ours).state is PairState.LINKED
    assert scene.problems() == []
    assert len(scene.world.store.sent) == sent
