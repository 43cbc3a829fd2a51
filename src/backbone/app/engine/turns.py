"""Running a turn: what a job of the queue does."""

from __future__ import annotations

from typing import assert_never

from backbone.app.engine.apply import run_apply
from backbone.app.engine.context import Busy, Engine
from backbone.app.engine.create import run_create
from backbone.app.engine.guard import Guarded
from backbone.app.engine.many import run_apply_many
from backbone.app.engine.trouble import TURNS, Place, told
from backbone.ports.records import ApplyManyTurn, ApplyTurn, ConnectorTurn, CreateTurn
from backbone.ports.tracker import AccessError, TransientError


async def run_turn(engine: Engine, turn: ConnectorTurn) -> None:
    """Do what the turn asks for. Raises TransientError when it has to come again later."""
    try:
        await _run(engine, turn)
    except (Busy, Guarded):
        raise
    except (AccessError, TransientError) as error:
        raise await told(engine, await _place(engine, turn), error) from error


async def _run(engine: Engine, turn: ConnectorTurn) -> None:
    match turn:
        case ApplyTurn():
            await run_apply(engine, turn)
        case ApplyManyTurn():
            await run_apply_many(engine, turn)
        case CreateTurn():
            await run_create(engine, turn)
        case _:
            assert_never(turn)


async def _place(engine: Engine, turn: ConnectorTurn) -> Place:
    async with engine.store.unit() as uow:
        half = await uow.synchronizations.half(turn.connector)
    name = turn.pair if isinstance(turn, ApplyTurn) else ""
    return Place(connection=half.connection, connectors=[half.connector], work=TURNS, turn=name)
