"""A stopped synchronization loses nothing, whatever else goes on meanwhile."""

from __future__ import annotations

from backbone.app.engine.cursors import catch_up_name, cursor_name
from backbone.app.usecases import switching
from backbone.core.model.keys import Millis
from tests.fakes.scene import A, Scene
from tests.fakes.world import drive

DAY = 24 * 3600


def test_a_synchronization_stopped_after_an_outage_catches_up_from_the_last_look() -> None:
    scene = Scene()
    scene.pair()
    seen = scene.world.store.tables.cursors[cursor_name(A)].watermark
    scene.wait(3 * DAY)
    drive(switching.stop(scene.world.store, None, scene.system.now()))
    scene.wait(DAY)

    drive(switching.start(scene.world.store, None, scene.system.now()))

    due = scene.world.store.tables.cursors[catch_up_name(scene.first.connector)]
    assert due.watermark <= seen


def test_a_synchronization_stopped_while_it_is_looked_at_catches_up_from_its_stop() -> None:
    scene = Scene()
    scene.pair()
    stopped = scene.system.now()
    drive(switching.stop(scene.world.store, None, stopped))
    scene.wait(DAY)

    drive(switching.start(scene.world.store, None, scene.system.now()))

    due = scene.world.store.tables.cursors[catch_up_name(scene.first.connector)]
    assert Millis(stopped - 3600 * 1000) < due.watermark < stopped
