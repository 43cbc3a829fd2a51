"""The correlation field: a field of the local issue that shows the partner's key."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.engine.context import Engine
from backbone.core.model.actions import EditFields
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueRef
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.model.values import FieldKind, Scalar
from backbone.ports.store import Fence
from backbone.ports.tracker import Lane, Refusal, Wanted


async def correlate(engine: Engine, half: HalfConfiguration, pair: Pair, remote: IssueRef, fence: Fence) -> Pair:
    """Remember the partner's issue, and write its key where the configuration wants it shown."""
    known = replace(pair, remote=remote)
    refusal = await _show(engine, half, known, remote, fence) if pair.remote != remote else None
    async with engine.store.unit() as uow:
        await uow.pairs.save(known)
        if refusal is not None:
            await uow.problems.report(_refused(half, known, refusal), engine.system.now())
        await uow.commit(fence)
    return known


async def _show(engine: Engine, half: HalfConfiguration, pair: Pair, remote: IssueRef, fence: Fence) -> Refusal | None:
    if half.correlation_field is None or pair.local is None:
        return None
    await fence.check()
    edit = EditFields(issue=pair.local.id, values={half.correlation_field: Scalar(remote.key)})
    wanted = Wanted(fields={half.correlation_field: FieldKind.TEXT})
    done = await engine.tracker(half).edit(edit, wanted, Lane.LIVE)
    return done if isinstance(done, Refusal) else None


def _refused(half: HalfConfiguration, pair: Pair, refusal: Refusal) -> Problem:
    return Problem(
        code=Code.FIELD_REFUSED,
        connector=half.connector,
        occurred_in=pair.local,
        triggered_by=pair.remote,
        cause=f"the correlation field was refused: {refusal.words}",
        remedy="Put the field on the edit screen of this project and issue type, then resync the issue.",
        holds=Holds(pair=pair.uid, thing="correlation"),
    )
