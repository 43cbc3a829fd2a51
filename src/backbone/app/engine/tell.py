"""Outgoing: decide what the partner must be told of issues that were looked at, and hand it over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from backbone.app.engine.abreast import abreast
from backbone.app.engine.context import Busy, Engine, issue_lock, journal, report, wanted_by
from backbone.app.engine.guard import removals_allowed
from backbone.app.engine.handing import Telling, introduce, send
from backbone.app.engine.orphans import marked_by_us, may_find_its_pair, unknown_mark
from backbone.app.engine.startconflict import tell_of_start
from backbone.app.engine.together import TOGETHER, tell_together
from backbone.core.model.changes import IssueChanged
from backbone.core.model.configuration import HalfConfiguration, StartJql
from backbone.core.model.keys import IssueId, PairUid
from backbone.core.model.pair import SILENT, Pair, PairState
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import IssueStamps
from backbone.core.sync.outgoing import Look, Needs, Told, decide_outgoing, doubtful, pair_after
from backbone.core.sync.pairing import SENT_AS_NEW, Appearance, Selection, appear, fresh_pair, pair_sent, select
from backbone.ports.records import ApplyTurn
from backbone.ports.store import Fence, UnitOfWork
from backbone.ports.tracker import AccessError, Lane, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which issues a JQL selects is asked once for all halves that have it: ``issues`` are those of all of them."""

    issues: Mapping[str, frozenset[IssueId]] = field(default_factory=dict)
    found: dict[str, frozenset[IssueId]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass over issues of a half: how fresh, how urgent, and how long after the last one."""

    half: HalfConfiguration
    lane: Lane = Lane.LIVE
    gap: int = 0
    asked: Asked = field(default_factory=Asked)


async def tell_all(engine: Engine, one: Pass, snapshots: Iterable[IssueSnapshot]) -> None:
    """Tell the partner of each of these issues; those that can't be decided now stay marked as dirty."""
    mine = [snapshot for snapshot in snapshots if snapshot.project == one.half.project]
    selected = await selected_by_jql(engine, one, [snapshot.ref.id for snapshot in mine])
    if selected is None:
        return

    await _forget(engine, one.half, [snapshot for snapshot in mine if snapshot.ref.id not in selected])
    theirs = [snapshot for snapshot in mine if snapshot.ref.id in selected]
    for start in range(0, len(theirs), TOGETHER):
        rest = await tell_together(engine, one.half, theirs[start : start + TOGETHER], one.gap)
        await abreast(lambda snapshot: tell(engine, one, snapshot), rest, limit=engine.abreast)


async def selected_by_jql(engine: Engine, one: Pass, issues: list[IssueId]) -> frozenset[IssueId] | None:
    """Those that the configured JQL selects; None if Jira refused it: then nothing of this half is decided."""
    jql = one.half.jql
    if not jql or not issues:
        return frozenset(issues)
    if jql not in one.asked.found:
        everybodys = one.asked.issues.get(jql, frozenset()) | frozenset(issues)
        members = await _members(engine, one.half, sorted(everybodys), jql)
        if members is None:
            return None
        one.asked.found[jql] = members
    await _understood(engine, one.half, jql)
    return one.asked.found[jql]


async def _members(
    engine: Engine, half: HalfConfiguration, issues: list[IssueId], jql: str
) -> frozenset[IssueId] | None:
    try:
        return await engine.tracker(half).members(issues, jql)
    except AccessError as error:
        if error.code is not Code.JQL_REFUSED:
            raise
        await report(engine, jql_refused(half, jql, error))
        return None


async def _understood(engine: Engine, half: HalfConfiguration, jql: str) -> None:
    """What Jira refused before it takes now: the JQL or what it names was put right."""
    async with engine.store.unit() as uow:
        await uow.problems.resolve(jql_refused(half, jql, AccessError(Code.JQL_REFUSED, "", "")).identity)
        await uow.commit()


def jql_refused(half: HalfConfiguration, jql: str, error: AccessError) -> Problem:
    """A JQL that stops its own synchronization only (rule 19)."""
    return Problem(
        code=Code.JQL_REFUSED,
        connector=half.connector,
        occurred_in=None,
        cause=f"Jira refuses the JQL of this side: {error.cause}",
        remedy="Correct the 'jql' of this side in the configuration file and apply it.",
        holds=Holds(thing="start" if jql != half.jql else ""),
    )


async def _forget(engine: Engine, half: HalfConfiguration, snapshots: Sequence[IssueSnapshot]) -> None:
    """These are not selected: nothing leaves, and nothing is remembered, so that they are told when selected again."""
    if snapshots:
        async with engine.store.unit() as uow:
            await uow.dirty.clear_all(half.connector, {one.ref.id: one.read_at for one in snapshots})
            await uow.commit(lasting=False)


async def tell(engine: Engine, one: Pass, snapshot: IssueSnapshot) -> None:
    """Decide on one issue under its lock; a held lock or an open attempt leaves it for later."""
    async with engine.store.hold(issue_lock(one.half.connection, snapshot.ref.id)) as fence:
        if fence is None:
            return
        await _tell_locked(engine, one, snapshot, fence)


async def _tell_locked(engine: Engine, one: Pass, snapshot: IssueSnapshot, fence: Fence) -> None:
    half, now = one.half, engine.system.now()
    async with engine.store.unit() as uow:
        if await uow.dirty.has_attempt(half.connection, snapshot.ref.id):
            return
        pair = await uow.pairs.find_by_issue(half.connector, snapshot.ref.id)
        stamps = await uow.stamps.get(half.connection, snapshot.ref.id)
        creating = await uow.creations.of_project(half.connection, half.project) if pair is None else ()
    if pair is None:
        if creating and snapshot.own:
            return
        await tell_unpaired(engine, one, snapshot, stamps, fence)
    elif all(one.local != snapshot.type for one in half.types) or pair.state in SILENT:
        await _forget(engine, half, [snapshot])  # what is not mapped does not leave (rule 23)
    elif pair.state is PairState.MATCHING:
        await _match_first(engine, half, pair, snapshot)
    elif pair.state in _TOLD:
        if pair.state is not PairState.LINKED:
            pair = replace(pair, state=PairState.LINKED, local=snapshot.ref)
            await _back_again(engine, half, pair, fence)
        look = Look(half=half, pair=pair, stamps=stamps, snapshot=snapshot, now=now, gap=one.gap)
        await _tell_paired(engine, one, look, fence)


_TOLD = frozenset({PairState.LINKED, PairState.MOVED, PairState.INVISIBLE, PairState.DELETED})
"""States of pairs whose issue, being seen in its project, is told of: it is there, or back again."""


async def _match_first(engine: Engine, half: HalfConfiguration, pair: Pair, snapshot: IssueSnapshot) -> None:
    """The pair's own turn compares both issues, and marks them again."""
    async with engine.store.unit() as uow:
        await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid))
        await uow.dirty.clear(half.connector, snapshot.ref.id, snapshot.read_at)
        await uow.commit(lasting=False)


async def _back_again(engine: Engine, half: HalfConfiguration, pair: Pair, fence: Fence) -> None:
    """An issue that was away is seen again in its project: it goes on where it stopped, in both directions."""
    async with engine.store.unit() as uow:
        await uow.pairs.save(pair)
        await uow.problems.resolve_pair(half.connector, pair.uid)
        await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid))
        await uow.commit(fence, lasting=False)


# --- paired issues ----------------------------------------------------------------------------------------------------


async def _tell_paired(engine: Engine, one: Pass, look: Look, fence: Fence) -> None:
    seen = look.snapshot
    look, told = await decide_with_reads(engine, look, one.lane)
    if told is None:
        return
    if look.snapshot is seen and doubtful(look, told):
        fresh = await _read(engine, look, one.lane, Needs(history=True))
        if fresh is None:
            return
        look, told = await decide_with_reads(engine, replace(look, snapshot=fresh), one.lane)
        if told is None:
            return
    await _save_told(engine, look, told, fence)


async def decide_with_reads(
    engine: Engine, look: Look, lane: Lane, decide: Callable[[Look], Told | Needs] = decide_outgoing
) -> tuple[Look, Told | None]:
    """Decide, reading more of the issue where the decision asks for it; None if it can't be had any more."""
    for _ in range(3):
        told = decide(look)
        match told:
            case Told():
                return look, told
            case Needs():
                snapshot = await _read(engine, look, lane, told)
                if snapshot is None:
                    return look, None
                look = replace(look, snapshot=snapshot)
            case _:
                assert_never(told)
    raise RuntimeError("a decision asks again for what it was given")


async def _read(engine: Engine, look: Look, lane: Lane, needs: Needs) -> IssueSnapshot | None:
    """The issue again, with what the decision needs."""
    half, tracker, issue = look.half, engine.tracker(look.half), look.snapshot.ref.id
    if needs.comments and not needs.history:
        comments = await tracker.comments(issue, lane)
        return None if isinstance(comments, Unavailable) else replace(look.snapshot, comments=comments)
    snapshot = await tracker.read(issue, replace(wanted_by([half]), history=True), lane)
    return None if isinstance(snapshot, Unavailable) else snapshot


async def _save_told(engine: Engine, look: Look, told: Told, fence: Fence) -> None:
    """State, message and job in one transaction (rule 11)."""
    half, now, issue = look.half, look.now, look.snapshot.ref
    pair = pair_after(look, told)
    async with engine.store.unit() as uow:
        if not await removals_allowed(uow, half, told.removals, now):
            await _put_off(uow, half, look.snapshot)
            await uow.commit(fence, lasting=False)
            return
        if told.changes:
            pair = await send(uow, half, pair, IssueChanged(issue=issue, changes=told.changes), now)
            await journal(uow, half, pair, told.notes, now)
        await _save_if_changed(uow, look, pair, told.stamps)
        await uow.dirty.clear(half.connector, issue.id, look.snapshot.read_at)
        if told.look_again:
            await uow.dirty.add(half.connector, [issue.id], look.snapshot.read_at)
        await uow.commit(fence, lasting=False)
    await tell_of_start(engine, half, look.pair, pair)


async def _put_off(uow: UnitOfWork, half: HalfConfiguration, snapshot: IssueSnapshot) -> None:
    """The issue stays marked, behind all others: what can't be decided for long must not keep them from their turn."""
    await uow.dirty.clear(half.connector, snapshot.ref.id, snapshot.read_at)
    await uow.dirty.add(half.connector, [snapshot.ref.id], snapshot.read_at)


async def _save_if_changed(uow: UnitOfWork, look: Look, pair: Pair, stamps: IssueStamps) -> None:
    if pair != look.pair:
        await uow.pairs.save(pair)
    if stamps != look.stamps:
        await uow.stamps.save(look.half.connection, look.snapshot.ref.id, stamps)


# --- unpaired issues --------------------------------------------------------------------------------------------------


async def tell_unpaired(engine: Engine, one: Pass, snapshot: IssueSnapshot, stamps: IssueStamps, fence: Fence) -> None:
    """Send an issue without a partner as new, if the configuration wants it; its lock is held."""
    half = one.half
    choice = select(half, snapshot)
    if choice is Selection.ASK_MARKER:
        fresh = await engine.tracker(half).read(snapshot.ref.id, replace(wanted_by([half]), marker=True), one.lane)
        if isinstance(fresh, Unavailable):
            return
        await _own_and_unpaired(engine, half, fresh, fence)
        return
    if choice is Selection.ASK_START_JQL and isinstance(half.start_with, StartJql):
        members = await _members(engine, half, [snapshot.ref.id], half.start_with.jql)
        if members is None:
            return
        await _understood(engine, half, half.start_with.jql)
        choice = Selection.SEND if members else Selection.LEAVE
    if choice is Selection.SEND:
        await _send_new(engine, one, snapshot, stamps, fence)
    else:
        await _forget(engine, half, [snapshot])


async def _own_and_unpaired(engine: Engine, half: HalfConfiguration, snapshot: IssueSnapshot, fence: Fence) -> None:
    """An issue of our own account: never sent as new.

    Without a mark somebody made it by hand with our account; with one of this synchronization the database was
    restored or cloned since.
    """
    ours = marked_by_us(engine, half, snapshot.marker)
    if ours and not engine.store.original and await may_find_its_pair(engine, half):
        return  # it stays marked as dirty until the partner's issue is told
    async with engine.store.unit() as uow:
        if ours and await uow.pairs.find_by_issue(half.connector, snapshot.ref.id) is not None:
            return  # its creation was committed since we looked for its pair
        if ours:
            await uow.problems.report(unknown_mark(half.connector, snapshot.ref), engine.system.now())
        await uow.dirty.clear(half.connector, snapshot.ref.id, snapshot.read_at)
        await uow.commit(fence, lasting=False)


async def _send_new(engine: Engine, one: Pass, snapshot: IssueSnapshot, stamps: IssueStamps, fence: Fence) -> None:
    half, now = one.half, engine.system.now()
    mapped = half.sent_type(snapshot.type)
    if mapped is None:
        return
    uid = PairUid(engine.system.new_id())
    look = Look(half=half, pair=fresh_pair(half, uid, snapshot.ref), stamps=stamps, snapshot=snapshot, now=now)
    appearance = appear(look, mapped)
    if isinstance(appearance, Needs):
        comments = await engine.tracker(half).comments(snapshot.ref.id, one.lane)
        if isinstance(comments, Unavailable):
            return
        appearance = appear(replace(look, snapshot=replace(snapshot, comments=comments)), mapped)
    if isinstance(appearance, Needs):
        raise Busy("the list of comments")
    await _save_new(engine, look, appearance, fence)


async def _save_new(engine: Engine, look: Look, appearance: Appearance, fence: Fence) -> None:
    half, now, issue = look.half, look.now, look.snapshot.ref
    async with engine.store.unit() as uow:
        telling = Telling(pair=pair_sent(look, appearance), content=appearance.content)
        (pair,) = await introduce(uow, half, [telling], now)
        await journal(uow, half, pair, [SENT_AS_NEW], now)
        await uow.pairs.save(pair)
        await uow.stamps.save(half.connection, issue.id, appearance.stamps)
        await uow.dirty.clear(half.connector, issue.id, look.snapshot.read_at)
        await uow.commit(fence, lasting=False)
