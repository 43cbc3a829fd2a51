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


async def correlate(
    engine: Engine, half: HalfConfiguration, pair: Pair, remote: IssueRef, fence: Fence, *, lane: Lane = Lane.LIVE
) -> Pair:
    """Remember the partner's issue, and write its key where the configuration wants it shown.

    If ours is gone nothing is remembered: the next turn finds out what became of it.
    """
    known = replace(pair, remote=remote)
    due = pair.remote != remote or pair.unshown
    refusal = await _show(engine, half, known, fence, lane) if due else None
    if refusal is not None and refusal.gone:
        return pair
    known = replace(known, unshown=refusal is not None)
    async with engine.store.unit() as uow:
        await uow.pairs.save(known)
        if refusal is not None:
            await uow.problems.report(_refused(half, known, refusal.words), engine.system.now())
        elif pair.unshown:
            await uow.problems.resolve(_refused(half, known, "").identity)
        await uow.commit(fence)
    return known


async def _show(engine: Engine, half: HalfConfiguration, pair: Pair, fence: Fence, lane: Lane) -> Refusal | None:
    if half.correlation_field is None or pair.local is None or pair.remote is None:
        return None
    await fence.check()
    edit = EditFields(issue=pair.local.id, values={half.correlation_field: Scalar(pair.remote.key)})
    wanted = Wanted(fields={half.correlation_field: FieldKind.TEXT})
    done = await engine.tracker(half).edit(edit, wanted, lane)
    return done if isinstance(done, Refusal) else None


def _refused(half: HalfConfiguration, pair: Pair, words: str) -> Problem:
    return Problem(
        code=Code.FIELD_REFUSED,
        connector=half.connector,
        occurred_in=pair.local,
        triggered_by=pair.remote,
        cause=f"the correlation field was refused: {words}",
        remedy="Put the field on the edit screen of this issue type, or let the status allow editing; then retry.",
        holds=Holds(pair=pair.uid, thing="correlation"),
    )
