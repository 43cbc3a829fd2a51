"""Incoming: apply the messages of one pair to its local issue (steps 9 to 12 of the path of a change)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from backbone.app.engine.arriving import arriving_removals
from backbone.app.engine.attempts import close_attempt, leave_attempt, look_again
from backbone.app.engine.context import Busy, Engine, journal, lock_of, wanted_by
from backbone.app.engine.copying import without_foreign_copies
from backbone.app.engine.correlate import correlate
from backbone.app.engine.gone import missing_issue, moved_issue
from backbone.app.engine.guard import Guarded, arriving_held, removals_allowed, removals_in
from backbone.app.engine.handing import awaited_pair, send
from backbone.app.engine.matching import match
from backbone.app.engine.orphans import remembers_all
from backbone.app.engine.plans import Work
from backbone.app.engine.startconflict import tell_of_start
from backbone.app.engine.travelled import OnItsWay, let_go
from backbone.app.engine.trouble import PATIENCE, PAUSE, Postponed
from backbone.app.engine.work import perform
from backbone.core.model.changes import Changes, IssueAppeared, IssueChanged, IssueCreated
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import STATUS, IssueRef, Millis
from backbone.core.model.pair import SILENT, Pair, PairState
from backbone.core.model.problems import Code, Problem
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import IssueStamps
from backbone.core.protocol.sequence import admit, coalesce
from backbone.core.sync.attempts import record_attempt
from backbone.core.sync.incoming import Plan, decide_incoming, trouble
from backbone.core.sync.outgoing import Look, Needs
from backbone.core.sync.remaining import only_additions, remaining, unread
from backbone.core.sync.retry import holds_back, owes, parked_changes
from backbone.core.sync.settle import applied
from backbone.ports.records import ApplyTurn, CreateTurn, InboxMessage
from backbone.ports.store import Fence, UnitOfWork
from backbone.ports.tracker import AccessError, Lane, OutcomeUnknown, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What is waiting for one pair. ``sure`` tells that nothing of ours is there that we do not know of."""

    half: HalfConfiguration
    pair: Pair
    messages: tuple[InboxMessage, ...]
    stamps: IssueStamps
    retry: bool
    begun: bool
    sure: bool

    @property
    def changes(self) -> Changes:
        told = [m.content.changes for m in self.messages if isinstance(m.content, IssueAppeared | IssueChanged)]
        left = remaining(self.half, self.pair, coalesce(told))
        parked = parked_changes(self.half, self.pair, everything=self.retry)
        return coalesce([_not_told_anew(parked, left), left])

    @property
    def up_to(self) -> int:
        return max((message.sequence for message in self.messages), default=0)


def _not_told_anew(parked: Changes, told: Changes) -> Changes:
    """Parked values without those that were told again, be it as the same edit under another shared name."""
    stamps = {one.alias: one.stamp for one in told.fields}
    kept = tuple(one for one in parked.fields if one.alias not in stamps or stamps[one.alias] < one.stamp)
    return replace(parked, fields=kept)


async def run_apply(engine: Engine, turn: ApplyTurn, *, retry: bool = False) -> None:
    """Apply everything that waits for a pair. ``retry`` tries parked values again.

    Raises Busy when the issue is being worked on, and what the tracker raises: then nothing is lost, and the same
    turn comes again.
    """
    async with engine.store.unit() as uow:
        half = await uow.synchronizations.half(turn.connector)
        pair = await uow.pairs.get(turn.connector, turn.pair)
    name = lock_of(half, pair.local if pair else None, turn.pair)
    async with engine.store.hold(name) as fence:
        if fence is None:
            raise Busy(name)
        await _run_locked(engine, turn, half, fence, retry=retry)


async def _run_locked(engine: Engine, turn: ApplyTurn, half: HalfConfiguration, fence: Fence, *, retry: bool) -> None:
    async with engine.store.unit() as uow:
        await uow.turns.begun(turn)
        pair = await uow.pairs.get(turn.connector, turn.pair)
        done = pair.info.incoming_message_sequence_id if pair else 0
        messages = tuple(admit(await uow.inbox.pending(turn.connector, turn.pair), done))
        running = await uow.synchronizations.get(half.synchronization)
        if pair is None or (pair.state is PairState.CREATING and messages):
            pair = await _welcome(uow, turn, pair, messages)
            if len(messages) > 1:  # something was told since: a creation that Jira refused may be possible now
                await uow.pairs.hold(turn.connector, turn.pair, engine.system.now())
        local = pair.local if pair else None
        stamps = await uow.stamps.get(half.connection, local.id) if local else IssueStamps()
        begun = local is not None and (
            turn.pair in stamps.attempts or await uow.dirty.has_attempt(half.connection, local.id)
        )
        known = None if pair is None or begun else noted(half, pair, messages)
        if known is not None:
            await uow.pairs.save(known)
            await uow.inbox.done(half.connector, known.uid, known.info.incoming_message_sequence_id)
        await uow.commit(fence, lasting=False)
    if known is not None and not retry:
        return
    if pair is None or running is None:
        return
    if pair.local is not None and lock_of(half, pair.local, pair.uid) != fence.name:
        raise Busy("the new issue of the pair")
    sure = remembers_all(engine, running)
    task = _Task(half=half, pair=pair, messages=messages, stamps=stamps, retry=retry, begun=begun, sure=sure)
    if not running.wanted_running or pair.state is PairState.HALF:
        await _leave(engine, task, fence)
        return
    if pair.state is PairState.MATCHING:
        await match(engine, half, pair, fence)
        return
    if pair.info.incoming_changes_ignored or pair.state in SILENT:
        await _discard(engine, task, fence)
    elif pair.local is not None and pair.state is not PairState.CREATING:
        await _apply(engine, task, pair.local, fence)


async def _welcome(
    uow: UnitOfWork, turn: ApplyTurn, pair: Pair | None, messages: tuple[InboxMessage, ...]
) -> Pair | None:
    """The first messages of a pair: the issue that appeared waits to be created here."""
    first = next((m.content for m in messages if isinstance(m.content, IssueAppeared)), None)
    if first is None:
        return pair
    if pair is None:
        pair = awaited_pair(turn.connector, turn.pair, first)
        await uow.pairs.save(pair)
    await uow.turns.wake(CreateTurn(connector=turn.connector))
    return pair


def noted(half: HalfConfiguration, pair: Pair, messages: Sequence[InboxMessage]) -> Pair | None:
    """The pair that knows the partner's issue, if nothing else was told and nothing of ours shows its key."""
    last = messages[-1] if messages else None
    if last is None or not isinstance(last.content, IssueCreated) or len(messages) > 1:
        return None
    if half.correlation_field is not None or pair.state is not PairState.LINKED or owes(pair):
        return None
    info = replace(pair.info, incoming_message_sequence_id=last.sequence)
    return replace(pair, remote=last.content.issue, info=info)


async def _leave(engine: Engine, task: _Task, fence: Fence) -> None:
    """What waits goes on waiting: for a start, or until the partner's half comes back."""
    if task.begun and task.pair.local is not None:
        async with engine.store.unit() as uow:
            await leave_attempt(uow, task.half, task.pair.local.id, task.stamps)
            await uow.commit(fence)


async def _discard(engine: Engine, task: _Task, fence: Fence) -> None:
    """Nothing is to be done about these messages: they count as applied."""
    async with engine.store.unit() as uow:
        await uow.pairs.save(_counted(task, task.pair))
        if task.begun and task.pair.local is not None:
            await close_attempt(uow, task.half, task.pair.uid, task.pair.local.id, task.stamps)
        await uow.inbox.done(task.half.connector, task.pair.uid, task.up_to)
        await uow.commit(fence, lasting=False)


def _counted(task: _Task, pair: Pair) -> Pair:
    up_to = max(task.up_to, pair.info.incoming_message_sequence_id)
    return replace(pair, info=replace(pair.info, incoming_message_sequence_id=up_to))


async def _apply(engine: Engine, task: _Task, local: IssueRef, fence: Fence) -> None:
    half = task.half
    changes = task.changes
    created = next((m.content for m in reversed(task.messages) if isinstance(m.content, IssueCreated)), None)
    if created is not None:
        task = replace(task, pair=await correlate(engine, half, task.pair, created.issue, fence))
    elif (known := _known_otherwise(task)) is not None:
        task = replace(task, pair=await correlate(engine, half, task.pair, known, fence))
    elif task.pair.unshown and task.pair.remote is not None and _shows(task):
        lane = Lane.LIVE if task.messages else Lane.BULK
        task = replace(task, pair=await correlate(engine, half, task.pair, task.pair.remote, fence, lane=lane))
    if not changes and not task.begun:
        await _discard(engine, task, fence)
        return
    await _require_meant(engine, task)
    if not task.begun and task.sure and only_additions(task.pair, task.stamps, changes):
        await _add(engine, task, local, changes, fence)
        return
    snapshot = await _read(engine, half, local, changes)
    if snapshot is None:
        await missing_issue(engine, half, local.id, fence)
        return
    if snapshot.project != half.project:
        await moved_issue(engine, half, task.pair, snapshot.ref, fence)
        return
    look = Look(half=half, pair=task.pair, stamps=task.stamps, snapshot=snapshot, now=engine.system.now())
    look, plan = await _decide(engine, look, changes)
    if plan.quiet:
        await _finish(engine, Work(look=look, plan=plan, fence=fence), task)
        return
    work = await _open_attempt(engine, Work(look=look, plan=plan, fence=fence))
    work = await perform(engine, work)
    await _finish(engine, work, task)
    _raise_late(work)


def _known_otherwise(task: _Task) -> IssueRef | None:
    """The partner's issue as it calls it, where only a person had named it: by its key, which is no id."""
    told = task.messages[-1].content.issue if task.messages else None
    return told if told is not None and task.pair.remote is not None and told.id != task.pair.remote.id else None


async def _require_meant(engine: Engine, task: _Task) -> None:
    """Raises Guarded for removals that a partner elsewhere told while they are too many (rule 21)."""
    if not arriving_removals(task.half, task.pair, task.changes):
        return
    async with engine.store.unit() as uow:
        if await arriving_held(uow, task.half):
            raise Guarded


def _shows(task: _Task) -> bool:
    """Whether to try once more to show the partner's key: asked for, with an edit, or in a turn made for it.

    A screen that edits may have the field where the one that creates has not.
    """
    newborn = any(isinstance(message.content, IssueAppeared) for message in task.messages)
    return task.retry or newborn or bool(task.changes) or not task.messages


async def _add(engine: Engine, task: _Task, local: IssueRef, changes: Changes, fence: Fence) -> None:
    """Nothing but new comments and attachments: they are added without a look at the issue.

    What Jira refuses may have a reason that only a look can tell, such as that the issue is gone: the turn comes
    again, finds the attempt open, and reads.
    """
    now = engine.system.now()
    snapshot = unread(task.pair, task.half, local, now)
    look = Look(half=task.half, pair=task.pair, stamps=task.stamps, snapshot=snapshot, now=now)
    look, plan = await _decide(engine, look, changes)
    work = Work(look=look, plan=plan, fence=fence)
    if not plan.quiet:
        work = await perform(engine, await _open_attempt(engine, work))
        if work.plan.problems or work.late:
            raise Busy("what was refused or is late")
    await _finish(engine, work, task)
    _raise_late(work)


async def _read(engine: Engine, half: HalfConfiguration, local: IssueRef, changes: Changes) -> IssueSnapshot | None:
    """The issue as it is now: one call brings everything that the decision can need (rule 18)."""
    wanted = replace(
        wanted_by([half]),
        history=True,
        transitions=half.transitions and any(_is_status(half, change.alias) for change in changes.fields),
        comments=bool(changes.comments),
        files=bool(changes.files) or half.files.sends,
    )
    snapshot = await engine.tracker(half).read(local.id, wanted, Lane.LIVE)
    return None if isinstance(snapshot, Unavailable) else snapshot


def _is_status(half: HalfConfiguration, alias: str) -> bool:
    return any(one.alias == alias and one.field == STATUS and one.receives for one in half.fields)


async def _decide(engine: Engine, look: Look, changes: Changes) -> tuple[Look, Plan]:
    marker = engine.marker(look.half, "", engine.system.new_id())
    look = await without_foreign_copies(engine, look, changes)
    plan = decide_incoming(look, changes, marker)
    if isinstance(plan, Needs) and plan.comments:
        comments = await engine.tracker(look.half).comments(look.snapshot.ref.id, Lane.LIVE)
        if not isinstance(comments, Unavailable):
            look = replace(look, snapshot=replace(look.snapshot, comments=comments))
        plan = decide_incoming(look, changes, marker)
    match plan:
        case Plan():
            pass
        case Needs():
            raise RuntimeError("a decision asks again for what it was given")
        case _:
            assert_never(plan)
    if plan.not_before is not None:
        raise OutcomeUnknown("an addition may still be done", retry_after=(plan.not_before - look.now) / 1000)
    return look, plan


async def _open_attempt(engine: Engine, work: Work) -> Work:
    """Before anything is written: what we are about to write, and our own unsent edits (rules 4 and 11)."""
    look, plan = work.look, work.plan
    writes = (*plan.writes, *([plan.status] if plan.status else []))
    stamps = record_attempt(plan.stamps, plan.pair.uid, writes, plan.elements, plan.entry)
    async with engine.store.unit() as uow:
        pair = await _answer(engine, uow, work, plan.pair, plan.answers)
        await uow.pairs.save(pair)
        await uow.stamps.save(look.half.connection, look.snapshot.ref.id, stamps)
        await uow.dirty.mark_attempt(look.half.connection, look.snapshot.ref.id)
        await journal(uow, look.half, pair, plan.notes, look.now)
        await uow.commit(work.fence)
    plan = replace(plan, pair=pair, stamps=stamps, answers=Changes(), notes=())
    return replace(work, look=replace(look, pair=pair, stamps=stamps), plan=plan)


async def _answer(engine: Engine, uow: UnitOfWork, work: Work, pair: Pair, answers: Changes) -> Pair:
    """Tell the partner what it has to know, as the first thing in a unit of work. Raises Guarded."""
    if not answers:
        return pair
    if not await removals_allowed(uow, work.look.half, removals_in(answers), work.look.now):
        await uow.commit(work.fence)
        raise Guarded
    content = IssueChanged(issue=work.look.snapshot.ref, changes=answers)
    return await send(uow, work.look.half, pair, content, engine.system.now())


async def _finish(engine: Engine, work: Work, task: _Task) -> None:
    """Baseline, cursor, attempt and inbox are committed together (rule 11)."""
    look, half, now = work.look, work.look.half, engine.system.now()
    pair, plan = work.plan.pair, work.plan
    async with engine.store.unit() as uow:
        pair = await _answer(engine, uow, work, pair, plan.answers)
        pair = replace(pair, local=look.snapshot.ref)
        pair = pair if work.late else _counted(task, pair)
        pair = applied(pair, look.snapshot.updated, now)
        await uow.pairs.save(pair)
        await close_attempt(uow, half, pair.uid, look.snapshot.ref.id, plan.stamps)
        if pair.uid in task.stamps.attempts:
            await look_again(uow, half, look.snapshot.ref.id, look.snapshot.read_at)
        await let_go(uow, half, pair, plan.told_files)
        if not work.late:
            await uow.inbox.done(half.connector, pair.uid, task.up_to)
        await _problems(uow, half, pair, plan, now)
        for problem in _overdue(work, task, now):
            await uow.problems.report(problem, now)
        await journal(uow, half, pair, plan.notes, now)
        if work.again or owes(pair):
            await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid), after=1.0)
        await uow.commit(work.fence, lasting=False)
    await tell_of_start(engine, half, task.pair, pair)


async def _problems(uow: UnitOfWork, half: HalfConfiguration, pair: Pair, plan: Plan, now: Millis) -> None:
    """Problems of this pair are those found now: what is not found again is solved."""
    if not holds_back(pair):
        await uow.problems.resolve_pair(half.connector, pair.uid)
    for problem in plan.problems:
        await uow.problems.report(problem, now)


# --- what is late -----------------------------------------------------------------------------------------------------


def _overdue(work: Work, task: _Task, now: Millis) -> list[Problem]:
    """Attachments for which an administrator must act, or that could not be copied for long."""
    since = min((message.sent for message in task.messages), default=now)
    return [
        trouble(
            work.look,
            Code.FILE_REFUSED,
            f"the partner's {one.thing} can't be copied: {one.error}",
            one.error.remedy if isinstance(one.error, AccessError) else _DOWNLOAD_CURE,
            thing=one.thing,
        )
        for one in work.late
        if one.from_partner
        and not isinstance(one.error, OnItsWay)
        and (isinstance(one.error, AccessError) or now - since >= PATIENCE)
    ]


_DOWNLOAD_CURE = "Try to open it in the partner's Jira with our account; it is tried again by itself."


def _raise_late(work: Work) -> None:
    """What was done is committed; the messages stay, and bring what is late with the next turn.

    What Jira does not let us write here is told as its trouble; what the partner's Jira does not give us is not.
    """
    here = [one.error for one in work.late if not one.from_partner]
    if here:
        raise here[0]
    if work.late:
        error = work.late[0].error
        raise Postponed(str(error), retry_after=PAUSE if isinstance(error, AccessError) else error.retry_after)
