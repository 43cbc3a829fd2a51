"""Starting and stopping as asynchronous tasks: of one synchronization, or of several at once."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.usecases import switching
from backbone.app.usecases.tasks.handle import Done, GoOn, TaskHandle
from backbone.app.usecases.tasks.host import TaskHost
from backbone.app.usecases.tasks.starting import TaskOrder, start
from backbone.app.usecases.under_way import look_under_way
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.administration import AdministrationStore
from backbone.ports.system import System
from backbone.ports.tasks import Task

START, STOP = "start-integrations", "stop-integrations"

PATIENCE = 30_000
"""Milliseconds for which a stop waits until what is under way has ended; after that it ends without being watched."""


async def order_start(
    store: AdministrationStore, system: System, caller: Caller, keys: Sequence[SynchronizationKey]
) -> Task:
    return await _order(store, system, caller, START, keys)


async def order_stop(
    store: AdministrationStore, system: System, caller: Caller, keys: Sequence[SynchronizationKey]
) -> Task:
    return await _order(store, system, caller, STOP, keys)


async def _order(
    store: AdministrationStore, system: System, caller: Caller, kind: str, keys: Sequence[SynchronizationKey]
) -> Task:
    order = TaskOrder(
        kind=kind,
        owner=caller.name,
        message="Starting." if kind == START else "Stopping.",
        arguments={"keys": list(keys)},
        synchronization=keys[0] if len(keys) == 1 else None,
        resource=f"/integrations/{keys[0]}" if len(keys) == 1 else None,
    )
    async with store.administration() as unit:
        task = await start(unit, system, order)
        what = switching.STARTED if kind == START else switching.STOPPED
        for key in keys:
            await unit.audit.write(entry_of(caller, what, key, system.now()))
        await unit.commit()
    return task


async def do_start(host: TaskHost, handle: TaskHandle) -> Done | GoOn:
    """Start each that is stopped. Raises Mistake for one that was deleted."""
    await host.open_connections()
    keys = _keys(handle)
    for number, key in enumerate(keys):
        await handle.step(progress=100 * number // len(keys))
        await switching.start(host.store, key, host.system.now())
    return Done(result=f"Successfully started {_counted(keys)}.")


async def do_stop(host: TaskHost, handle: TaskHandle) -> Done | GoOn:
    """Stop each that runs, and wait until nothing is under way. Raises Mistake for one that was deleted."""
    keys, now = _keys(handle), host.system.now()
    if "stopped" not in handle.position:
        for number, key in enumerate(keys):
            await handle.step(progress=90 * number // len(keys))
            await switching.stop(host.store, key, now)
        await handle.remember({"stopped": now}, progress=90, message="Waiting for what is under way.")
    stopped = handle.position["stopped"]
    assert isinstance(stopped, int)
    if now - stopped < PATIENCE and any([(await look_under_way(host.store, key)).held for key in keys]):
        await handle.step()
        return GoOn(after=0.5)
    return Done(result=f"Successfully stopped {_counted(keys)}.")


def _keys(handle: TaskHandle) -> list[SynchronizationKey]:
    keys = handle.arguments["keys"]
    assert isinstance(keys, list)
    return [SynchronizationKey(key) for key in keys]


def _counted(keys: Sequence[SynchronizationKey]) -> str:
    return "the integration" if len(keys) == 1 else f"{len(keys)} integrations"
