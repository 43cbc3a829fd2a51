"""A status is told with whether anybody is there to act on it."""

from __future__ import annotations

from backbone.app.usecases.at_work import CURE, SILENT, say_at_work
from backbone.app.usecases.standing import Derived, Facts, Status, derive
from backbone.app.usecases.status import Standing, status
from backbone.cli.standings import reason_lines, standings_table
from backbone.core.model.keys import Millis
from tests.fakes.scene import Scene
from tests.fakes.world import drive


def shown(scene: Scene) -> Standing:
    [one] = drive(status(scene.world.engine.store, None, Millis(scene.system.time)))
    return one


def column(scene: Scene) -> str:
    [cell] = standings_table([shown(scene)], Millis(scene.system.time)).columns[2].cells
    return str(cell)


def test_where_nobody_was_ever_at_work_the_status_says_so_with_a_cure() -> None:
    scene = Scene()

    assert column(scene) == "RUNNING, no worker"
    [line] = reason_lines([shown(scene), shown(scene)])
    assert line.startswith("INT-1, INT-1: Nothing is synchronized by itself, since no 'backbone serve'")
    assert line.endswith(f" was at work yet. {CURE}")


def test_while_somebody_is_at_work_nothing_is_said() -> None:
    scene = Scene()
    scene.settle()
    drive(say_at_work(scene.world.engine))
    scene.system.time += SILENT - 1

    assert column(scene) == "RUNNING"
    assert list(reason_lines([shown(scene)])) == []


def test_when_all_fell_silent_the_status_says_for_how_long() -> None:
    scene = Scene()
    drive(say_at_work(scene.world.engine))
    scene.system.time += 12 * 60_000

    assert shown(scene).idle
    assert "has been at work for 12 minutes" in str(shown(scene).reason)


def test_a_stopped_one_needs_nobody_and_the_others_need_somebody_before_all_else() -> None:
    assert derive(Facts(wanted_running=False, idle="nobody")) == Derived(status=Status.STOPPED)
    assert derive(Facts(wanted_running=True, idle="nobody")) == Derived(
        status=Status.RUNNING, reason="nobody", cure=CURE, mends_itself=False
    )
