"""Running a turn: what a job of the queue does."""

from __future__ import annotations

from typing import assert_never

from backbone.app.engine.apply import run_apply
from backbone.app.engine.context import Engine
from backbone.app.engine.create import run_create
from backbone.ports.store import ApplyTurn, CreateTurn, Turn


async def run_turn(engine: Engine, turn: Turn) -> None:
    """Do what the turn asks for. Raises TransientError when it has to come again later."""
    match turn:
        case ApplyTurn():
            await run_apply(engine, turn)
        case CreateTurn():
            await run_create(engine, turn)
        case _:
            assert_never(turn)
