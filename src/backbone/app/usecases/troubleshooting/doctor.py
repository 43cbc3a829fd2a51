"""The doctor for a synchronization that is stored: examined as if its part of the file were applied now."""

from __future__ import annotations

import json

from backbone.app.declaration.reading import Declaration, declaration_from
from backbone.app.engine.context import Engine
from backbone.app.usecases.applying import published_for
from backbone.app.usecases.choosing import connections_of, halves_of
from backbone.app.usecases.examining import examine
from backbone.app.usecases.finding import Examined
from backbone.ports.records import Synchronization
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import AccessError


async def stored_declaration(uow: UnitOfWork, one: Synchronization) -> Declaration:
    """The synchronization and its connections as one file would declare them. Raises DeclarationError."""
    names = set(connections_of(await halves_of(uow, [one])))
    stored = {known.name: known.document["declared"] for known in await uow.synchronizations.connections()}
    document = {
        "connections": {name: stored[name] for name in sorted(names)},
        "synchronizations": [dict(one.document)],
    }
    return declaration_from(json.dumps(document).encode(), one.key)


async def examine_stored(engine: Engine, one: Synchronization) -> tuple[Examined, ...]:
    """Everything that is wrong or worth knowing, the serious first."""
    async with engine.store.unit() as uow:
        declaration = await stored_declaration(uow, one)
        names = connections_of(await halves_of(uow, [one]))
    try:
        trackers = {name: engine.trackers[name] for name in names}
    except AccessError as error:
        return (Examined(serious=True, place=f"synchronization {one.key}", finding=error.cause, cure=error.remedy),)
    return await examine(declaration, trackers, await published_for(engine.store))
