"""Whether a process does the work: one of all says so every few seconds, and who asks is told when none did."""

from __future__ import annotations

from backbone.app.engine.context import Engine
from backbone.core.model.keys import Millis
from backbone.ports.records import Cursor
from backbone.ports.store import UnitOfWork

SAYS = 10.0
"""Seconds after which it is said again."""

SILENT = 60_000
"""Milliseconds of silence after which nobody is at work: one that takes up a new configuration is silent for a while."""

CURE = "Run 'backbone serve', or 'backbone worker' on another machine."

_NAME = "at-work"
_NOBODY = "nothing is synchronized by itself, since no 'backbone serve' or 'backbone worker'"


async def say_at_work(engine: Engine) -> None:
    """Somebody is at work now."""
    async with engine.store.unit() as uow:
        await uow.cursors.save(_NAME, Cursor(watermark=engine.system.now()))
        await uow.commit(lasting=False)


async def why_idle(uow: UnitOfWork, now: Millis) -> str | None:
    """Why nothing is done by itself; None while somebody is at work."""
    said = await uow.cursors.get(_NAME)
    if said is None:
        return f"{_NOBODY} was at work yet"
    silence = now - said.watermark
    if silence < SILENT:
        return None
    minutes = silence // 60_000
    return f"{_NOBODY} has been at work for {minutes} minute{'' if minutes == 1 else 's'}"
