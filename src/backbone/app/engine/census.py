"""What never shows under ``updated``: a census finds leavers, deletions and lost permission (rule 19)."""

from __future__ import annotations

from backbone.app.engine.context import Engine
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId
from backbone.core.model.pair import PairState


async def census(engine: Engine, half: HalfConfiguration) -> int:
    """Compare the issues that a project has with the pairs; what is missing is marked to be read by id.

    Returns how many pairs were marked. Nothing is concluded from the census itself.
    """
    present = await engine.tracker(half).census(half.project)
    missing: list[IssueId] = []
    async with engine.store.unit() as uow:
        async for pair in uow.pairs.all(half.connector):
            known = pair.state in (PairState.MOVED, PairState.INVISIBLE, PairState.DELETED, PairState.LINKED)
            if known and pair.local is not None and (pair.local.id in present) != (pair.state is PairState.LINKED):
                missing.append(pair.local.id)
        if missing:
            await uow.dirty.add(half.connector, missing, engine.system.now())
        await uow.commit()
    return len(missing)
