"""Whose turn it is, on Procrastinate."""

from __future__ import annotations

from backbone.adapters.dispatch.dispatcher import Dispatcher, Pace
from backbone.adapters.dispatch.engine import RunTurn, TurnResult
from backbone.adapters.dispatch.ticks import Tick
from backbone.adapters.dispatch.turns import PostgresTurns

__all__ = ["Dispatcher", "Pace", "PostgresTurns", "RunTurn", "Tick", "TurnResult"]
