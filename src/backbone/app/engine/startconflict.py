"""Telling of paired issues that differ in fields on which nothing was agreed: one problem a pair, with its fields."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from backbone.app.engine.context import Engine
from backbone.app.engine.handing import partner_half
from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.keys import ConnectorKey, MappingId, PairUid
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.sync.undecided import newly_observed, undecided
from backbone.ports.records import OpenProblem
from backbone.ports.store import UnitOfWork

_REMEDY = "Take one of the two sides, or make both values equal by hand; the next edit of a field decides as well."


async def tell_of_start(engine: Engine, half: HalfConfiguration, before: Pair, after: Pair) -> None:
    """Tell of fields that were looked at for the first time and that differ from the partner's.

    Asked after both halves' commits: of two looks at the same time the later one sees what the other found. What a
    partner elsewhere has can't be compared: there the start policy decides, or a resync.
    """
    among = newly_observed(half, before, after)
    if not among:
        return
    async with engine.store.unit() as uow:
        other = await partner_half(uow, half)
        if other is None:
            return
        known = await uow.problems.find(_identity(other, after.uid))
        aliases = {one.alias for one in among}
        if known is not None:  # the partner's half has told of this pair before
            half, other = other, half
        else:
            known = await uow.problems.find(_identity(half, after.uid))
        wanted = {one.id for one in half.fields if one.alias in aliases}
        wanted |= set(known.problem.holds.mappings if known is not None else ())
        pair, found = await _undecided(uow, half, other, after.uid, wanted)
        if pair is not None and found:
            await uow.problems.report(_problem(half, pair, found), engine.system.now())
            await uow.commit()


async def reconsider(engine: Engine, connectors: Collection[ConnectorKey] | None = None) -> int:
    """End what was decided meanwhile, by an edit or by a person; how many conflicts are left."""
    left = 0
    async with engine.store.unit() as uow:
        for one in await uow.problems.of_code(Code.START_CONFLICT):
            if connectors is None or one.problem.connector in connectors:
                left += await _reconsidered(uow, one)
        await uow.commit()
    return left


async def _reconsidered(uow: UnitOfWork, one: OpenProblem) -> bool:
    """Whether the conflict is still there, with what is left of it."""
    problem = one.problem
    assert problem.connector is not None
    assert problem.holds.pair is not None
    half = await uow.synchronizations.half(problem.connector)
    other = await partner_half(uow, half)
    if other is None:
        return True
    _, found = await _undecided(uow, half, other, problem.holds.pair, problem.holds.mappings)
    if not found:
        await uow.problems.resolve(problem.identity)
    elif len(found) < len(problem.holds.mappings):
        await uow.problems.report(
            replace(problem, cause=_cause(found), holds=_holds(problem.holds, found)), one.last_seen
        )
    return bool(found)


async def _undecided(
    uow: UnitOfWork, half: HalfConfiguration, other: HalfConfiguration, uid: PairUid, among: Collection[MappingId]
) -> tuple[Pair | None, tuple[FieldMapping, ...]]:
    pair, partner = await uow.pairs.get(half.connector, uid), await uow.pairs.get(other.connector, uid)
    if pair is None or partner is None:
        return pair, ()
    return pair, undecided(half, pair, other, partner, among)


def _identity(half: HalfConfiguration, uid: PairUid) -> str:
    return Problem(
        code=Code.START_CONFLICT,
        connector=half.connector,
        occurred_in=None,
        cause="",
        remedy="",
        holds=Holds(pair=uid, thing="start"),
    ).identity


def _problem(half: HalfConfiguration, pair: Pair, found: tuple[FieldMapping, ...]) -> Problem:
    return Problem(
        code=Code.START_CONFLICT,
        connector=half.connector,
        occurred_in=pair.local,
        triggered_by=pair.remote,
        cause=_cause(found),
        remedy=_REMEDY,
        holds=_holds(Holds(pair=pair.uid, thing="start"), found),
    )


def _cause(found: tuple[FieldMapping, ...]) -> str:
    names = ", ".join(f"'{one.name}'" for one in found)
    return f"nothing was agreed on these fields and their values differ: {names}"


def _holds(holds: Holds, found: tuple[FieldMapping, ...]) -> Holds:
    return replace(holds, mappings=tuple(one.id for one in found))
