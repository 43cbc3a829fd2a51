"""The plan of a run: the real engine over a copy of its memory and over Jiras to which nothing is written."""

from __future__ import annotations

from backbone.app.usecases.planning.plan import Plan, make_plan
from backbone.app.usecases.planning.record import Calls, Kind, PlannedWrite
from backbone.app.usecases.planning.scratch import ScratchStore

__all__ = ["Calls", "Kind", "Plan", "PlannedWrite", "ScratchStore", "make_plan"]
