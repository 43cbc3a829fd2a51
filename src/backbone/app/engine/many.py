"""Incoming, many at once: what is alike for many pairs shares its units of work.

That are the pairs of issues that were created together: the one side notes the partner's issues, the other adds their
first comments. Each is decided on by itself and under its own lock. What takes more than that, and whatever goes
wrong, is left to a turn of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from backbone.app.engine.abreast import abreast, giving_way
from backbone.app.engine.apply import noted
from backbone.app.engine.context import Engine, journal_all, lock_of
from backbone.app.engine.mirror import mirror
from backbone.app.engine.orphans import remembers_all
from backbone.app.engine.plans import Work
from backbone.core.model.changes import IssueAppeared, IssueChanged
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId, Millis, PairUid
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.stamps import Attempt, IssueStamps
from backbone.core.protocol.sequence import admit, coalesce
from backbone.core.sync.attempts import adding_comment, with_attempt, without_attempt
from backbone.core.sync.incoming import Plan, decide_incoming
from backbone.core.sync.outgoing import Look
from backbone.core.sync.remaining import only_additions, remaining, unread
from backbone.core.sync.retry import holds_back, owes
from backbone.core.sync.settle import applied
from backbone.ports.records import ApplyManyTurn, ApplyTurn, InboxMessage
from backbone.ports.store import Fence, UnitOfWork
from backbone.ports.tracker import AccessError, TransientError

AGAIN = 0.5
"""Seconds after which those are looked after that somebody else works on, or that something went wrong with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Addition:
    """Comments to add to one issue, and the messages that are applied by it, up to that one."""

    work: Work
    up_to: int

    @property
    def uid(self) -> PairUid:
        return self.work.look.pair.uid

    @property
    def issue(self) -> IssueId:
        return self.work.look.snapshot.ref.id


@dataclass(slots=True, kw_only=True)
class _Sorted:
    """What is to be done: pairs that are done already, additions to make, and those that need a turn of their own."""

    done: list[Pair] = field(default_factory=list)
    additions: list[_Addition] = field(default_factory=list)
    alone: list[PairUid] = field(default_factory=list)


async def run_apply_many(engine: Engine, turn: ApplyManyTurn) -> None:
    """Apply what waits for these pairs; those whose lock is held come again in a moment."""
    async with engine.store.unit() as uow:
        half = await uow.synchronizations.half(turn.connector)
        issues = await uow.pairs.local_of(turn.connector, turn.pairs)
    locks = {lock_of(half, local, uid): uid for uid, local in issues.items()}
    async with engine.store.hold_all(list(locks)) as fences:
        held = {locks[name]: fence for name, fence in fences.items()}
        busy = tuple(uid for uid in issues if uid not in held)
        additions = await _begin(engine, turn, half, held, busy)
        if additions:
            await _carry_out(engine, half, additions)


async def _begin(
    engine: Engine,
    turn: ApplyManyTurn,
    half: HalfConfiguration,
    held: Mapping[PairUid, Fence],
    busy: tuple[PairUid, ...],
) -> Sequence[_Addition]:
    """Sort what waits, save what is done by that, and record what is about to be added (rule 11)."""
    async with engine.store.unit() as uow:
        await uow.turns.begun(turn)
        running = await uow.synchronizations.get(half.synchronization)
        if running is None or not running.wanted_running:
            await uow.commit(lasting=False)
            return ()
        found = await _sort(engine, uow, half, held, sure=remembers_all(engine, running))
        await uow.pairs.save_all(found.done)
        applied = {one.uid: one.info.incoming_message_sequence_id for one in found.done}
        await uow.inbox.done_all(half.connector, applied)
        await uow.stamps.save_all(half.connection, {one.issue: one.work.look.stamps for one in found.additions})
        await uow.dirty.mark_attempts(half.connection, [one.issue for one in found.additions])
        for uid in found.alone:
            await uow.turns.wake(ApplyTurn(connector=half.connector, pair=uid))
        if busy:
            await uow.turns.wake(replace(turn, pairs=busy), after=AGAIN)
        await uow.commit(*held.values(), lasting=bool(found.additions))
        return found.additions


# --- what is to be done -----------------------------------------------------------------------------------------------


async def _sort(
    engine: Engine, uow: UnitOfWork, half: HalfConfiguration, held: Mapping[PairUid, Fence], *, sure: bool
) -> _Sorted:
    found, uids = _Sorted(), list(held)
    pairs = await uow.pairs.get_all(half.connector, uids)
    pending = await uow.inbox.pending_of(half.connector, uids)
    issues = [pair.local.id for pair in pairs.values() if pair.local is not None]
    stamps = await uow.stamps.get_all(half.connection, issues)
    begun = await uow.dirty.with_attempt(half.connection, issues)
    async for uid in giving_way(engine.system, uids):
        pair = pairs.get(uid)
        if (
            pair is None
            or pair.local is None
            or pair.local.id in begun
            or lock_of(half, pair.local, uid) != held[uid].name
        ):
            found.alone.append(uid)
            continue
        messages = admit(pending.get(uid, ()), pair.info.incoming_message_sequence_id)
        if messages:
            look = _unread(half, pair, stamps[pair.local.id], engine.system.now())
            _sort_one(engine, found, look, messages, held[uid], sure=sure)
    return found


def _unread(half: HalfConfiguration, pair: Pair, stamps: IssueStamps, now: Millis) -> Look:
    assert pair.local is not None
    return Look(half=half, pair=pair, stamps=stamps, snapshot=unread(pair, half, pair.local, now), now=now)


def _sort_one(
    engine: Engine, found: _Sorted, look: Look, messages: Sequence[InboxMessage], fence: Fence, *, sure: bool
) -> None:
    up_to = messages[-1].sequence
    if (known := noted(look.half, look.pair, messages)) is not None:
        found.done.append(known)
    elif (plan := _only_comments(engine, look, messages) if sure else None) is None:
        found.alone.append(look.pair.uid)
    elif plan.quiet:
        found.done.append(_counted(plan.pair, up_to))
    else:
        adding = {adding_comment(one): look.now for one in plan.told_comments}
        stamps = with_attempt(plan.stamps, look.pair.uid, Attempt(adding=adding))
        work = Work(look=replace(look, pair=plan.pair, stamps=stamps), plan=replace(plan, stamps=stamps), fence=fence)
        found.additions.append(_Addition(work=work, up_to=up_to))


def _only_comments(engine: Engine, look: Look, messages: Sequence[InboxMessage]) -> Plan | None:
    """The plan that adds the first comments of an issue and does nothing else; None if there is more to it.

    Such comments need no look at the issue, since nothing of them can be there yet, if we remember all.
    """
    pair, half = look.pair, look.half
    told = [one.content.changes for one in messages if isinstance(one.content, IssueAppeared | IssueChanged)]
    ready = pair.state is PairState.LINKED and not pair.info.incoming_changes_ignored
    if not ready or len(told) < len(messages) or owes(pair) or pair.unshown:
        return None
    changes = remaining(half, pair, coalesce(told))
    if changes.files or not only_additions(pair, look.stamps, changes):
        return None
    plan = decide_incoming(look, changes, engine.marker(half, "", engine.system.new_id()))
    if not isinstance(plan, Plan) or plan.answers or plan.problems or plan.not_before is not None:
        return None
    return plan


def _counted(pair: Pair, up_to: int) -> Pair:
    return replace(pair, info=replace(pair.info, incoming_message_sequence_id=up_to))


# --- doing it ---------------------------------------------------------------------------------------------------------


async def _carry_out(engine: Engine, half: HalfConfiguration, additions: Sequence[_Addition]) -> None:
    """Add the comments of several issues at a time; those of one issue in their order.

    All issues of a turn ask for a place at once, so that one turn ends after the other. Were they to share the places
    and to end together, nothing would be called for until the next turns have begun.
    """
    ended: list[_Addition] = []

    async def add(one: _Addition) -> None:
        try:
            async with engine.additions:
                work = await mirror(engine, one.work)
        except (TransientError, AccessError):
            return
        if not work.plan.problems and not work.late:
            ended.append(replace(one, work=work))

    await abreast(add, additions, limit=engine.begun_at_once(len(additions)))
    await _finish(engine, half, additions, ended)


async def _finish(
    engine: Engine, half: HalfConfiguration, additions: Sequence[_Addition], ended: Sequence[_Addition]
) -> None:
    """Links, cursors, closed attempts and applied messages are committed together (rule 11).

    What was refused or is late may have a reason that only a look can tell: its own turn finds the attempt open.
    """
    now = engine.system.now()
    pairs = [_after(one, now) for one in ended]
    done = {one.uid for one in ended}
    async with engine.store.unit() as uow:
        await uow.pairs.save_all(pairs)
        await uow.stamps.save_all(
            half.connection, {one.issue: without_attempt(one.work.plan.stamps, one.uid) for one in ended}
        )
        await uow.dirty.close_attempts(half.connection, [one.issue for one in ended])
        await uow.inbox.done_all(half.connector, {one.uid: one.up_to for one in ended})
        await uow.problems.resolve_pairs(half.connector, [pair.uid for pair in pairs if not holds_back(pair)])
        await journal_all(uow, half, [(pair, one.work.plan.notes) for pair, one in zip(pairs, ended, strict=True)], now)
        for one in additions:
            if one.uid not in done:
                await uow.turns.wake(ApplyTurn(connector=half.connector, pair=one.uid), after=AGAIN)
        await uow.commit(*(one.work.fence for one in ended), lasting=False)


def _after(one: _Addition, now: Millis) -> Pair:
    return applied(_counted(one.work.plan.pair, one.up_to), one.work.look.snapshot.updated, now)
