"""A new synchronization over the public interface. It is created stopped."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.declaration.declared import ResolvedSynchronization, identity_of
from backbone.app.declaration.recognizing import known_as
from backbone.app.engine.context import Engine
from backbone.app.usecases.configuring.declaring import Part, find_names, read, require_projects, trackers_for
from backbone.app.usecases.publishing import act_of, create_stopped
from backbone.core.model.keys import Millis
from backbone.ports.administration import AdministrationUnit
from backbone.ports.records import Signed, Synchronization


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be created. ``configuration`` names both sides; without ``summary`` or ``description`` the usual ones."""

    configuration: Part
    summary: str | None = None
    description: str | None = None


async def create_integration(
    unit: AdministrationUnit, engine: Engine, caller: Caller, wanted: Wanted, now: Millis
) -> Synchronization:
    """Create it; the caller of this commits the unit. Raises Unfit."""
    stored = await unit.synchronizations.connections()
    read({**wanted.configuration, "name": wanted.summary or "to be found out"}, stored)
    trackers = trackers_for(wanted.configuration, engine.trackers)
    first, second = await require_projects(caller, wanted.configuration, trackers)
    name = wanted.summary or f"{first.name} <> {second.name}"[:255]
    part = {"name": name, **_description(wanted), **wanted.configuration}
    resolved = await find_names(read(part, stored), trackers)
    act = act_of(resolved.declared, Signed(by=caller.shown, at=now, why="created over the REST API"))
    one = await create_stopped(unit, await _apart(unit, resolved.synchronization), act)
    await unit.audit.write(entry_of(caller, "integration.create", one.key, now, after={"summary": one.name}))
    return one


async def _apart(unit: AdministrationUnit, one: ResolvedSynchronization) -> ResolvedSynchronization:
    """The same, with an identity of its own where its name is another's."""
    await unit.synchronizations.hold_new()
    taken = {identity_of(known.document) for known in await unit.synchronizations.all()}
    if one.identity not in taken:
        return one
    base = one.identity[:240]
    number = next(number for number in range(2, len(taken) + 3) if f"{base} ({number})" not in taken)
    return known_as(one, f"{base} ({number})")


def _description(wanted: Wanted) -> dict[str, str]:
    return {"description": wanted.description} if wanted.description else {}
