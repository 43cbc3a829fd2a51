"""Issues that were created a moment ago: what they were made of, and what is remembered of them, all at once.

Where one call brings many they are read at once, too, so that their turns need no read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backbone.app.engine.abreast import giving_way
from backbone.app.engine.context import Engine, journal_all, wanted_by
from backbone.app.engine.handing import Telling, hand_over
from backbone.app.engine.together import TOGETHER
from backbone.core.model.changes import Changes, IssueAppeared, IssueCreated
from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.keys import FieldId, IssueId, IssueRef, Millis
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import IssueStamps
from backbone.core.protocol.sequence import coalesce
from backbone.core.sync.incoming import Plan, decide_incoming
from backbone.core.sync.notes import Note, What
from backbone.core.sync.outgoing import Look
from backbone.core.sync.pairing import Birth, born
from backbone.core.sync.remaining import remaining
from backbone.ports.records import ApplyManyTurn, InboxMessage
from backbone.ports.store import Fence, UnitOfWork
from backbone.ports.tracker import Created, Lane, TrackerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A pair whose issue is to be created. ``told`` is the sequence of the last message in its content."""

    pair: Pair
    content: IssueAppeared
    told: int
    birth: Birth
    without: frozenset[FieldId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Newborn:
    """An issue that exists now, and what its pair knows of it; ``changes`` is all that was told of it."""

    ref: IssueRef
    pair: Pair
    stamps: IssueStamps
    changes: Changes


def content_of(admitted: Sequence[InboxMessage]) -> IssueAppeared | None:
    """What appeared, with everything that was told of it since."""
    messages = [message.content for message in admitted]
    appeared = next((one for one in messages if isinstance(one, IssueAppeared)), None)
    if appeared is None:
        return None
    changes = coalesce(one.changes for one in messages if not isinstance(one, IssueCreated))
    return replace(appeared, changes=changes)


async def all_born(
    engine: Engine, half: HalfConfiguration, created: Sequence[tuple[Candidate, Created]], fence: Fence
) -> None:
    """The issues of a batch exist: what that means becomes known at once."""
    if not created:
        return
    found = [_newborn(one.birth, answer, one.content.changes) for one, answer in created]
    looked = await _look_at_newborn(engine, half, found)
    born = [(candidate, one) for (candidate, _), one in zip(created, looked, strict=True)]
    async with engine.store.unit() as uow:
        await _save_born(uow, half, born, engine.system.now())
        await uow.commit(fence, lasting=False)


async def _save_born(
    uow: UnitOfWork, half: HalfConfiguration, born: Sequence[tuple[Candidate, Newborn]], now: Millis
) -> None:
    """Remember the issues, tell the partner, and let turns of their own do the rest (comments, files, status)."""
    tellings = [
        Telling(pair=_first_synchronized(one.pair, now), content=IssueCreated(issue=one.ref)) for _, one in born
    ]
    handed = await hand_over(uow, half, tellings, now)
    pairs, uids = handed.pairs, [pair.uid for pair in handed.pairs]
    for pair, (candidate, _) in zip(pairs, born, strict=True):
        for mapping, name in candidate.birth.unknown:
            await uow.problems.report(_value_unknown(half, pair, mapping, name), now)
    await uow.problems.resolve_pairs(half.connector, uids)
    await uow.pairs.save_all(pairs)
    await uow.stamps.save_all(half.connection, {one.ref.id: one.stamps for _, one in born})
    note = Note(what=What.ISSUE_CREATED, because="appeared at the partner")
    await journal_all(uow, half, [(pair, [note]) for pair in pairs], now)
    if handed.partner is not None:
        await uow.turns.wake(ApplyManyTurn(connector=handed.partner, pairs=tuple(uids), noting=True))
    for start in range(0, len(uids), TOGETHER):
        await uow.turns.wake(ApplyManyTurn(connector=half.connector, pairs=tuple(uids[start : start + TOGETHER])))


def _first_synchronized(pair: Pair, now: Millis) -> Pair:
    return replace(pair, info=replace(pair.info, first_sync_date=now, last_incoming_change=now))


def _newborn(birth: Birth, created: Created, changes: Changes) -> Newborn:
    return Newborn(ref=created.ref, pair=born(birth, created.ref, created.at), stamps=birth.stamps, changes=changes)


async def _look_at_newborn(engine: Engine, half: HalfConfiguration, found: Sequence[Newborn]) -> Sequence[Newborn]:
    """What can be agreed by a look at all of them: the status, and what Jira made of the rest.

    Only where that costs less than the read of each that its own turn may need.
    """
    undecided = [one.ref.id for one in found if remaining(half, one.pair, one.changes).fields]
    if not undecided or engine.tracker(half).read_limit == 1:
        return found
    snapshots = await _read(engine, half, undecided)
    return [
        _seen(engine, half, one, snapshots[one.ref.id]) if one.ref.id in snapshots else one
        async for one in giving_way(engine.system, found)
    ]


async def _read(engine: Engine, half: HalfConfiguration, issues: Sequence[IssueId]) -> dict[IssueId, IssueSnapshot]:
    """A look that fails is no harm: the turns of the pairs look for themselves."""
    wanted = replace(wanted_by([half]), history=True, comments=False, files=False)
    try:
        return dict(await engine.tracker(half).read_many(issues, wanted, Lane.LIVE))
    except TrackerError:
        return {}


def _seen(engine: Engine, half: HalfConfiguration, one: Newborn, snapshot: IssueSnapshot) -> Newborn:
    """The pair after the look, unless anything is left to write or to tell: that is a matter of the pair's turn."""
    look = Look(half=half, pair=one.pair, stamps=one.stamps, snapshot=snapshot, now=engine.system.now())
    fields = Changes(fields=remaining(half, one.pair, one.changes).fields)
    plan = decide_incoming(look, fields, engine.marker(half, "", ""))
    if not isinstance(plan, Plan) or not plan.quiet or plan.answers or plan.problems:
        return one
    return replace(one, pair=plan.pair, stamps=plan.stamps)


def _value_unknown(half: HalfConfiguration, pair: Pair, mapping: FieldMapping, name: str) -> Problem:
    field = mapping.name
    return Problem(
        code=Code.VALUE_UNKNOWN,
        connector=half.connector,
        occurred_in=pair.local,
        triggered_by=pair.remote,
        cause=f"'{field}' has no value here for the partner's '{name}'",
        remedy=f"Add the option to '{field}' in Jira or a row to its value table, then apply or retry.",
        holds=Holds(pair=pair.uid, mapping=mapping.id),
    )
