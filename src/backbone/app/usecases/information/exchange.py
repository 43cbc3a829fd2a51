"""Synchronized issues of both connectors at once: the two arrays that a synchronization is moved with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from backbone.app.access.caller import Caller
from backbone.app.engine.context import Engine
from backbone.app.usecases.information.importing import (
    AT_ONCE,
    Imported,
    audit,
    check_issues,
    raise_first,
    stage,
    take_over,
)
from backbone.app.usecases.information.pairing import forget
from backbone.ports.administration import AdministrationStore
from backbone.ports.information import Given
from backbone.ports.records import Synchronization


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """How many entries either connector got, and how many are halves because the other array lacks them."""

    first: Imported
    second: Imported


async def import_both(
    store: AdministrationStore,
    engine: Engine,
    one: Synchronization,
    entries: AsyncIterator[tuple[bool, Given]],
    *,
    by: Caller,
) -> Exchanged:
    """Import entries of both connectors, all or none; True marks those of the first.

    Those of a partner elsewhere are left to the partner.
    Raises EntryWrong, EntryClashes and TrackerError.
    """
    name = engine.system.new_id()
    names = {True: f"{name}-first", False: f"{name}-second"}
    try:
        batches: dict[bool, list[Given]] = {True: [], False: []}
        async for first, entry in entries:
            batches[first].append(entry)
            if len(batches[first]) == AT_ONCE:
                await stage(store, engine, names[first], batches[first])
                batches[first].clear()
        for first, left in batches.items():
            await stage(store, engine, names[first], left)
        for connector in one.connectors:
            raise_first(await check_issues(store, engine, connector, names[connector == one.first]))
        return await _take_over_both(store, engine, one, names, by)
    finally:
        await forget(store, *names.values())


async def _take_over_both(
    store: AdministrationStore, engine: Engine, one: Synchronization, names: dict[bool, str], by: Caller
) -> Exchanged:
    async with store.administration() as unit:
        taken = {each: await take_over(unit, engine, one, each, names[each == one.first]) for each in one.connectors}
        for connector, imported in taken.items():
            halves, _ = await unit.information.halves(connector)
            taken[connector] = replace(imported, halves=halves)
            await audit(unit, engine, connector, taken[connector], by)
        await unit.commit()
    nothing = Imported(entries=0, halves=0)
    return Exchanged(first=taken.get(one.first, nothing), second=taken.get(one.second, nothing))
