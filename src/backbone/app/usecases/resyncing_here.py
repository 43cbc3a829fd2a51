"""A resync that is asked for by a command: connector and fields are named as people name them, and it is waited for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backbone.app.access.caller import Caller
from backbone.app.declaration.findings import choose_from
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.resyncing import Stopped, Wish, check_wish, start_resync
from backbone.app.usecases.tasks.host import TaskHost
from backbone.app.usecases.tasks.waiting import until_ended
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import STATUS, ConnectorKey, MappingId
from backbone.ports.records import Synchronization
from backbone.ports.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What was typed. ``fields`` are names or ids of mapped fields; None means all of them."""

    connector: str
    jql: str
    fields: Sequence[str] | None
    status: bool


async def resync_here(host: TaskHost, command: Command, caller: Caller, watch: Callable[[Task], None]) -> Task:
    """Start the resync and wait for it; the task as it ended. Raises Mistake, and what the tracker raises."""
    one, half = await _found(host, command.connector)
    wish = Wish(
        connector=half.connector, jql=command.jql, mappings=_mappings(half, command.fields), status=command.status
    )
    try:
        checked = await check_wish(host.engine, one, wish)
    except Stopped:
        raise Mistake(one.key, "is stopped; nothing would be sent", f"Run 'backbone start {one.key}' first") from None
    async with host.store.administration() as unit:
        task = await start_resync(unit, host.system, one, checked, caller)
        await unit.commit()
    return await until_ended(host, task, watch)


async def _found(host: TaskHost, connector: str) -> tuple[Synchronization, HalfConfiguration]:
    async with host.store.unit() as uow:
        known = await uow.synchronizations.all()
        for one in known:
            if connector in one.connectors:
                return one, await uow.synchronizations.half(ConnectorKey(connector))
    names = [name for one in known for name in one.connectors]
    cure = choose_from(connector, names) if names else "Declare a synchronization and run 'backbone apply FILE'"
    raise Mistake(connector, "there is no connector with this key", cure)


def _mappings(half: HalfConfiguration, names: Sequence[str] | None) -> tuple[MappingId, ...]:
    fields = [one for one in half.fields if one.field != STATUS]
    if names is None:
        return tuple(one.id for one in fields)
    found = []
    for name in names:
        one = next((one for one in fields if name.casefold() in (one.id, one.name.casefold(), one.field)), None)
        if one is None:
            raise Mistake(name, "this connector maps no such field", choose_from(name, [one.name for one in fields]))
        found.append(one.id)
    return tuple(found)
