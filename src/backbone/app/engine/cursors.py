"""The names under which it is remembered how far something has come, and where it begins."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from backbone.app.engine.context import Engine
from backbone.core.model.configuration import HalfConfiguration, StartAll, StartJql, StartNew, StartSince
from backbone.core.model.keys import ConnectionName, ConnectorKey, Millis
from backbone.core.model.snapshot import reached
from backbone.ports.records import Cursor
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import Page

OVERLAP = 60_000
"""Milliseconds by which a look reaches back before the last one: the index may be late."""


def cursor_name(connection: ConnectionName) -> str:
    return f"connection:{connection}"


async def looked_at(engine: Engine, connection: ConnectionName) -> Cursor:
    """How far the looks at a connection have come; they begin now where nobody looked before.

    It is remembered before anything is caught up with: what changes after that is found by a look, whenever that comes.
    """
    async with engine.store.unit() as uow:
        known = await uow.cursors.get(cursor_name(connection))
    if known is not None:
        return known
    account = await engine.trackers[connection].account()
    begun = Cursor(watermark=Millis(account.clock - OVERLAP))
    async with engine.store.unit() as uow:
        known = await uow.cursors.get(cursor_name(connection))
        if known is None:
            await uow.cursors.save(cursor_name(connection), begun)
            await uow.commit()
    return known or begun


async def up_to_now(changed: AsyncGenerator[Page, None]) -> AsyncGenerator[Page, None]:
    """The pages of what changed until the first of them was asked for.

    Where issues change as fast as they are read there is no end of pages. What changes meanwhile is seen by the next
    look.
    """
    asked_at: Millis | None = None
    async with aclosing(changed) as pages:
        async for page in pages:
            yield page
            asked_at = asked_at or page.asked_at
            if reached(page.issues) > asked_at:
                return


def catch_up_name(connector: ConnectorKey) -> str:
    return f"connector:{connector}"


async def catch_up_with_all(uow: UnitOfWork, halves: Iterable[HalfConfiguration]) -> None:
    """From now on every issue that may have to be sent is told once more, the first one first."""
    for half in halves:
        await uow.cursors.save(catch_up_name(half.connector), Cursor(watermark=first_instant(half)))


def first_instant(half: HalfConfiguration) -> Millis:
    """From when on issues of a new synchronization may have to be sent."""
    match half.start_with:
        case StartAll() | StartJql():
            return Millis(0)
        case StartNew(since=since) | StartSince(since=since):
            return since
