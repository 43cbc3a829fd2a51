"""Problems as somebody may see them, page by page, with the synchronization that each belongs to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from backbone.app.access.caller import Caller
from backbone.app.usecases.choosing import halves_of
from backbone.core.model.keys import ConnectorKey, SynchronizationKey
from backbone.core.model.problems import Code
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import OpenProblem, Synchronization


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A problem and its synchronization; a problem of the whole installation has none."""

    problem: OpenProblem
    synchronization: SynchronizationKey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A part of a list, and how long all of it is."""

    entries: Sequence[Listed]
    total: int


async def problems_for(
    store: AdministrationStore, caller: Caller, code: Code | None, start: int, limit: int | None
) -> Listing:
    """All problems that the caller may see."""
    async with store.administration() as unit:
        every = await unit.synchronizations.all()
        seen = [one for one in every if caller.everything or caller.sees(await halves_of(unit, [one]))]
        connectors = None if caller.everything else connectors_of(seen)
        return await _listing(unit, every, connectors, code, (start, limit))


async def problems_of(
    store: AdministrationStore, one: Synchronization, code: Code | None, start: int, limit: int | None
) -> Listing:
    """Those of one synchronization."""
    async with store.administration() as unit:
        return await _listing(unit, [one], connectors_of([one]), code, (start, limit))


def connectors_of(every: Collection[Synchronization]) -> set[ConnectorKey]:
    return {connector for one in every for connector in one.connectors}


async def _listing(
    unit: AdministrationUnit,
    every: Sequence[Synchronization],
    connectors: set[ConnectorKey] | None,
    code: Code | None,
    part: tuple[int, int | None],
) -> Listing:
    owners = {connector: one.key for one in every for connector in one.connectors}
    found = await unit.troubles.listed(connectors, code, *part)
    entries = [Listed(problem=one, synchronization=_owner(owners, one)) for one in found]
    return Listing(entries=entries, total=await unit.troubles.counted(connectors, code))


def _owner(owners: dict[ConnectorKey, SynchronizationKey], one: OpenProblem) -> SynchronizationKey | None:
    return owners.get(one.problem.connector) if one.problem.connector is not None else None


async def problem_of(store: AdministrationStore, one: Synchronization, number: int) -> OpenProblem | None:
    """The problem of that number if it belongs to the synchronization."""
    async with store.unit() as uow:
        found = await uow.problems.numbered(number)
    mine = found is not None and found.problem.connector in one.connectors
    return found if mine else None
