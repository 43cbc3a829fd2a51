"""Resynchronizing issues that a person chooses: checked when asked for, done as an asynchronous task."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.declaration.jql import all_of, broken, without_order
from backbone.app.engine.context import Engine
from backbone.app.engine.resync import Fate, Resync, resync_issues
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.tasks.handle import OFTEN, Done, GoOn, TaskHandle
from backbone.app.usecases.tasks.host import TaskHost
from backbone.app.usecases.tasks.starting import TaskOrder, start
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, IssueId, MappingId
from backbone.core.sync.resync import Assertion
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import Synchronization, TaskId
from backbone.ports.store import UnitOfWork
from backbone.ports.system import System
from backbone.ports.tasks import Task
from backbone.ports.tracker import Lane, Wanted

RESYNC = "resync"

AT_ONCE = 50
"""Issues that are read and decided on together."""

AGAIN = 2.0
"""Seconds after which issues that could not be decided on are tried again."""

_SEARCHED = 5
"""Percent of the way that lie behind us when the issues are found."""


class Stopped(Exception):
    """The synchronization is stopped: nothing would be told to the partner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants to be resynchronized, from one connector to the other.

    ``jql`` selects among the issues that the configuration selects, ``mappings`` are ids of field mappings. ``status``
    forces the partner into the present status. ``responsibility`` is kept: no configuration has one yet.
    """

    connector: ConnectorKey
    jql: str
    mappings: tuple[MappingId, ...]
    status: bool = False
    responsibility: bool = False


async def check_wish(engine: Engine, one: Synchronization, wish: Wish) -> Wish:
    """The wish with its JQL as it will be combined. Raises Mistake, Stopped, and what the tracker raises."""
    async with engine.store.unit() as uow:
        half = await uow.synchronizations.half(wish.connector)
    if not one.wanted_running:
        raise Stopped
    known = {mapping.id for mapping in half.fields}
    unknown = [mapping for mapping in wish.mappings if mapping not in known]
    if unknown:
        cause = f"this connector has no field mapping with the id {unknown[0][:80]!r}"
        raise Mistake("fieldMappings", cause, "Use the ids of the field mappings that the synchronization shows")
    condition = without_order(wish.jql)
    doubt = broken(condition)
    if doubt is not None:
        raise Mistake("jql", doubt.message, doubt.cure)
    complaint = await engine.tracker(half).check_jql(condition) if condition else None
    if complaint is not None:
        raise Mistake("jql", f"Jira refuses it: {complaint}", "Try it in Jira's own search first")
    return Wish(
        connector=wish.connector,
        jql=condition,
        mappings=wish.mappings,
        status=wish.status,
        responsibility=wish.responsibility,
    )


async def start_resync(
    unit: AdministrationUnit, system: System, one: Synchronization, wish: Wish, caller: Caller
) -> Task:
    """Start the task of a wish that was checked, and record whose it is; the unit is still to be committed."""
    asked = {"connector": wish.connector, "jql": wish.jql, "mappings": list(wish.mappings), "status": wish.status}
    await unit.audit.write(entry_of(caller, "integration.resync", one.key, system.now(), after=asked))
    order = TaskOrder(
        kind=RESYNC,
        owner=caller.name,
        message=f"Starting resync for connector {wish.connector}",
        arguments={**asked, "responsibility": wish.responsibility},
        synchronization=one.key,
    )
    return await start(unit, system, order)


# --- doing it ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskLedger:
    """The items of a task as the ledger of its resync."""

    store: AdministrationStore
    task: TaskId

    @asynccontextmanager
    async def striking(self, issue: IssueId, fate: Fate) -> AsyncIterator[UnitOfWork]:
        async with self.store.administration() as unit:
            await unit.tasks.settle_item(self.task, issue, fate)
            yield unit


async def do_resync(host: TaskHost, handle: TaskHandle) -> Done | GoOn:
    """Find the issues once, then resynchronize them a page at a time. Raises Mistake when it is stopped or deleted."""
    await host.open_connections()
    half = await _half(host, handle)
    if "found" not in handle.position:
        await _find(host, handle, half)
    resync = Resync(half=half, wanted=_assertion(handle), ledger=TaskLedger(host.store, handle.task.id))
    after, done, shown = 0, 0, host.system.now()
    while batch := await _batch(host, handle, after):
        fates = await resync_issues(host.engine, resync, [IssueId(item) for item in batch])
        after = max(batch.values())
        done += sum(fate is not Fate.LATER for fate in fates.values())
        if host.system.now() - shown >= OFTEN:  # counting takes its time where there is much to count
            await _show(host, handle)
            shown = host.system.now()
        if handle.tired:
            return GoOn(after=0.0 if done else AGAIN)
        resync = Resync(half=await _half(host, handle), wanted=resync.wanted, ledger=resync.ledger)
    counts = await _show(host, handle)
    if counts.get(""):
        await handle.step(message=f"Waiting for {_issues(counts[''])} that cannot be decided on now")
        return GoOn(after=AGAIN)
    return Done(result=_result(counts))


async def _half(host: TaskHost, handle: TaskHandle) -> HalfConfiguration:
    """The half in force: it may have changed since."""
    key, connector = handle.task.synchronization, ConnectorKey(str(handle.arguments["connector"]))
    async with host.store.unit() as uow:
        one = await uow.synchronizations.get(key) if key is not None else None
        if one is None:
            raise Mistake("resync", "the synchronization was deleted meanwhile", "Nothing is left to be done")
        if not one.wanted_running:
            raise Mistake("resync", "the synchronization was stopped meanwhile", "Start it and resync again")
        return await uow.synchronizations.half(connector)


def _assertion(handle: TaskHandle) -> Assertion:
    """As of the moment of the wish: what was edited since then stays."""
    mappings = handle.arguments["mappings"]
    assert isinstance(mappings, list)
    return Assertion(
        mappings=frozenset(MappingId(one) for one in mappings),
        status=bool(handle.arguments["status"]),
        at=handle.task.started,
    )


async def _find(host: TaskHost, handle: TaskHandle, half: HalfConfiguration) -> None:
    """Write down which issues are selected, so that nothing depends on the search any more."""
    jql = all_of(without_order(half.jql), str(handle.arguments["jql"]))
    await handle.step(message="Searching the issues")
    found = 0
    async for page in host.engine.tracker(half).matching(half.project, jql, Wanted(), Lane.BULK):
        mine = [one.ref.id for one in page.issues if one.project == half.project]
        async with host.store.administration() as unit:
            await unit.tasks.add_items(handle.task.id, mine)
            await unit.commit()
        found += len(mine)
        await handle.step(message=f"Searching the issues: {found:,} found")
    await handle.remember({"found": found}, progress=_SEARCHED)


async def _batch(host: TaskHost, handle: TaskHandle, after: int) -> Mapping[str, int]:
    async with host.store.administration() as unit:
        return await unit.tasks.items(handle.task.id, after, AT_ONCE)


async def _show(host: TaskHost, handle: TaskHandle) -> Mapping[str, int]:
    async with host.store.administration() as unit:
        counts = await unit.tasks.fates(handle.task.id)
    whole = sum(counts.values())
    done = whole - counts.get("", 0)
    progress = _SEARCHED + (99 - _SEARCHED) * done // max(1, whole)
    await handle.step(progress=progress, message=f"Resynchronizing: {done:,} of {_issues(whole)}")
    return counts


def _result(counts: Mapping[str, int]) -> str:
    parts = [f"Resynchronized {_issues(counts.get(Fate.ASSERTED, 0))}"]
    if counts.get(Fate.CREATED):
        parts.append(f"sent {_issues(counts[Fate.CREATED])} as new")
    if counts.get(Fate.LEFT):
        parts.append(f"left {_issues(counts[Fate.LEFT])} as they are")
    return ", ".join(parts) + "."


def _issues(count: int) -> str:
    return "1 issue" if count == 1 else f"{count:,} issues"
