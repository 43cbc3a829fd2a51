"""Copies of the whole database, and what follows from reading one back."""

from __future__ import annotations

from pathlib import Path

from backbone.adapters import postgres
from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.store import (
    new_incarnation,
    open_store,
    prepare,
)
from backbone.app.engine.orphans import begin_again
from backbone.bootstrap.database import database, told_plainly
from backbone.settings import Settings


async def backup(settings: Settings, target: Path) -> None:
    """Write the whole database to a file. Raises Mistake."""
    with told_plainly():
        async with database(settings) as dsn:
            await prepare(dsn)
            await postgres.dump(dsn, target, binaries=_programs(settings))


async def restore(settings: Settings, source: Path) -> str:
    """Read a backup into an empty database and begin a new incarnation (rule 24). Raises Mistake."""
    with told_plainly():
        async with database(settings) as dsn:
            await postgres.load(dsn, source, binaries=_programs(settings))
            await prepare(dsn)
            incarnation = await new_incarnation(dsn)
            async with open_store(dsn, PostgresTurns) as store:
                await begin_again(store)
            return incarnation


def _programs(settings: Settings) -> postgres.Binaries:
    return postgres.find_binaries(settings.pg_bin, kept=postgres.kept_in(settings.home))
