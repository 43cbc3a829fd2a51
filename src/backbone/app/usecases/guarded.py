"""Running a piece of the engine so that whatever goes wrong is told where people look and nothing else stops."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Sequence

import structlog

from backbone.app.engine.context import Busy, Engine
from backbone.app.engine.look import OVERLAP, Looked, look
from backbone.app.engine.turns import run_turn
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, ConnectorKey
from backbone.core.model.problems import Code, Holds, Problem
from backbone.ports.store import LockLost, Turn
from backbone.ports.tracker import AccessError, TransientError

log = structlog.get_logger()

ACCESS_PAUSE = 60.0
"""Seconds after which a turn is tried again that an administrator's act must make possible."""

DEFECT_PAUSE = 300.0
"""Seconds after which a turn is tried again that failed by a defect of ours."""

_CONNECTION = "connection"
_OF_CONNECTIONS = (Code.LOGIN_REFUSED, Code.CAPTCHA, Code.PERMISSION_MISSING, Code.HOST_UNREACHABLE)


async def run_turn_guarded(engine: Engine, turn: Turn) -> float | None:
    """Run a turn; None when it is done, else the seconds after which it has to come again."""
    return await guarded(engine, turn.connector, lambda: run_turn(engine, turn))


async def guarded(engine: Engine, connector: ConnectorKey, work: Callable[[], Awaitable[object]]) -> float | None:
    """Do the work of a connector; None when it is done, else the seconds after which it has to come again."""
    try:
        await work()
    except LockLost:
        return 1.0
    except Busy as busy:
        return busy.retry_after
    except TransientError as error:
        log.info("turn-postponed", connector=connector, cause=str(error), seconds=error.retry_after)
        return max(error.retry_after, 0.2)
    except AccessError as error:
        log.warning("turn-needs-administrator", connector=connector, code=error.code)
        await report_access(engine, [connector], error)
        return ACCESS_PAUSE
    except Exception as error:
        if is_outage(error):
            raise
        await _report_defect(engine, connector, error)  # it must not stop the others
        return DEFECT_PAUSE
    return None


async def look_guarded(
    engine: Engine, connection: ConnectionName, halves: Sequence[HalfConfiguration], *, back: int = OVERLAP
) -> Looked | None:
    """Look at a connection; None when it could not be looked at, which is told as a problem of its connectors."""
    connectors = [half.connector for half in halves if half.connection == connection]
    try:
        looked = await look(engine, connection, back=back)
    except (LockLost, Busy):
        return None
    except TransientError as error:
        log.info("look-postponed", connection=connection, cause=str(error), seconds=error.retry_after)
        cure = (
            "Check the network, the address of the connection, and whether that Jira runs; nothing is lost meanwhile."
        )
        await report_access(engine, connectors, AccessError(Code.HOST_UNREACHABLE, str(error), cure))
        return None
    except AccessError as error:
        log.warning("look-needs-administrator", connection=connection, code=error.code)
        await report_access(engine, connectors, error)
        return None
    except Exception as error:
        if is_outage(error):
            raise
        for connector in connectors:
            await _report_defect(engine, connector, error)
        return None
    await _resolve_access(engine, connectors)
    return looked


def is_outage(error: Exception) -> bool:
    """Whether the database is what failed. Its driver is not imported here, so it is known by its name."""
    return type(error).__module__.partition(".")[0] in ("psycopg", "psycopg_pool", "procrastinate")


async def report_access(engine: Engine, connectors: Sequence[ConnectorKey], error: AccessError) -> None:
    """A problem for each connector that can't work before an administrator acted."""
    async with engine.store.unit() as uow:
        for connector in connectors:
            await uow.problems.report(_access(connector, error.code, error.cause, error.remedy), engine.system.now())
        await uow.commit()


async def _resolve_access(engine: Engine, connectors: Sequence[ConnectorKey]) -> None:
    """A look that succeeded proves that the way is free again."""
    gone = {_access(connector, code, "", "").identity for connector in connectors for code in _OF_CONNECTIONS}
    async with engine.store.unit() as uow:
        found = [one.problem.identity for one in await uow.problems.open() if one.problem.identity in gone]
        for identity in found:
            await uow.problems.resolve(identity)
        if found:
            await uow.commit()


def _access(connector: ConnectorKey, code: Code, cause: str, remedy: str) -> Problem:
    holds = Holds(thing=_CONNECTION)
    return Problem(code=code, connector=connector, occurred_in=None, cause=cause, remedy=remedy, holds=holds)


async def _report_defect(engine: Engine, connector: ConnectorKey, error: Exception) -> None:
    """What failed and where in our code; never the text of the error, which may hold an issue's content."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "backbone" in frame.filename] or list(frames)
    where = f"{ours[-1].name}, line {ours[-1].lineno}" if ours else "unknown place"
    log.error("defect", connector=connector, error=type(error).__name__, where=where)
    problem = Problem(
        code=Code.DEFECT,
        connector=connector,
        occurred_in=None,
        cause=f"the program failed with {type(error).__name__} in {where}",
        remedy="Report this line to the makers of Backbone; it is tried again by itself.",
        holds=Holds(thing=where),
    )
    async with engine.store.unit() as uow:
        await uow.problems.report(problem, engine.system.now())
        await uow.commit()
