"""A resync in motion: each chosen issue is read, and its present values are told to the partner as if just entered.

What is still to be done stands in a ledger: an issue is struck out in the transaction that tells of it, so that a
resync which is cut short goes on where it was and asserts nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Protocol

from backbone.app.engine.abreast import abreast
from backbone.app.engine.context import Engine, issue_lock, journal, wanted_by
from backbone.app.engine.guard import removals_allowed
from backbone.app.engine.handing import send, synchronization_of
from backbone.app.engine.tell import Pass, decide_with_reads, selected_by_jql, tell_unpaired
from backbone.core.model.changes import IssueChanged
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import IssueStamps
from backbone.core.sync.outgoing import Look, Told, doubtful, pair_after
from backbone.core.sync.resync import Assertion, decide_resync
from backbone.core.sync.retry import holds_back
from backbone.ports.records import ApplyTurn
from backbone.ports.store import Fence, UnitOfWork
from backbone.ports.tracker import AccessError, Lane, Unavailable


class Fate(StrEnum):
    """What became of an issue that was to be resynchronized."""

    ASSERTED = "asserted"
    CREATED = "created"
    LEFT = "left"
    LATER = "later"


class Ledger(Protocol):
    """What is still to be done, kept where everything else is."""

    def striking(self, issue: IssueId, fate: Fate) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work; when it is committed, the issue is struck out as having met this fate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """What is asserted, by which half, and where it is noted that it was done."""

    half: HalfConfiguration
    wanted: Assertion
    ledger: Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class _One:
    """One issue under its lock."""

    resync: Resync
    snapshot: IssueSnapshot
    fence: Fence
    stamps: IssueStamps = field(default_factory=IssueStamps)

    @property
    def half(self) -> HalfConfiguration:
        return self.resync.half


async def resync_issues(engine: Engine, resync: Resync, issues: Sequence[IssueId]) -> Mapping[IssueId, Fate]:
    """Resynchronize these issues, as far as they are of the project and the configuration selects them.

    Those that can't be decided on at this moment stay in the ledger: LATER. Raises what the tracker raises, and
    AccessError if Jira refuses the configured JQL.
    """
    half = resync.half
    read = await engine.tracker(half).read_many(issues, wanted_by([half]), Lane.BULK)
    mine = {issue: one for issue, one in read.items() if one.project == half.project}
    chosen = await selected_by_jql(engine, Pass(half=half, lane=Lane.BULK), list(mine))
    if chosen is None:
        raise AccessError(Code.JQL_REFUSED, "Jira refuses the configured JQL", "Correct it in the configuration.")
    fates: dict[IssueId, Fate] = {}

    async def each(issue: IssueId) -> None:
        known = mine.get(issue) if issue in chosen else None
        fates[issue] = await (_leave(resync, issue) if known is None else _resync(engine, resync, known))

    await abreast(each, issues, limit=engine.abreast)
    return fates


async def _leave(resync: Resync, issue: IssueId, *fences: Fence) -> Fate:
    """There is nothing to tell of it."""
    async with resync.ledger.striking(issue, Fate.LEFT) as uow:
        await uow.commit(*fences, lasting=False)
    return Fate.LEFT


async def _resync(engine: Engine, resync: Resync, snapshot: IssueSnapshot) -> Fate:
    half, issue = resync.half, snapshot.ref.id
    async with engine.store.hold(issue_lock(half.connection, issue)) as fence:
        if fence is None:
            return Fate.LATER
        async with engine.store.unit() as uow:
            if await uow.dirty.has_attempt(half.connection, issue):
                return Fate.LATER
            pair = await uow.pairs.find_by_issue(half.connector, issue)
            stamps = await uow.stamps.get(half.connection, issue)
            buried = pair is not None and pair.state is PairState.BURIED and await _apart(uow, half, pair)
        one = _One(resync=resync, snapshot=snapshot, fence=fence, stamps=stamps)
        if pair is None or buried:
            return await _as_new(engine, one)
        return await _paired(engine, one, pair)


async def _apart(uow: UnitOfWork, half: HalfConfiguration, pair: Pair) -> bool:
    """Whether both halves of a pair were deleted, so that its issues may find new partners.

    Of a partner elsewhere nobody here knows it, and a second issue must not be made there: such issues are paired by
    importing them on both sides.
    """
    one = await synchronization_of(uow, half)
    if one.here is not None:
        return False
    other = await uow.pairs.get(one.partner_of(half.connector), pair.uid)
    return other is None or other.state is PairState.BURIED


async def _as_new(engine: Engine, one: _One) -> Fate:
    """An issue without a partner is sent if the configuration wants it."""
    half, issue = one.half, one.snapshot.ref.id
    if one.snapshot.own:
        async with engine.store.unit() as uow:
            if await uow.creations.of_project(half.connection, half.project):
                return Fate.LATER  # it may be what is being created (rule 13)
    await tell_unpaired(engine, Pass(half=half, lane=Lane.BULK), one.snapshot, one.stamps, one.fence)
    async with engine.store.unit() as uow:
        pair = await uow.pairs.find_by_issue(half.connector, issue)
    fate = Fate.CREATED if pair is not None and pair.state is PairState.LINKED else Fate.LEFT
    async with one.resync.ledger.striking(issue, fate) as uow:
        await uow.commit(one.fence, lasting=False)
    return fate


_ASSERTING = frozenset({PairState.LINKED, PairState.MOVED, PairState.INVISIBLE, PairState.DELETED})
"""Being seen in its project, the issue is there, or back again."""


async def _paired(engine: Engine, one: _One, pair: Pair) -> Fate:
    half = one.half
    if pair.state is PairState.MATCHING:
        return await _match_first(engine, half, pair)
    if pair.state not in _ASSERTING or all(mapped.local != one.snapshot.type for mapped in half.types):
        return await _leave(one.resync, one.snapshot.ref.id, one.fence)
    look = Look(
        half=half,
        pair=replace(pair, state=PairState.LINKED),
        stamps=one.stamps,
        snapshot=one.snapshot,
        now=engine.system.now(),
    )
    look, told = await _decide(engine, one, look)
    if told is None:
        return await _leave(one.resync, one.snapshot.ref.id, one.fence)
    if told.removals and not await _allowed(engine, half, told.removals):
        return Fate.LATER
    return await _save(one, look, told, was=pair)


async def _allowed(engine: Engine, half: HalfConfiguration, removals: int) -> bool:
    """What was removed here before the resync is told like any other removal, and may be too much (rule 21)."""
    async with engine.store.unit() as uow:
        allowed = await removals_allowed(uow, half, removals, engine.system.now())
        await uow.commit()
    return allowed


async def _match_first(engine: Engine, half: HalfConfiguration, pair: Pair) -> Fate:
    """The pair's own turn compares both issues first."""
    async with engine.store.unit() as uow:
        await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid))
        await uow.commit(lasting=False)
    return Fate.LATER


async def _decide(engine: Engine, one: _One, look: Look) -> tuple[Look, Told | None]:
    """A value that is asserted must be the present one: what may be older than our last write is read anew."""
    decide = partial(decide_resync, wanted=one.resync.wanted)
    seen = look.snapshot
    look, told = await decide_with_reads(engine, look, Lane.BULK, decide)
    if told is None or look.snapshot is not seen or not doubtful(look, told):
        return look, told
    wanted = replace(wanted_by([one.half]), history=True)
    fresh = await engine.tracker(one.half).read(seen.ref.id, wanted, Lane.BULK)
    if isinstance(fresh, Unavailable) or fresh.project != one.half.project:
        return look, None
    return await decide_with_reads(engine, replace(look, snapshot=fresh), Lane.BULK, decide)


async def _save(one: _One, look: Look, told: Told, was: Pair) -> Fate:
    """State, message, job and the line of the ledger in one transaction (rule 11)."""
    half, now, issue = one.half, look.now, look.snapshot.ref
    pair = pair_after(look, told)
    async with one.resync.ledger.striking(issue.id, Fate.ASSERTED) as uow:
        if told.changes:
            pair = await send(uow, half, pair, IssueChanged(issue=issue, changes=told.changes), now)
            await journal(uow, half, pair, told.notes, now)
        await uow.pairs.save(pair)
        await uow.stamps.save(half.connection, issue.id, told.stamps)
        if was.state is not PairState.LINKED or (holds_back(was) and not holds_back(pair)):
            await uow.problems.resolve_pair(half.connector, pair.uid)
            await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid))
        await uow.commit(one.fence)
    return Fate.ASSERTED
