"""The composition root: the only place that knows every part and puts them together."""

from __future__ import annotations

from backbone.bootstrap.copies import backup, restore
from backbone.bootstrap.database import database, told_plainly
from backbone.bootstrap.jiras import Trackers, opened_trackers, tracker_of
from backbone.bootstrap.whole import Backbone, WorkerTurns, assembled

__all__ = [
    "Backbone",
    "Trackers",
    "WorkerTurns",
    "assembled",
    "backup",
    "database",
    "opened_trackers",
    "restore",
    "told_plainly",
    "tracker_of",
]
