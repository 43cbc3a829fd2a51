"""Deleting sync information, and bringing back what was deleted.

What was deleted is kept for 30 days. Its issues stay apart: neither is created anew on the other side until it is
paired, imported or resynced again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.usecases.information.halves import tell_of_halves
from backbone.app.usecases.information.refusals import NoSuchEntry
from backbone.app.usecases.switching import stop
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.ports.administration import AdministrationStore
from backbone.ports.information import Archived, Restored
from backbone.ports.records import CreateTurn, Synchronization
from backbone.ports.system import System
from backbone.ports.tracker import TransientError

KEPT = 30 * 24 * 3600 * 1000
"""Milliseconds for which what was deleted can be restored."""

_PATIENCE = 120
"""Half seconds for which a creation that is under way is waited for."""


async def delete_entry(
    store: AdministrationStore, one: Synchronization, connector: ConnectorKey, number: int, *, by: Caller, now: Millis
) -> None:
    """Delete one entry of a connector. Raises NoSuchEntry."""
    if not await _delete(store, one, connector, number, by=by, now=now):
        raise NoSuchEntry(number)


async def delete_all(
    store: AdministrationStore, system: System, one: Synchronization, connector: ConnectorKey, *, by: Caller
) -> int:
    """Stop the synchronization, then delete all entries of a connector; how many there were.

    Issues that are being created at this moment are waited for. Raises TransientError if that takes too long.
    """
    await stop(store, one.key, system.now())
    async with AsyncExitStack() as stack:
        for _ in range(_PATIENCE):
            if await stack.enter_async_context(store.hold(f"create:{connector}")) is not None:
                return await _delete(store, one, connector, None, by=by, now=system.now())
            await system.sleep(0.5)
    raise TransientError(f"issues are being created in {connector}", retry_after=10.0)


async def _delete(
    store: AdministrationStore,
    one: Synchronization,
    connector: ConnectorKey,
    number: int | None,
    *,
    by: Caller,
    now: Millis,
) -> int:
    partner = one.partner_of(connector)
    async with store.administration() as unit:
        await unit.information.forget_archived(Millis(now - KEPT))
        count = await unit.information.delete(connector, partner, only=number, at=now, by=by.name)
        told = {"entries": count, "syncInfoId": number}
        await unit.audit.write(entry_of(by, "sync-information.delete", connector, now, after=told))
        await tell_of_halves(unit, connector, partner, now)
        await unit.commit()
    return count


async def deleted(store: AdministrationStore, connector: ConnectorKey, now: Millis) -> Sequence[Archived]:
    """What can be restored, the youngest first."""
    async with store.administration() as unit:
        return await unit.information.archived(connector, Millis(now - KEPT))


async def restore(
    store: AdministrationStore,
    one: Synchronization,
    connector: ConnectorKey,
    number: int | None,
    *,
    by: Caller,
    now: Millis,
) -> Restored:
    """Bring back one deleted entry of a connector, or all. Raises NoSuchEntry when there is nothing to bring back."""
    partner = one.partner_of(connector)
    other = partner if one.here is None else None
    async with store.administration() as unit:
        since = Millis(now - KEPT)
        restored = await unit.information.restore(connector, other, only=number, since=since, now=now)
        if not (restored.entries or restored.left):
            raise NoSuchEntry(number or 0)
        told = {"entries": restored.entries, "syncInfoId": number}
        await unit.audit.write(entry_of(by, "sync-information.restore", connector, now, after=told))
        await tell_of_halves(unit, connector, partner, now)
        for each in one.connectors:
            await unit.turns.wake(CreateTurn(connector=each))
        await unit.commit()
    return restored
