"""What a synchronization that was stopped is still doing."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.core.model.keys import SynchronizationKey
from backbone.ports.administration import AdministrationStore


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """Attempts whose outcome is not committed: those that somebody is at, and all of them.

    What nobody is at was cut short by a crash. It ends when the synchronization runs again, so that waiting is no use.
    """

    held: int
    open: int


async def look_under_way(store: AdministrationStore, key: SynchronizationKey) -> UnderWay:
    async with store.administration() as unit:
        one = await unit.synchronizations.get(key)
        names = await unit.archive.open_attempts(one) if one is not None else ()
    held = [name for name in names if await _held(store, name)]
    return UnderWay(held=len(held), open=len(names))


async def _held(store: AdministrationStore, name: str) -> bool:
    async with store.hold(name) as fence:
        return fence is None
