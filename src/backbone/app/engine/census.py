"""What never shows under ``updated``: a census finds leavers, deletions and lost permission (rule 19)."""

from __future__ import annotations

from typing import assert_never

from backbone.app.engine.context import Engine
from backbone.app.engine.trouble import CENSUS, Place, passed, watched
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.pair import PairState

INTERVAL = 60 * 60_000
"""Milliseconds between two censuses of a project."""


async def census(engine: Engine, half: HalfConfiguration) -> int:
    """Compare the issues that a project has with the pairs; what is missing is marked to be read by id.

    Returns how many pairs were marked. Nothing is concluded from the census itself. Raises Postponed.
    """
    place = Place(connection=half.connection, connectors=[half.connector], work=CENSUS)
    async with watched(engine, place):
        present = await engine.tracker(half).census(half.project)
    await passed(engine, place)
    async with engine.store.unit() as uow:
        missing = [
            pair.local.id
            async for pair in uow.pairs.all(half.connector)
            if pair.local is not None and _is_news(pair.state, present=pair.local.id in present)
        ]
        if missing:
            await uow.dirty.add(half.connector, missing, engine.system.now())
        await uow.commit()
    return len(missing)


def _is_news(state: PairState, *, present: bool) -> bool:
    """Whether an issue is to be looked at: it left, it came back, or its absence has to be seen a second time."""
    match state:
        case PairState.LINKED:
            return not present
        case PairState.MOVED | PairState.DELETED:
            return present
        case PairState.INVISIBLE:
            return True
        case PairState.CREATING | PairState.IGNORED | PairState.HALF | PairState.MATCHING | PairState.BURIED:
            return False
        case _:
            assert_never(state)
