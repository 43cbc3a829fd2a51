"""Outgoing, many at once: issues that can be decided on by what a page shows of them share one unit of work.

Each is decided by itself and under its own lock; only fetching, saving and committing are done for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backbone.app.engine.abreast import giving_way
from backbone.app.engine.context import Engine, issue_lock, journal_all
from backbone.app.engine.handing import Telling, hand_over, introduce, turns_of
from backbone.core.model.changes import IssueAppeared, IssueChanged
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId, Millis, PairUid
from backbone.core.model.pair import SILENT, Pair, PairState
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import IssueStamps
from backbone.core.sync.notes import Note
from backbone.core.sync.outgoing import Look, Needs, decide_outgoing, doubtful, pair_after
from backbone.core.sync.pairing import SENT_AS_NEW, Selection, appear, fresh_pair, pair_sent, select
from backbone.core.sync.undecided import newly_observed
from backbone.ports.store import UnitOfWork

TOGETHER = 25
"""So many issues are decided on in one unit of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """What is remembered of an issue, and what the partner is told of it."""

    look: Look
    pair: Pair
    stamps: IssueStamps
    content: IssueAppeared | IssueChanged | None = None
    notes: tuple[Note, ...] = ()
    look_again: bool = False


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The issue is no business of this half: nothing leaves, and nothing is remembered."""


@dataclass(slots=True, kw_only=True)
class _Page:
    """What was decided on, and the issues that need more than is known of them."""

    seen: dict[IssueId, Millis] = field(default_factory=dict)
    decided: list[_Decided] = field(default_factory=list)
    rest: list[IssueSnapshot] = field(default_factory=list)


async def tell_together(
    engine: Engine, half: HalfConfiguration, snapshots: Sequence[IssueSnapshot], gap: int
) -> Sequence[IssueSnapshot]:
    """Tell of those issues of which enough is known; what is left has to be told of one by one.

    Those whose lock is held or that have an open attempt stay marked as dirty.
    """
    locks = {issue_lock(half.connection, one.ref.id): one for one in snapshots}
    async with engine.store.hold_all(list(locks)) as fences, engine.store.unit() as uow:
        page = await _decide_all(engine, uow, half, [locks[name] for name in fences], gap)
        if page.seen:
            await _save_all(uow, half, page, engine.system.now())
            await uow.commit(*fences.values(), lasting=False)
    return page.rest


async def _decide_all(
    engine: Engine, uow: UnitOfWork, half: HalfConfiguration, snapshots: Sequence[IssueSnapshot], gap: int
) -> _Page:
    page, issues = _Page(), [one.ref.id for one in snapshots]
    begun = await uow.dirty.with_attempt(half.connection, issues)
    pairs = await uow.pairs.find_by_issues(half.connector, issues)
    stamps = await uow.stamps.get_all(half.connection, issues)
    async for snapshot in giving_way(engine.system, snapshots):
        issue = snapshot.ref.id
        if issue in begun:
            continue
        known = pairs.get(issue) or fresh_pair(half, PairUid(engine.system.new_id()), snapshot.ref)
        look = Look(half=half, pair=known, stamps=stamps[issue], snapshot=snapshot, now=engine.system.now(), gap=gap)
        decided = _decide_paired(look) if issue in pairs else _decide_new(look)
        if decided is None:
            page.rest.append(snapshot)
            continue
        page.seen[issue] = snapshot.read_at
        if isinstance(decided, _Decided):
            page.decided.append(decided)
    return page


def _decide_paired(look: Look) -> _Decided | _Nothing | None:
    """None where it takes more than what is known."""
    if look.pair.state in SILENT or all(one.local != look.snapshot.type for one in look.half.types):
        return _Nothing()
    if look.pair.state is not PairState.LINKED:
        return None
    told = decide_outgoing(look)
    if isinstance(told, Needs) or doubtful(look, told) or newly_observed(look.half, look.pair, told.pair):
        return None
    pair = pair_after(look, told)
    if not told.changes:
        return _Decided(look=look, pair=pair, stamps=told.stamps, look_again=told.look_again)
    content = IssueChanged(issue=look.snapshot.ref, changes=told.changes)
    return _Decided(
        look=look, pair=pair, stamps=told.stamps, content=content, notes=told.notes, look_again=told.look_again
    )


def _decide_new(look: Look) -> _Decided | _Nothing | None:
    """The same for an issue that has no partner: ``look.pair`` is fresh."""
    choice, mapped = select(look.half, look.snapshot), look.half.sent_type(look.snapshot.type)
    if choice is Selection.LEAVE or mapped is None:
        return _Nothing()
    appearance = appear(look, mapped) if choice is Selection.SEND else None
    if appearance is None or isinstance(appearance, Needs):
        return None
    return _Decided(
        look=look,
        pair=pair_sent(look, appearance),
        stamps=appearance.stamps,
        content=appearance.content,
        notes=(SENT_AS_NEW,),
    )


async def _save_all(uow: UnitOfWork, half: HalfConfiguration, page: _Page, now: Millis) -> None:
    """State, messages and jobs of all of them (rule 11)."""
    decided = await _send_all(uow, half, page.decided, now)
    await uow.pairs.save_all([one.pair for one in decided if one.pair != one.look.pair])
    changed = {one.look.snapshot.ref.id: one.stamps for one in decided if one.stamps != one.look.stamps}
    await uow.stamps.save_all(half.connection, changed)
    await uow.dirty.clear_all(half.connector, page.seen)
    again: dict[Millis, list[IssueId]] = defaultdict(list)
    for one in decided:
        if one.look_again:
            again[one.look.snapshot.read_at].append(one.look.snapshot.ref.id)
    for at, issues in again.items():
        await uow.dirty.add(half.connector, issues, at)


async def _send_all(
    uow: UnitOfWork, half: HalfConfiguration, decided: Sequence[_Decided], now: Millis
) -> Sequence[_Decided]:
    """Hand over what is told; what was decided, with the pairs that have counted it."""
    new = [one for one in decided if isinstance(one.content, IssueAppeared)]
    changed = [one for one in decided if isinstance(one.content, IssueChanged)]
    sent = {one.uid: one for one in await introduce(uow, half, _tellings(new), now)} if new else {}
    if changed:
        handed = await hand_over(uow, half, _tellings(changed), now)
        sent |= {one.uid: one for one in handed.pairs}
        for turn in turns_of(handed):
            await uow.turns.wake(turn)
    counted = [replace(one, pair=sent.get(one.pair.uid, one.pair)) for one in decided]
    await journal_all(uow, half, [(one.pair, one.notes) for one in counted if one.content is not None], now)
    return counted


def _tellings(decided: Sequence[_Decided]) -> list[Telling]:
    return [Telling(pair=one.pair, content=one.content) for one in decided if one.content is not None]
