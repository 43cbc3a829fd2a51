"""Finding the synchronization that a person means: by its key or by its name."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.app.declaration.findings import choose_from
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName
from backbone.ports.records import Synchronization
from backbone.ports.store import Store, UnitOfWork


async def chosen(uow: UnitOfWork, named: str | None) -> tuple[Synchronization, ...]:
    """All synchronizations, or the one that is named: by its key, else by its name. Raises Mistake for an unknown name."""
    known = await uow.synchronizations.all()
    if named is None:
        return tuple(known)
    by_key = [one for one in known if one.key.casefold() == named.casefold()]
    found = by_key or [one for one in known if one.name == named]
    if not found:
        names = [*(one.key for one in known), *(one.name for one in known)]
        cure = choose_from(named, names) if names else "Declare one in a file and run 'backbone apply FILE'"
        raise Mistake(named, "there is no synchronization of this key or name", cure)
    return tuple(found)


async def chosen_running(store: Store, named: str | None) -> tuple[Synchronization, ...]:
    """Those of them that are wanted to run. Raises Mistake when the named one is stopped, or when there is none."""
    async with store.unit() as uow:
        found = await chosen(uow, named)
    running = tuple(one for one in found if one.wanted_running)
    if found and not running:
        place = named or "synchronizations"
        raise Mistake(place, "is stopped" if named else "all are stopped", f"Run 'backbone start {found[0].key}' first")
    if not running:
        raise Mistake("synchronizations", "there is none yet", "Declare one in a file and run 'backbone apply FILE'")
    return running


async def halves_of(uow: UnitOfWork, synchronizations: Sequence[Synchronization]) -> list[HalfConfiguration]:
    """The halves of each that are ours, in force, the first one first."""
    connectors = [connector for one in synchronizations for connector in one.connectors]
    return [await uow.synchronizations.half(connector) for connector in connectors]


def connections_of(halves: Sequence[HalfConfiguration]) -> list[ConnectionName]:
    return sorted({half.connection for half in halves})
