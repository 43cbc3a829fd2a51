"""What stands in the way of a whole connection: told once, gone when it is over, and nothing is lost meanwhile.

A log-in that is refused, a CAPTCHA or a missing permission is told at once, since only an administrator can help. An
outage is told when it lasts. Whatever was under way stays queued: who was to do it is told to come again.

What hinders looking is over with the next look that succeeds. What hinders single turns (reading works, writing does
not) is over when none was hindered for a while, since each is tried again every minute.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import assert_never

from backbone.app.engine.context import Busy, Engine
from backbone.app.engine.plans import Work
from backbone.core.model.keys import ConnectionName, ConnectorKey, IssueId, Millis
from backbone.core.model.problems import Code, Holds, Problem
from backbone.ports.records import Cursor
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import AccessError, TransientError

PATIENCE = 5 * 60_000
"""Milliseconds for which a host may fail before a person is told."""

PAUSE = 60.0
"""Seconds after which work is tried again that an administrator must make possible."""

OVER = 150_000
"""Milliseconds without a hindered turn after which the hindrance is over."""

FORGOTTEN = 2 * PATIENCE
"""Milliseconds after which a turn that was late once counts as on time again."""

CONNECTION, CATCHING_UP, CENSUS, TURNS = "connection", "catch-up", "census", "turns"

_OF_HOSTS = frozenset({Code.LOGIN_REFUSED, Code.CAPTCHA})
"""These stop every call of our account to the host, so the next call that is answered proves them over."""

_TOLD = (*sorted(_OF_HOSTS), Code.PERMISSION_MISSING, Code.HOST_UNREACHABLE, Code.JQL_REFUSED, Code.DEFECT)


def passes(problem: Problem) -> bool:
    """Whether it would be told again by whoever runs the engine if it were still so."""
    return problem.code in _TOLD and problem.holds.pair is None


class Postponed(Busy):
    """The work could not be done now, which was told where it had to be; nothing of it is lost."""

    def __init__(self, cause: str, *, retry_after: float) -> None:
        TransientError.__init__(self, cause, retry_after=retry_after)


def gone(work: Work) -> Postponed:
    """A write found the issue gone: the turn comes again, reads, and finds out what became of it.

    Nothing counts as applied, so that nothing is lost if the issue is only hidden.
    """
    return Postponed(f"{work.look.snapshot.ref.key} is gone", retry_after=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a hindrance is met: connectors of a connection, at what kind of work, and in which turn."""

    connection: ConnectionName
    connectors: Sequence[ConnectorKey]
    work: str
    turn: str = ""


@asynccontextmanager
async def watched(engine: Engine, place: Place) -> AsyncIterator[None]:
    """Do work of a connection. Raises Postponed in place of what the tracker raises."""
    try:
        yield
    except Busy:
        raise
    except (AccessError, TransientError) as error:
        raise await told(engine, place, error) from error


async def told(engine: Engine, place: Place, error: AccessError | TransientError) -> Postponed:
    """Tell of a hindrance where it has to be told; what to raise instead."""
    match error:
        case AccessError():
            await _hindered(engine, place, error)
            return Postponed(error.cause, retry_after=PAUSE)
        case TransientError():
            await _late(engine, place, error)
            return Postponed(str(error), retry_after=error.retry_after)
        case _:
            assert_never(error)


async def passed(engine: Engine, place: Place) -> None:
    """The work succeeded: what hindered it is over, and so is what hindered turns a while ago."""
    now = engine.system.now()
    async with engine.store.unit() as uow:
        since = await uow.cursors.get(_since(place))
        gone = _identities(place.connectors, place.work) if since is not None else set()
        for connector in place.connectors:
            met = await uow.cursors.get(_met(connector))
            if met is not None and met.watermark + OVER <= now:
                gone |= _identities([connector], TURNS)
                await uow.cursors.remove(_met(connector))
        if since is not None:
            await uow.cursors.remove(_since(place))
        for identity in gone:
            await uow.problems.resolve(identity)
        if gone:
            await uow.commit()


def _identities(connectors: Sequence[ConnectorKey], work: str) -> set[str]:
    return {_problem(one, AccessError(code, "", ""), work).identity for one in connectors for code in _TOLD}


def _since(place: Place) -> str:
    """The cursor that remembers since when the work fails."""
    return f"failing:{place.connection}" if place.work == CONNECTION else f"failing:{place.connectors[0]}:{place.work}"


def _met(connector: ConnectorKey) -> str:
    """The cursor that remembers when turns of a connector were hindered: last, and first by turn."""
    return f"hindered:{connector}"


async def _hindered(engine: Engine, place: Place, error: AccessError) -> None:
    """An administrator must act."""
    now = engine.system.now()
    of_host = error.code in _OF_HOSTS
    async with engine.store.unit() as uow:
        for connector in place.connectors:
            await uow.problems.report(_problem(connector, error, CONNECTION if of_host else place.work), now)
        if of_host:
            await _begin(uow, Place(connection=place.connection, connectors=place.connectors, work=CONNECTION), now)
        elif place.work == TURNS:
            await uow.cursors.save(_met(place.connectors[0]), Cursor(watermark=now))
        else:
            await _begin(uow, place, now)
        await uow.commit()


async def _late(engine: Engine, place: Place, error: TransientError) -> None:
    """Nobody has to act yet; when it lasts somebody should have a look."""
    now = engine.system.now()
    async with engine.store.unit() as uow:
        since = await (_late_turn(uow, place, now) if place.work == TURNS else _begin(uow, place, now))
        if now - since >= PATIENCE and not await _told_already(uow, place):
            for connector in place.connectors:
                await uow.problems.report(_problem(connector, _outage(error), place.work), now)
        await uow.commit()


async def _begin(uow: UnitOfWork, place: Place, now: Millis) -> Millis:
    """Since when the work fails."""
    known = await uow.cursors.get(_since(place))
    if known is None:
        await uow.cursors.save(_since(place), Cursor(watermark=now))
    return now if known is None else known.watermark


async def _told_already(uow: UnitOfWork, place: Place) -> bool:
    """Whether the looks at this Jira fail as well: then that is what a person has to know."""
    whole = Place(connection=place.connection, connectors=place.connectors, work=CONNECTION)
    return place.work != CONNECTION and await uow.cursors.get(_since(whole)) is not None


async def _late_turn(uow: UnitOfWork, place: Place, now: Millis) -> Millis:
    """Since when this turn fails."""
    name, turn = _met(place.connectors[0]), IssueId(place.turn)
    known = await uow.cursors.get(name)
    first = {one: at for one, at in known.edge.items() if now - at < FORGOTTEN} if known is not None else {}
    first.setdefault(turn, now)
    await uow.cursors.save(name, Cursor(watermark=now, edge=first))
    return first[turn]


def _outage(error: TransientError) -> AccessError:
    return AccessError(
        Code.HOST_UNREACHABLE,
        f"calls to this Jira have failed for more than {PATIENCE // 60_000} minutes: {error}",
        "Check that this Jira runs and that it can be reached from here; nothing is lost, and it goes on by itself.",
    )


def _problem(connector: ConnectorKey, error: AccessError, work: str) -> Problem:
    return Problem(
        code=error.code,
        connector=connector,
        occurred_in=None,
        cause=error.cause,
        remedy=error.remedy,
        holds=Holds(thing=work),
    )
