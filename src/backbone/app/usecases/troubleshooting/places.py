"""Where a problem is: its synchronization, both halves of its pair, and the lock under which a person may decide."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from backbone.app.engine.context import Engine, lock_of
from backbone.app.engine.handing import partner_half
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, PairUid
from backbone.core.model.pair import Pair
from backbone.ports.records import OpenProblem
from backbone.ports.store import Fence, UnitOfWork

_PATIENCE = 20
_PAUSE = 0.25  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One half of a pair."""

    half: HalfConfiguration
    pair: Pair


def place(problem: OpenProblem) -> str:
    """How a problem is named in a sentence."""
    return f"problem {problem.id}"


async def half_of(engine: Engine, problem: OpenProblem) -> HalfConfiguration:
    """The half in which the problem occurred. Raises Mistake for one that is nobody's."""
    connector = problem.problem.connector
    if connector is None:
        raise Mistake(place(problem), "it belongs to no connector", "See 'backbone problems' for its cure")
    async with engine.store.unit() as uow:
        return await uow.synchronizations.half(connector)


async def side_of(uow: UnitOfWork, half: HalfConfiguration, uid: PairUid) -> Side | None:
    pair = await uow.pairs.get(half.connector, uid)
    return None if pair is None else Side(half=half, pair=pair)


async def partner_side(uow: UnitOfWork, half: HalfConfiguration, uid: PairUid) -> Side | None:
    """The partner's half of a pair; None where it is not there, or elsewhere behind firewalls."""
    other = await partner_half(uow, half)
    return None if other is None else await side_of(uow, other, uid)


def pair_of(problem: OpenProblem) -> tuple[ConnectorKey, PairUid]:
    """The pair that the problem holds back. Raises Mistake where it is about something else."""
    found = problem.problem
    if found.connector is None or found.holds.pair is None:
        raise Mistake(place(problem), "it concerns no pair of issues", "Take another action")
    return found.connector, found.holds.pair


async def need_side(engine: Engine, problem: OpenProblem) -> Side:
    """The half of the pair in which the problem occurred. Raises Mistake when it is gone."""
    _, uid = pair_of(problem)
    half = await half_of(engine, problem)
    async with engine.store.unit() as uow:
        side = await side_of(uow, half, uid)
    if side is None:
        raise Mistake(place(problem), "its pair is not known any more", "Retry: what is over is not listed again")
    return side


@asynccontextmanager
async def locked(engine: Engine, side: Side) -> AsyncIterator[Fence]:
    """The lock of a half's issue, waited for a few seconds. Raises Mistake while somebody else has it for longer."""
    name = lock_of(side.half, side.pair.local, side.pair.uid)
    for _ in range(_PATIENCE):
        async with engine.store.hold(name) as fence:
            if fence is not None:
                yield fence
                return
        await engine.system.sleep(_PAUSE)
    issue = side.pair.local.key if side.pair.local else side.pair.uid
    raise Mistake(issue, "it is being worked on", "Try again in a moment")
