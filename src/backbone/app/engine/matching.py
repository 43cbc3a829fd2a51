"""Two existing issues that a person paired: both are read and compared once, before anything is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backbone.app.engine.context import Busy, Engine, issue_lock, report, wanted_by
from backbone.app.engine.gone import away
from backbone.app.engine.handing import partner_half
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.sync.matching import Met, link_alone, match_issues
from backbone.ports.records import ApplyTurn
from backbone.ports.store import Fence
from backbone.ports.tracker import Lane, Unavailable


async def match(engine: Engine, half: HalfConfiguration, pair: Pair, fence: Fence) -> None:
    """Compare the pair's issues and link both halves. Raises Busy while somebody works on the partner's issue.

    The issue of a partner elsewhere can't be compared: then this half is linked by itself.
    """
    async with engine.store.unit() as uow:
        other = await partner_half(uow, half)
        partner = await uow.pairs.get(other.connector, pair.uid) if other is not None else None
    if other is None:
        here = await _read(engine, half, pair, fence)
        if here is not None:
            await _save(engine, [link_alone(Met(half=half, pair=pair, snapshot=here))], fence)
        return
    if partner is None or partner.state is not PairState.MATCHING or partner.local is None:
        return
    name = issue_lock(other.connection, partner.local.id)
    async with engine.store.hold(name) as second:
        if second is None:
            raise Busy(name)
        here, there = await _read(engine, half, pair, fence), await _read(engine, other, partner, second)
        if here is None or there is None:
            return
        matched = match_issues(Met(half=half, pair=pair, snapshot=here), Met(half=other, pair=partner, snapshot=there))
        await _save(engine, [matched.first, matched.second], fence, second)


async def _save(engine: Engine, linked: Sequence[Pair], *fences: Fence) -> None:
    """Both halves become linked at once, and both issues are looked at for what differs."""
    now = engine.system.now()
    async with engine.store.unit() as uow:
        for pair in linked:
            await uow.pairs.save(pair)
            await uow.problems.resolve_pair(pair.connector, pair.uid)
            if await uow.inbox.pending(pair.connector, pair.uid):  # told before this half was ready for it
                await uow.turns.wake(ApplyTurn(connector=pair.connector, pair=pair.uid))
            if pair.local is not None:
                await uow.dirty.add(pair.connector, [pair.local.id], now)
        await uow.commit(*fences)


async def _read(engine: Engine, half: HalfConfiguration, pair: Pair, fence: Fence) -> IssueSnapshot | None:
    """The issue with all its comments and attachments; None, and a problem, if it can't be had in its project."""
    assert pair.local is not None, "only issues that exist are paired"
    tracker, issue = engine.tracker(half), pair.local.id
    wanted = replace(wanted_by([half]), comments=True, files=True, history=False)
    snapshot = await tracker.read(issue, wanted, Lane.BULK)
    if isinstance(snapshot, Unavailable) or snapshot.project != half.project:
        state = PairState.INVISIBLE if isinstance(snapshot, Unavailable) else PairState.MOVED
        await report(engine, away(half, pair, state), fence)
        return None
    known = snapshot.comments
    if known is None or any(one.own and not one.marker_known for one in known):
        comments = await tracker.comments(issue, Lane.BULK)
        snapshot = snapshot if isinstance(comments, Unavailable) else replace(snapshot, comments=comments)
    return snapshot
