"""Catching up: the initial synchronization, and what happened while a synchronization was stopped.

Progress is durable page by page; live changes go on meanwhile, in the other lane.
"""

from __future__ import annotations

from contextlib import aclosing

from backbone.app.engine.context import Engine, wanted_by
from backbone.app.engine.cursors import catch_up_name, looked_at, up_to_now
from backbone.app.engine.tell import Pass, tell_all
from backbone.app.engine.trouble import CATCHING_UP, Place, passed, watched
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import Millis
from backbone.core.model.snapshot import reached
from backbone.ports.records import Cursor
from backbone.ports.store import Fence, UnitOfWork
from backbone.ports.tracker import Lane


async def schedule(engine: Engine, half: HalfConfiguration, since: Millis) -> None:
    """Let the connector catch up from that instant; an earlier one that is still due stays."""
    async with engine.store.unit() as uow:
        known = await uow.cursors.get(catch_up_name(half.connector))
        if known is None or known.watermark > since:
            await uow.cursors.save(catch_up_name(half.connector), Cursor(watermark=since))
        await uow.commit()


async def catch_up(engine: Engine, half: HalfConfiguration) -> bool:
    """Go on catching up to the end; False when nothing was due. Raises Postponed when it can't be done now."""
    place = Place(connection=half.connection, connectors=[half.connector], work=CATCHING_UP)
    async with engine.store.hold(f"catch-up:{half.connector}") as fence:
        if fence is None:
            return False
        async with watched(engine, place):
            due = await _catch_up(engine, half, fence)
        if due:
            await passed(engine, place)
        return due


async def _catch_up(engine: Engine, half: HalfConfiguration, fence: Fence) -> bool:
    name = catch_up_name(half.connector)
    async with engine.store.unit() as uow:
        cursor = await uow.cursors.get(name)
        half = await uow.synchronizations.half(half.connector)
    if cursor is None:
        return False
    await looked_at(engine, half.connection)
    changed = engine.tracker(half).changed([half.project], cursor.watermark, wanted_by([half]), Lane.BULK)
    async with aclosing(up_to_now(changed)) as pages:
        async for page in pages:
            further = Cursor(watermark=max(reached(page.issues), cursor.watermark))
            async with engine.store.unit() as uow:
                await uow.dirty.add(half.connector, [one.ref.id for one in page.issues], page.asked_at)
                if not await _came(uow, half, cursor, further):
                    return True
                await uow.commit(fence, lasting=False)
            await tell_all(engine, Pass(half=half, lane=Lane.BULK), page.issues)
            cursor = further
    async with engine.store.unit() as uow:
        if await _came(uow, half, cursor, None):
            await uow.commit(fence)
    return True


async def _came(uow: UnitOfWork, half: HalfConfiguration, known: Cursor, to: Cursor | None) -> bool:
    """Note how far we came; False if somebody wants it otherwise meanwhile.

    Who applies a new configuration or starts the synchronization anew puts the cursor back, and its progress is not
    ours. The cursor is changed first: then whoever put it back, even to where it was, has committed the revision.
    """
    if not await uow.cursors.advance(catch_up_name(half.connector), known, to):
        return False
    running = await uow.synchronizations.get(half.synchronization)
    return running is not None and running.wanted_running and running.revision == half.revision
