"""Running a piece of the engine so that whatever goes wrong is told where people look and nothing else stops.

What stands in the way of a connection the engine tells by itself; here a defect of ours becomes a problem.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from backbone.app.engine.context import Engine, report
from backbone.app.engine.cursors import OVERLAP
from backbone.app.engine.look import Looked, look
from backbone.app.engine.trouble import Place, passed, watched
from backbone.app.engine.turns import run_turn
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, ConnectorKey
from backbone.core.model.problems import Code, Holds, Problem
from backbone.ports.records import ConnectorTurn
from backbone.ports.store import LockLost
from backbone.ports.tracker import AccessError, TransientError

T = TypeVar("T")

log = structlog.get_logger()

DEFECT_PAUSE = 300.0
"""Seconds after which a turn is tried again that failed by a defect of ours."""

SHORTEST_PAUSE = 0.2

_OF_THE_DATABASE = frozenset({"psycopg", "psycopg_pool", "procrastinate"})


async def run_turn_guarded(engine: Engine, turn: ConnectorTurn) -> float | None:
    """Run a turn; None when it is done, else the seconds after which it has to come again."""
    return await guarded(engine, turn.connector, lambda: run_turn(engine, turn))


async def guarded(engine: Engine, connector: ConnectorKey, work: Callable[[], Awaitable[object]]) -> float | None:
    """Do the work of a connector; None when it is done, else the seconds after which it has to come again."""
    try:
        await work()
    except LockLost:
        return 1.0
    except TransientError as error:
        log.info("postponed", connector=connector, error=_reason(error), seconds=error.retry_after)
        return max(error.retry_after, SHORTEST_PAUSE)
    except Exception as error:
        if is_outage(error):
            raise
        await _report_defect(engine, connector, error)  # it must not stop the others
        return DEFECT_PAUSE
    return None


def _reason(error: TransientError) -> str:
    """What stands behind it: the code of the problem that tells more, or a type; never words, which may be content."""
    behind = error.__cause__ or error
    return behind.code.value if isinstance(behind, AccessError) else type(behind).__name__


async def guarded_answer(engine: Engine, connector: ConnectorKey, work: Callable[[], Awaitable[T]]) -> T | None:
    """What the work of a connector answers; None when it did not come to its end."""
    answers: list[T] = []

    async def answered() -> None:
        answers.append(await work())

    await guarded(engine, connector, answered)
    return answers[0] if answers else None


async def guarded_at(
    engine: Engine, half: HalfConfiguration, kind: str, work: Callable[[], Awaitable[object]]
) -> float | None:
    """The same for work that the engine does not watch by itself; ``kind`` names it in problems."""
    place = Place(connection=half.connection, connectors=[half.connector], work=kind)

    async def watched_work() -> None:
        async with watched(engine, place):
            await work()
        await passed(engine, place)

    return await guarded(engine, half.connector, watched_work)


async def look_guarded(
    engine: Engine, connection: ConnectionName, halves: Sequence[HalfConfiguration], *, back: int = OVERLAP
) -> Looked | None:
    """Look at a connection; None when it could not be looked at."""
    connector = next(half.connector for half in halves if half.connection == connection)
    return await guarded_answer(engine, connector, lambda: look(engine, connection, back=back))


def is_outage(error: Exception) -> bool:
    """Whether the database is what failed. Its driver is not imported here, so it is known by its name."""
    return type(error).__module__.partition(".")[0] in _OF_THE_DATABASE


async def _report_defect(engine: Engine, connector: ConnectorKey, error: Exception) -> None:
    """What failed and where in our code; never the text of the error, which may hold an issue's content."""
    where = where_it_failed(error)
    log.error("defect", connector=connector, error=type(error).__name__, where=where)
    problem = Problem(
        code=Code.DEFECT,
        connector=connector,
        occurred_in=None,
        cause=f"the program failed with {type(error).__name__} in {where}",
        remedy="Report this line to the makers of Backbone; it is tried again by itself.",
        holds=Holds(thing=where),
    )
    await report(engine, problem)


def where_it_failed(error: Exception) -> str:
    """The place in our code, for a person who reports it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "backbone" in frame.filename] or list(frames)
    return f"{ours[-1].name}, line {ours[-1].lineno}" if ours else "unknown place"
