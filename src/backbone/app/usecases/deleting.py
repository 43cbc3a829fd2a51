"""Deleting a synchronization: stopped first, then what is under way ends, then everything of it goes into the archive."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.engine.cursors import catch_up_name
from backbone.app.usecases.channels.departing import farewell_of, keep_telling
from backbone.app.usecases.configuring.editing import Gone
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.publishing_to_partner import holding
from backbone.app.usecases.renaming import renamed_name
from backbone.app.usecases.retrying import retry_name
from backbone.app.usecases.switching import stop, stopped_name, unstarted_name
from backbone.app.usecases.under_way import look_under_way
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import Signed, Synchronization
from backbone.ports.system import System

PATIENCE = 30_000
"""Milliseconds for which open attempts are waited for that somebody is at."""

_BETWEEN = 0.2

ARCHIVED = 30 * 24 * 3_600_000
"""Milliseconds for which the archive keeps what a deleted synchronization knew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """How many pairs were archived, and how many attempts had not ended."""

    pairs: int
    cut_short: int


Farewell = Callable[[SynchronizationKey], Awaitable[None]]
"""Tells the partner behind firewalls, if there is one, that this half is deleted; it may fail to reach it."""


async def delete_integration(
    store: AdministrationStore,
    system: System,
    caller: Caller,
    key: SynchronizationKey,
    farewell: Farewell | None = None,
) -> Deletion:
    """Delete it. Raises Gone. Cut short anywhere, it is stopped at most, and may be deleted again."""
    try:
        await stop(store, key, system.now())
    except Mistake:
        raise Gone from None
    left = await _wait(store, system, key)
    if farewell is not None:
        await farewell(key)
    async with AsyncExitStack() as ends:
        fences = await ends.enter_async_context(holding(store, system, await _channels(store, key)))
        unit = await ends.enter_async_context(store.administration())
        one = await unit.synchronizations.lock(key)
        if one is None:
            raise Gone
        now = system.now()
        pairs = await remove(unit, one, Signed(by=caller.shown, at=now))
        before = {"summary": one.name, "revision": one.revision}
        after = {"archivedPairs": pairs, "cutShort": left}
        await unit.audit.write(entry_of(caller, "integration.delete", key, now, before=before, after=after))
        await unit.commit(*fences)
    return Deletion(pairs=pairs, cut_short=left)


async def remove(unit: AdministrationUnit, one: Synchronization, signed: Signed) -> int:
    """Everything of it goes, and nothing that its turns still do is committed any more; how many pairs it had."""
    await unit.archive.fence_off(one)
    pairs = await unit.archive.keep(one, signed)
    neighbours = await unit.archive.release_issues(one)
    farewell = await farewell_of(unit, one.key)
    await unit.channels.remove(one.key)
    await unit.synchronizations.remove(one.key)
    if farewell is not None:
        await keep_telling(unit, farewell)
    for name in _cursors(one):
        await unit.cursors.remove(name)
    for turn in neighbours:
        await unit.turns.wake(turn)
    return pairs


async def _channels(store: AdministrationStore, key: SynchronizationKey) -> list[SynchronizationKey]:
    """The channel that no step may go on with meanwhile, if there is one."""
    async with store.unit() as uow:
        return [key] if await uow.channels.get(key) is not None else []


async def _wait(store: AdministrationStore, system: System, key: SynchronizationKey) -> int:
    """How many attempts are still open when nobody is at one of them any more, or patience has ended."""
    until = system.now() + PATIENCE
    while True:
        found = await look_under_way(store, key)
        if not found.held or system.now() >= until:
            return found.open
        await system.sleep(_BETWEEN)


def _cursors(one: Synchronization) -> list[str]:
    of_connectors = [name(each) for each in one.connectors for name in (catch_up_name, renamed_name)]
    return [stopped_name(one.key), unstarted_name(one.key), retry_name(one.key), *of_connectors]
