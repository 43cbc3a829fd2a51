"""Issues that can't be had any more: deleted, moved and no longer visible are three different things (rule 21).

None of them removes anything on the other side. Which one it was needs proof: the permission is still there, and it
was observed twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backbone.app.engine.context import Engine, issue_lock
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId, IssueRef, Millis
from backbone.core.model.pair import SILENT, Pair, PairState
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.model.snapshot import IssueSnapshot
from backbone.ports.store import Fence
from backbone.ports.tracker import AccessError

_WORDS = {
    PairState.MOVED: (
        Code.ISSUE_MOVED,
        "the issue was moved to another project",
        "Move it back, synchronize its partner with a new issue, or ignore future changes.",
    ),
    PairState.INVISIBLE: (
        Code.ISSUE_INVISIBLE,
        "the issue can't be seen any more by our account: a permission, a security level or the archive hides it",
        "Give the account access again; nothing is lost meanwhile. If the issue was deleted, ignore it or make a new one.",
    ),
    PairState.DELETED: (
        Code.ISSUE_DELETED,
        "the issue was deleted; its partner is left as it is",
        "Synchronize the partner with a new issue, or ignore future changes.",
    ),
}
_KEPT = SILENT | {PairState.MATCHING}
"""States that say more than where the issue is."""


async def missing_issues(engine: Engine, half: HalfConfiguration, issues: Sequence[IssueId]) -> None:
    """Issues that a read by id did not find."""
    for issue in issues:
        async with engine.store.hold(issue_lock(half.connection, issue)) as fence:
            if fence is not None:
                await missing_issue(engine, half, issue, fence)


async def missing_issue(engine: Engine, half: HalfConfiguration, issue: IssueId, fence: Fence) -> None:
    """Note that an issue can't be had: invisible at first, deleted when it was missed twice with the permission."""
    async with engine.store.unit() as uow:
        pair = await uow.pairs.find_by_issue(half.connector, issue)
    state = None if pair is None else await _state(engine, half, pair)
    async with engine.store.unit() as uow:
        await uow.dirty.clear(half.connector, issue, _LATER)
        await uow.dirty.close_attempt(half.connection, issue)
        if pair is not None and state is not None and state is not pair.state:
            await uow.pairs.save(replace(pair, state=state))
            await uow.problems.resolve_pair(half.connector, pair.uid)
            await uow.problems.report(away(half, pair, state), engine.system.now())
        await uow.commit(fence)


async def _state(engine: Engine, half: HalfConfiguration, pair: Pair) -> PairState:
    if pair.state in _KEPT or pair.state is PairState.DELETED:
        return pair.state
    if pair.state is not PairState.INVISIBLE:
        return PairState.INVISIBLE
    try:
        allowed = (await engine.tracker(half).permissions(half.project)).get("BROWSE_PROJECTS", False)
    except AccessError:
        allowed = False
    return PairState.DELETED if allowed else PairState.INVISIBLE


async def moved_issues(engine: Engine, half: HalfConfiguration, snapshots: Sequence[IssueSnapshot]) -> None:
    """Issues that were found in another project."""
    for snapshot in snapshots:
        async with engine.store.hold(issue_lock(half.connection, snapshot.ref.id)) as fence:
            if fence is None:
                continue
            async with engine.store.unit() as uow:
                pair = await uow.pairs.find_by_issue(half.connector, snapshot.ref.id)
            if pair is not None:
                await moved_issue(engine, half, pair, snapshot.ref, fence)


async def moved_issue(engine: Engine, half: HalfConfiguration, pair: Pair, now_at: IssueRef, fence: Fence) -> None:
    """An issue of ours is in another project now."""
    kept = pair.state in _KEPT
    async with engine.store.unit() as uow:
        moved = replace(pair, state=pair.state if kept else PairState.MOVED, local=now_at)
        await uow.pairs.save(moved)
        await uow.dirty.clear(half.connector, now_at.id, _LATER)
        await uow.dirty.close_attempt(half.connection, now_at.id)
        if not kept:
            await uow.problems.report(away(half, moved, PairState.MOVED), engine.system.now())
        await uow.commit(fence)


def away(half: HalfConfiguration, pair: Pair, state: PairState) -> Problem:
    """The problem of an issue that is away."""
    code, cause, remedy = _WORDS[state]
    return Problem(
        code=code,
        connector=half.connector,
        occurred_in=pair.local,
        triggered_by=pair.remote,
        cause=cause,
        remedy=remedy,
        holds=Holds(pair=pair.uid),
    )


_LATER = Millis(2**62)
