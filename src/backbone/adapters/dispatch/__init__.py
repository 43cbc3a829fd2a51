"""Whose turn it is, on Procrastinate."""

from __future__ import annotations

from backbone.adapters.dispatch.engine import RunTurn, TurnResult
from backbone.adapters.dispatch.turns import PostgresTurns, turns_of_transactions

__all__ = ["PostgresTurns", "RunTurn", "TurnResult", "turns_of_transactions"]
