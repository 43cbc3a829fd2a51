"""Creating: pairs that have no issue here yet, many in one request, each exactly once (rule 12).

The attempt is durable before the request is made. Requests are made one after the other, so that issues get their keys
in the order in which they appeared; meanwhile the next is prepared, and what the former created is noted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backbone.app.engine.abreast import giving_way, side_by_side
from backbone.app.engine.context import Busy, Engine, report
from backbone.app.engine.doubts import adopt_orphans, doubt, resolve
from backbone.app.engine.newborn import Candidate, all_born, content_of
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, FieldId, Millis
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.protocol.sequence import admit
from backbone.core.sync.pairing import Birth, TypeUnmapped, give_birth
from backbone.ports.records import CreateAttempt, CreateTurn
from backbone.ports.store import Fence, UnitOfWork
from backbone.ports.tracker import AccessError, Created, Lane, OutcomeUnknown, Refusal, TransientError

_PROJECT = FieldId("project")

BATCHES = 3
"""So many batches are under way at a time: one is prepared, one requested, one noted."""

AHEAD = 8
"""While more turns of many issues than that wait to be begun, no more issues are created.

Their comments, files and states would fall behind for as long as a backlog lasts, and what is decided on for a new
issue holds up the calls that are under way for the others.
"""
_LONGEST, _PAUSE = 30.0, 0.2  # seconds


@dataclass(slots=True)
class _Line:
    """Whose turn it is to prepare a request and to make it, in the same order; after a failure nobody makes another."""

    preparing: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What is asked for in one attempt, and Jira's first answers to it."""

    half: HalfConfiguration
    attempt: CreateAttempt
    candidates: Sequence[Candidate]
    answers: Sequence[Created | Refusal] = ()


async def run_create(engine: Engine, turn: CreateTurn) -> None:
    """Create the issues that wait in a connector. Raises Busy while an earlier attempt is not resolved."""
    async with engine.store.hold(f"create:{turn.connector}") as fence:
        if fence is None:
            raise Busy(f"creating in {turn.connector}")
        async with engine.store.unit() as uow:
            await uow.turns.begun(turn)
            attempts = await uow.creations.of_connector(turn.connector)
            await uow.commit(fence, lasting=False)
        half = await _in_force(engine, turn.connector)
        if half is None:
            return
        for attempt in attempts:
            await resolve(engine, half, attempt, fence)
        if not engine.store.original:
            await adopt_orphans(engine, half, fence)
        line = _Line()
        await side_by_side(lambda: _create(engine, turn.connector, fence, line), min(BATCHES, engine.abreast))


async def _create(engine: Engine, connector: ConnectorKey, fence: Fence, line: _Line) -> None:
    """Create one batch after the other until nothing waits."""
    try:
        while (batch := await _next(engine, connector, fence, line)) is not None:
            await _carry_on(engine, batch, fence)
    except BaseException:
        line.failed = True
        raise


async def _in_force(engine: Engine, connector: ConnectorKey) -> HalfConfiguration | None:
    """The configuration for the next request, since a backlog may last for hours; None once it is stopped."""
    async with engine.store.unit() as uow:
        return await _running(uow, connector)


async def _at_their_pace(engine: Engine, connector: ConnectorKey) -> HalfConfiguration | None:
    """The same, once the turns of the issues that were created have come up with us; but not waiting for ever."""
    waited = 0.0
    while True:
        async with engine.store.unit() as uow:
            half, behind = await _running(uow, connector), await uow.turns.many_due(connector) > AHEAD
        if half is None or not behind or waited >= _LONGEST:
            return half
        await engine.system.sleep(_PAUSE)
        waited += _PAUSE


async def _running(uow: UnitOfWork, connector: ConnectorKey) -> HalfConfiguration | None:
    half = await uow.synchronizations.half(connector)
    running = await uow.synchronizations.get(half.synchronization)
    return half if running is not None and running.wanted_running else None


# --- one batch --------------------------------------------------------------------------------------------------------


async def _next(engine: Engine, connector: ConnectorKey, fence: Fence, line: _Line) -> _Batch | None:
    """Ask for the next batch; None when nothing waits, or nothing may be asked for any more."""
    while True:
        async with line.preparing:
            batch = None if line.failed else await _prepared(engine, connector, fence)
            if batch is None:
                return None
            await line.asking.acquire()  # before anybody else prepares: the order stays
        try:
            if not line.failed and await _in_force(engine, connector) == batch.half:
                return replace(batch, answers=await _request(engine, batch, batch.candidates, fence))
            await _close(engine, batch.attempt, fence)
        finally:
            line.asking.release()


async def _prepared(engine: Engine, connector: ConnectorKey, fence: Fence) -> _Batch | None:
    """The next batch, whose attempt is open."""
    half = await _at_their_pace(engine, connector)
    if half is None:
        return None
    attempt = CreateAttempt(
        id=engine.system.new_id(),
        connector=connector,
        project=half.project,
        highest=await engine.tracker(half).highest_key(half.project),
        started=Millis(engine.system.now() + engine.tracker(half).skew),
        pairs=(),
        revision=half.revision,
    )
    while True:
        batch, held = await _open(engine, half, attempt, fence)
        if batch is not None or not held:
            return batch


async def _open(
    engine: Engine, half: HalfConfiguration, attempt: CreateAttempt, fence: Fence
) -> tuple[_Batch | None, int]:
    """From now on the next waiting pairs are in this attempt; and how many had to be held instead."""
    async with engine.store.unit() as uow:
        waiting = await uow.pairs.creating(half.connector, engine.tracker(half).create_limit)
        candidates, held = await _candidates(engine, uow, half, waiting, attempt.id)
        told = {one.pair.uid: one.told for one in candidates}
        attempt = replace(attempt, pairs=tuple(told), told=told)
        if candidates:
            await uow.creations.open(attempt)
        if candidates or held:
            await uow.commit(fence, lasting=bool(candidates))
    return _Batch(half=half, attempt=attempt, candidates=candidates) if candidates else None, held


async def _carry_on(engine: Engine, batch: _Batch, fence: Fence) -> None:
    """Note what exists now; refused issues are tried again without what was refused, within the same attempt.

    Each time they have fewer fields, so that this ends, however few of them Jira names at a time.
    """
    half, attempt, candidates, answers = batch.half, batch.attempt, batch.candidates, batch.answers
    while True:
        if (closed := _project_closed(answers)) is not None:
            await _close(engine, attempt, fence)
            raise closed
        answered = list(zip(candidates, answers, strict=True))
        created = [(one, answer) for one, answer in answered if isinstance(answer, Created)]
        refused = [(one, answer) for one, answer in answered if isinstance(answer, Refusal)]
        await all_born(engine, half, created, fence)
        candidates = await _without_refused(engine, half, refused, fence)
        if not candidates:
            break
        answers = await _request(engine, batch, candidates, fence)
    await _close(engine, attempt, fence)


async def _request(
    engine: Engine, batch: _Batch, candidates: Sequence[Candidate], fence: Fence
) -> Sequence[Created | Refusal]:
    """One request. Where it certainly was not carried out the attempt is closed; otherwise it stays open."""
    await fence.check()
    try:
        return await engine.tracker(batch.half).create([one.birth.issue for one in candidates], Lane.LIVE)
    except OutcomeUnknown:
        await doubt(engine, batch.attempt, fence)
        raise
    except (TransientError, AccessError):
        await _close(engine, batch.attempt, fence)
        raise


def _project_closed(answers: Sequence[Created | Refusal]) -> AccessError | None:
    """Where Jira refuses the project itself no issue is to blame: a permission is missing."""
    refused = [one.fields[_PROJECT] for one in answers if isinstance(one, Refusal) and _PROJECT in one.fields]
    if not refused or len(refused) < len(answers):
        return None
    cause = f"no issue can be created in the project: {refused[0]}"
    return AccessError(Code.PERMISSION_MISSING, cause, "Give our account the permission to create issues there.")


async def _without_refused(
    engine: Engine, half: HalfConfiguration, refused: Sequence[tuple[Candidate, Refusal]], fence: Fence
) -> list[Candidate]:
    """Candidates that can be tried without the fields that Jira named; the others become problems."""
    again = []
    for candidate, refusal in refused:
        named = frozenset(refusal.fields) & frozenset(candidate.birth.issue.values)
        without = candidate.without | named
        birth = give_birth(half, candidate.pair, candidate.content, candidate.birth.issue.marker, without)
        await report(engine, _issue_refused(half, candidate, refusal), fence)
        if named and isinstance(birth, Birth):
            again.append(replace(candidate, birth=birth, without=without))
        else:
            await _hold(engine, half, candidate.pair, fence)
    return again


async def _candidates(
    engine: Engine, uow: UnitOfWork, half: HalfConfiguration, waiting: Sequence[Pair], attempt_id: str
) -> tuple[list[Candidate], int]:
    """Waiting pairs with the issues to create for them, and how many are held because their type is not mapped."""
    found, held = [], 0
    pending = await uow.inbox.pending_of(half.connector, [pair.uid for pair in waiting]) if waiting else {}
    async for pair in giving_way(engine.system, waiting):
        admitted = admit(pending.get(pair.uid, ()), pair.info.incoming_message_sequence_id)
        content = content_of(admitted)
        if content is None:
            continue
        marker = engine.marker(half, content.issue.id, attempt_id)
        birth = give_birth(half, pair, content, marker, frozenset())
        if isinstance(birth, TypeUnmapped):
            await uow.problems.report(_type_unmapped(half, pair, birth.alias), engine.system.now())
            await uow.pairs.hold(half.connector, pair.uid, None)
            held += 1
        else:
            found.append(Candidate(pair=pair, content=content, told=admitted[-1].sequence, birth=birth))
    return found, held


async def _close(engine: Engine, attempt: CreateAttempt, fence: Fence) -> None:
    async with engine.store.unit() as uow:
        await uow.creations.close(attempt.id)
        await uow.commit(fence)


# --- trouble ----------------------------------------------------------------------------------------------------------


async def _hold(engine: Engine, half: HalfConfiguration, pair: Pair, fence: Fence) -> None:
    async with engine.store.unit() as uow:
        await uow.pairs.hold(half.connector, pair.uid, None)
        await uow.commit(fence)


def _issue_refused(half: HalfConfiguration, candidate: Candidate, refusal: Refusal) -> Problem:
    return Problem(
        code=Code.ISSUE_REFUSED,
        connector=half.connector,
        occurred_in=None,
        triggered_by=candidate.content.issue,
        cause=f"Jira refused to create the issue as it was sent: {refusal.words}",
        remedy="Mend what Jira complains about (a required field needs a mapping or a default), then retry.",
        holds=Holds(pair=candidate.pair.uid),
    )


def _type_unmapped(half: HalfConfiguration, pair: Pair, alias: str) -> Problem:
    return Problem(
        code=Code.TYPE_NOT_MAPPED,
        connector=half.connector,
        occurred_in=None,
        triggered_by=pair.remote,
        cause=f"the partner's issue type '{alias}' is not mapped for this direction",
        remedy="Add it to 'issue_types' in the configuration file and apply it.",
        holds=Holds(pair=pair.uid),
    )
