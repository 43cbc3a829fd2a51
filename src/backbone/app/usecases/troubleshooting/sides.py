"""Choosing a side: ours or the partner's value counts, asserted with a stamp newer than all that is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from backbone.app.engine.context import Engine, journal, wanted_by
from backbone.app.engine.handing import send
from backbone.app.engine.tell import decide_with_reads
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.troubleshooting.places import Side, locked, need_side, partner_side, place
from backbone.core.model.changes import IssueChanged
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import MappingId
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.protocol.sequence import coalesce
from backbone.core.sync.asserting import Asserted, admit_parked, assert_values
from backbone.core.sync.notes import Note, What
from backbone.core.sync.outgoing import Look, Told
from backbone.ports.records import ApplyTurn, OpenProblem
from backbone.ports.store import Fence
from backbone.ports.tracker import Lane, Unavailable

Elements = Mapping[MappingId, frozenset[str]]


async def take_mine(engine: Engine, problem: OpenProblem) -> None:
    """The value of the issue in which the problem occurred counts on both sides. Raises Mistake and TrackerError."""
    side = await need_side(engine, problem)
    theirs: Elements = {}
    if problem.problem.code is Code.START_CONFLICT:
        async with engine.store.unit() as uow:
            partner = await partner_side(uow, side.half, side.pair.uid)
        theirs = elements_of(partner, side.half) if partner is not None else {}
    if problem.problem.code is Code.OSCILLATION:
        await _calm(engine, problem, side)
    await assert_side(engine, problem, side, _mappings(problem), theirs)


async def take_theirs(engine: Engine, problem: OpenProblem) -> None:
    """The partner's value counts on both sides. Raises Mistake and TrackerError."""
    side = await need_side(engine, problem)
    if problem.problem.code is not Code.START_CONFLICT:
        await _admit(engine, problem, side)
        return
    async with engine.store.unit() as uow:
        partner = await partner_side(uow, side.half, side.pair.uid)
    if partner is None:
        raise Mistake(place(problem), "the partner's half is not known here", "Choose the side over there")
    await assert_side(
        engine, problem, partner, counterparts_of(side.half, problem, partner.half), elements_of(side, partner.half)
    )


async def tell_again(engine: Engine, problem: OpenProblem) -> None:
    """The partner tells all its values of this issue again, with fresh stamps. Raises Mistake and TrackerError."""
    side = await need_side(engine, problem)
    async with engine.store.unit() as uow:
        partner = await partner_side(uow, side.half, side.pair.uid)
    if partner is None:
        raise Mistake(place(problem), "the partner's half is not known here", "Resync over there")
    every = {one.id for one in partner.half.fields if one.sends}
    await assert_side(engine, problem, partner, every, elements_of(side, partner.half))


def _mappings(problem: OpenProblem) -> Collection[MappingId]:
    holds = problem.problem.holds
    found = holds.mappings or ((holds.mapping,) if holds.mapping is not None else ())
    if not found:
        raise Mistake(place(problem), "it concerns no field on which a side could be taken", "Retry")
    return found


def counterparts_of(half: HalfConfiguration, problem: OpenProblem, other: HalfConfiguration) -> Collection[MappingId]:
    """The partner's mappings for those of the problem: they travel under the same alias."""
    wanted = set(_mappings(problem))
    aliases = {one.alias for one in half.fields if one.id in wanted}
    return {one.id for one in other.fields if one.alias in aliases}


def elements_of(side: Side, other: HalfConfiguration) -> Elements:
    """The elements of multi-values that a side had when we looked last, by the other half's mappings."""
    held = {one.alias: side.pair.baselines.get(one.id) for one in side.half.fields if one.kind.multi}
    return {
        one.id: frozenset((base.members or {}).values())
        for one in other.fields
        if (base := held.get(one.alias)) is not None
    }


async def assert_side(
    engine: Engine, problem: OpenProblem, side: Side, wanted: Collection[MappingId], theirs: Elements
) -> None:
    """Tell the partner of this side's values as they are now; the problem is over."""
    if side.pair.local is None or side.pair.state is not PairState.LINKED:
        raise Mistake(place(problem), "there is no issue on that side to take values from", "Take the other side")
    async with locked(engine, side) as fence:
        look, told = await _looked(engine, problem, side)
        done = assert_values(replace(look, pair=told.pair, stamps=told.stamps), wanted, theirs)
        if done.unshareable and not done.changes:
            names = ", ".join(f"'{one.name}'" for one in done.unshareable)
            cure = "Complete the value table, then try again"
            raise Mistake(place(problem), f"the value of {names} has no counterpart at the partner", cure)
        await _save(engine, problem, told, done, fence)


async def _looked(engine: Engine, problem: OpenProblem, side: Side) -> tuple[Look, Told]:
    """The issue as it is now, with unsent edits told first (rule 4)."""
    assert side.pair.local is not None
    half = side.half
    async with engine.store.unit() as uow:
        pair = await uow.pairs.get(half.connector, side.pair.uid) or side.pair
        stamps = await uow.stamps.get(half.connection, side.pair.local.id)
        if await uow.dirty.has_attempt(half.connection, side.pair.local.id):
            raise Mistake(side.pair.local.key, "it is being worked on", "Try again in a moment")
    snapshot = await _read(engine, problem, side)
    look = Look(half=half, pair=pair, stamps=stamps, snapshot=snapshot, now=engine.system.now())
    look, told = await decide_with_reads(engine, look, Lane.LIVE)
    if told is None:
        raise Mistake(place(problem), "the issue can't be read any more", "Retry")
    return look, told


async def _read(engine: Engine, problem: OpenProblem, side: Side) -> IssueSnapshot:
    assert side.pair.local is not None
    wanted = replace(wanted_by([side.half]), history=True)
    snapshot = await engine.tracker(side.half).read(side.pair.local.id, wanted, Lane.LIVE)
    if isinstance(snapshot, Unavailable) or snapshot.project != side.half.project:
        raise Mistake(place(problem), f"{side.pair.local.key} can't be read any more", "Take the other side, or retry")
    return snapshot


async def _save(engine: Engine, problem: OpenProblem, told: Told, done: Asserted, fence: Fence) -> None:
    half, issue, now = done.look.half, done.look.snapshot.ref, done.look.now
    changes = coalesce([told.changes, done.changes])
    pair = replace(done.look.pair, local=issue)
    chosen = {one.alias for one in done.changes.fields} | {one.alias for one in done.changes.elements}
    notes = [
        Note(what=What.FIELD_SENT, mapping=one.id, because="a person took this side")
        for one in half.fields
        if one.alias in chosen
    ]
    async with engine.store.unit() as uow:
        if changes:
            pair = await send(uow, half, pair, IssueChanged(issue=issue, changes=changes), now)
        await uow.pairs.save(pair)
        await uow.stamps.save(half.connection, issue.id, done.look.stamps)
        await uow.dirty.add(half.connector, [issue.id], now)
        await journal(uow, half, pair, [*told.notes, *notes], now)
        await uow.problems.resolve(problem.problem.identity)
        await uow.commit(fence)


async def _calm(engine: Engine, problem: OpenProblem, side: Side) -> None:
    """The partner's half forgets what it wrote to and fro, so that it takes what was decided."""
    async with engine.store.unit() as uow:
        partner = await partner_side(uow, side.half, side.pair.uid)
    if partner is None:
        return
    forgotten = counterparts_of(side.half, problem, partner.half)
    async with locked(engine, partner) as fence, engine.store.unit() as uow:
        pair = await uow.pairs.get(partner.half.connector, partner.pair.uid) or partner.pair
        recent = {mapping: writes for mapping, writes in pair.recent.items() if mapping not in forgotten}
        await uow.pairs.save(replace(pair, recent=recent))
        await uow.commit(fence)


async def _admit(engine: Engine, problem: OpenProblem, side: Side) -> None:
    """What is held back is written here, although it lies ahead of our clock or was written to and fro."""
    async with locked(engine, side) as fence, engine.store.unit() as uow:
        pair: Pair = await uow.pairs.get(side.half.connector, side.pair.uid) or side.pair
        for mapping in _mappings(problem):
            pair = admit_parked(pair, mapping)
        await uow.pairs.save(pair)
        await uow.problems.resolve(problem.problem.identity)
        await uow.turns.wake(ApplyTurn(connector=pair.connector, pair=pair.uid))
        await uow.commit(fence)
