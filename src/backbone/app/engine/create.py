"""Creating: pairs that have no issue here yet, many in one request, each exactly once (rule 12).

The attempt is durable before the request is made. After an unknown outcome we wait until no late answer can come,
then look by key which issues of the batch exist, adopt them by their markers, and only then create the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backbone.app.engine.context import Busy, Engine, journal_all, wanted_by
from backbone.app.engine.doubts import outcome_unknown
from backbone.app.engine.handing import Telling, hand_over
from backbone.app.engine.newborn import Newborn, look_at_newborn, newborn
from backbone.app.engine.orphans import by_partner, orphans
from backbone.app.engine.together import TOGETHER
from backbone.core.model.changes import IssueAppeared, IssueCreated
from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.keys import ConnectorKey, FieldId, Millis, PairUid
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import EMPTY, fingerprint
from backbone.core.protocol.sequence import admit, coalesce
from backbone.core.sync.incoming import LATE_ANSWER
from backbone.core.sync.notes import Note, What
from backbone.core.sync.pairing import Birth, TypeUnmapped, give_birth
from backbone.ports.records import ApplyManyTurn, CreateAttempt, CreateTurn, InboxMessage
from backbone.ports.store import Fence, UnitOfWork
from backbone.ports.tracker import AccessError, Created, Lane, OutcomeUnknown, Refusal, TransientError, Wanted

_PROJECT = FieldId("project")

_ALL = 100_000

LONG_IN_DOUBT = 15 * 60_000
"""Milliseconds after which a person is told that it is still not known what was created: mostly it is within three minutes."""

ROUNDS = 4
"""So often a refused issue is tried again without the fields that Jira named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A pair whose issue is to be created. ``told`` is the sequence of the last message in its content."""

    pair: Pair
    content: IssueAppeared
    told: int
    birth: Birth
    without: frozenset[FieldId] = frozenset()


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
            await _resolve(engine, half, attempt, fence)
        if not engine.store.original:
            await _adopt_orphans(engine, half, fence)
        while half is not None and await _create_some(engine, half, fence):
            half = await _in_force(engine, turn.connector)


async def _in_force(engine: Engine, connector: ConnectorKey) -> HalfConfiguration | None:
    """The configuration for the next request, since a backlog may last for hours; None once it is stopped."""
    async with engine.store.unit() as uow:
        half = await uow.synchronizations.half(connector)
        running = await uow.synchronizations.get(half.synchronization)
    return half if running is not None and running.wanted_running else None


# --- one batch --------------------------------------------------------------------------------------------------------


async def _create_some(engine: Engine, half: HalfConfiguration, fence: Fence) -> bool:
    """Create one batch; False when nothing waits."""
    tracker = engine.tracker(half)
    attempt_id = engine.system.new_id()
    candidates = await _candidates(engine, half, attempt_id, fence)
    if not candidates:
        return False
    highest = await tracker.highest_key(half.project)
    attempt = CreateAttempt(
        id=attempt_id,
        connector=half.connector,
        project=half.project,
        highest=highest,
        started=Millis(engine.system.now() + tracker.skew),
        pairs=tuple(one.pair.uid for one in candidates),
        revision=half.revision,
        told={one.pair.uid: one.told for one in candidates},
    )
    await _open(engine, attempt, fence)
    await _attempt(engine, half, attempt, candidates, fence)
    return True


async def _open(engine: Engine, attempt: CreateAttempt, fence: Fence) -> None:
    async with engine.store.unit() as uow:
        await uow.creations.open(attempt)
        await uow.commit(fence)


async def _attempt(
    engine: Engine, half: HalfConfiguration, attempt: CreateAttempt, candidates: Sequence[_Candidate], fence: Fence
) -> None:
    """Make the request; refused issues are tried again without what was refused, within the same attempt."""
    for _ in range(ROUNDS):
        answers = await _request(engine, half, attempt, candidates, fence)
        if (closed := _project_closed(answers)) is not None:
            await _close(engine, attempt, fence)
            raise closed
        answered = list(zip(candidates, answers, strict=True))
        created = [(one, answer) for one, answer in answered if isinstance(answer, Created)]
        refused = [(one, answer) for one, answer in answered if isinstance(answer, Refusal)]
        await _all_born(engine, half, created, fence)
        candidates = await _without_refused(engine, half, refused, fence)
        if not candidates:
            break
    await _close(engine, attempt, fence)


async def _request(
    engine: Engine, half: HalfConfiguration, attempt: CreateAttempt, candidates: Sequence[_Candidate], fence: Fence
) -> Sequence[Created | Refusal]:
    """One request. Where it certainly was not carried out the attempt is closed; otherwise it stays open."""
    await fence.check()
    try:
        return await engine.tracker(half).create([one.birth.issue for one in candidates], Lane.LIVE)
    except OutcomeUnknown:
        await _doubt(engine, attempt, fence)
        raise
    except (TransientError, AccessError):
        await _close(engine, attempt, fence)
        raise


def _project_closed(answers: Sequence[Created | Refusal]) -> AccessError | None:
    """Where Jira refuses the project itself no issue is to blame: a permission is missing."""
    refused = [one.fields[_PROJECT] for one in answers if isinstance(one, Refusal) and _PROJECT in one.fields]
    if not refused or len(refused) < len(answers):
        return None
    cause = f"no issue can be created in the project: {refused[0]}"
    return AccessError(Code.PERMISSION_MISSING, cause, "Give our account the permission to create issues there.")


async def _without_refused(
    engine: Engine, half: HalfConfiguration, refused: Sequence[tuple[_Candidate, Refusal]], fence: Fence
) -> list[_Candidate]:
    """Candidates that can be tried without the fields that Jira named; the others become problems."""
    again = []
    for candidate, refusal in refused:
        named = frozenset(refusal.fields) & frozenset(candidate.birth.issue.values)
        without = candidate.without | named
        birth = give_birth(half, candidate.pair, candidate.content, candidate.birth.issue.marker, without)
        await _report(engine, _issue_refused(half, candidate, refusal), fence)
        if named and isinstance(birth, Birth):
            again.append(replace(candidate, birth=birth, without=without))
        else:
            await _hold(engine, half, candidate.pair, fence)
    return again


async def _candidates(engine: Engine, half: HalfConfiguration, attempt_id: str, fence: Fence) -> list[_Candidate]:
    """Waiting pairs whose type is mapped, with the issues to create for them."""
    found = []
    limit = engine.tracker(half).create_limit
    async with engine.store.unit() as uow:
        waiting = await uow.pairs.creating(half.connector, limit)
        pending = await uow.inbox.pending_of(half.connector, [pair.uid for pair in waiting])
        for pair in waiting:
            admitted = admit(pending.get(pair.uid, ()), pair.info.incoming_message_sequence_id)
            content = _content(admitted)
            if content is None:
                continue
            marker = engine.marker(half, content.issue.id, attempt_id)
            birth = give_birth(half, pair, content, marker, frozenset())
            if isinstance(birth, TypeUnmapped):
                await uow.problems.report(_type_unmapped(half, pair, birth.alias), engine.system.now())
                await uow.pairs.hold(half.connector, pair.uid, None)
            else:
                told = admitted[-1].sequence
                found.append(_Candidate(pair=pair, content=content, told=told, birth=birth))
        await uow.commit(fence, lasting=False)
    return found


def _content(admitted: Sequence[InboxMessage]) -> IssueAppeared | None:
    """What appeared, with everything that was told of it since."""
    messages = [message.content for message in admitted]
    appeared = next((one for one in messages if isinstance(one, IssueAppeared)), None)
    if appeared is None:
        return None
    changes = coalesce(one.changes for one in messages if not isinstance(one, IssueCreated))
    return replace(appeared, changes=changes)


async def _all_born(
    engine: Engine, half: HalfConfiguration, created: Sequence[tuple[_Candidate, Created]], fence: Fence
) -> None:
    """The issues of a batch exist: what that means becomes known at once."""
    if not created:
        return
    found = [newborn(one.birth, answer, one.content.changes) for one, answer in created]
    looked = await look_at_newborn(engine, half, found)
    born = [(candidate, one) for (candidate, _), one in zip(created, looked, strict=True)]
    async with engine.store.unit() as uow:
        await _save_born(uow, half, born, engine.system.now())
        await uow.commit(fence, lasting=False)


async def _save_born(
    uow: UnitOfWork, half: HalfConfiguration, born: Sequence[tuple[_Candidate, Newborn]], now: Millis
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
        await uow.turns.wake(ApplyManyTurn(connector=handed.partner, pairs=tuple(uids)))
    for start in range(0, len(uids), TOGETHER):
        await uow.turns.wake(ApplyManyTurn(connector=half.connector, pairs=tuple(uids[start : start + TOGETHER])))


def _first_synchronized(pair: Pair, now: Millis) -> Pair:
    return replace(pair, info=replace(pair.info, first_sync_date=now, last_incoming_change=now))


async def _close(engine: Engine, attempt: CreateAttempt, fence: Fence) -> None:
    async with engine.store.unit() as uow:
        await uow.creations.close(attempt.id)
        await uow.commit(fence)


# --- after a crash or a lost answer -----------------------------------------------------------------------------------


async def _doubt(engine: Engine, attempt: CreateAttempt, fence: Fence) -> Millis:
    """From now on nobody waits for the answer; until when the request may be carried out is counted from here."""
    now = engine.system.now()
    await _open(engine, replace(attempt, doubted=now), fence)
    return now


async def _resolve(engine: Engine, half: HalfConfiguration, attempt: CreateAttempt, fence: Fence) -> None:
    """Find out which issues of an attempt exist, by key and marker, before anything is created again."""
    now = engine.system.now()
    doubted = await _doubt(engine, attempt, fence) if attempt.doubted is None else attempt.doubted
    if now - doubted < LATE_ANSWER:
        raise OutcomeUnknown(
            "the outcome of creating issues is not known yet", retry_after=(LATE_ANSWER - (now - doubted)) / 1000
        )
    if now - doubted >= LONG_IN_DOUBT:
        await _report(engine, outcome_unknown(attempt), fence)
    async with engine.store.unit() as uow:
        asked = await uow.synchronizations.half(half.connector, attempt.revision)
    wanted = Wanted(fields=wanted_by([asked]).fields, marker=True)
    found = await engine.tracker(half).find_created(half.project, attempt.highest, attempt.started, wanted)
    ours = by_partner(engine, half, found)
    for uid in attempt.pairs:
        await _adopt(engine, asked, uid, ours, fence, told=attempt.told.get(uid))
    await _certain(engine, attempt, fence)


async def _certain(engine: Engine, attempt: CreateAttempt, fence: Fence) -> None:
    """What the attempt created is known now."""
    async with engine.store.unit() as uow:
        await uow.creations.close(attempt.id)
        await uow.problems.resolve(outcome_unknown(attempt).identity)
        await uow.commit(fence)


async def _adopt_orphans(engine: Engine, half: HalfConfiguration, fence: Fence) -> None:
    """In a restored installation: pairs whose issue was created in an earlier life get it (rule 24)."""
    found = await orphans(engine, half)
    if not found:
        return
    async with engine.store.unit() as uow:
        waiting = await uow.pairs.creating(half.connector, _ALL)
    for pair in waiting:
        if pair.remote is not None and pair.remote.id in found:
            await _adopt(engine, half, pair.uid, found, fence)


async def _adopt(
    engine: Engine,
    half: HalfConfiguration,
    uid: PairUid,
    found: Mapping[str, IssueSnapshot],
    fence: Fence,
    *,
    told: int | None = None,
) -> None:
    """The pair gets the issue that bears its marker; ``half`` is the configuration that it was created with.

    Its values are those of the messages up to ``told``, where that is known, else those of the first: what was told
    later is applied to the issue by the pair's own turn.
    """
    async with engine.store.unit() as uow:
        pair = await uow.pairs.get(half.connector, uid)
        pending = await uow.inbox.pending(half.connector, uid)
    admitted = admit(pending, pair.info.incoming_message_sequence_id) if pair is not None else ()
    contained = [one for one in admitted if one.sequence <= (admitted[0].sequence if told is None else told)]
    content = _content(contained)
    if pair is None or content is None or pair.state is not PairState.CREATING or content.issue.id not in found:
        return
    marker, issue = engine.marker(half, content.issue.id, ""), found[content.issue.id]
    birth = give_birth(half, pair, content, marker, frozenset())
    if isinstance(birth, Birth):
        birth = give_birth(half, pair, content, marker, _left_out(birth, issue))
    if isinstance(birth, Birth):
        candidate = _Candidate(pair=pair, content=content, told=contained[-1].sequence, birth=birth)
        await _all_born(engine, half, [(candidate, Created(ref=issue.ref, at=issue.updated))], fence)


def _left_out(birth: Birth, issue: IssueSnapshot) -> frozenset[FieldId]:
    """Fields that the issue was created without, because Jira had refused them."""
    blank = fingerprint(EMPTY)
    values = {field: fingerprint(issue.values.get(field, EMPTY)) for field in birth.issue.values}
    return frozenset(field for field, value in values.items() if value == blank)


# --- trouble ----------------------------------------------------------------------------------------------------------


async def _report(engine: Engine, problem: Problem, fence: Fence) -> None:
    async with engine.store.unit() as uow:
        await uow.problems.report(problem, engine.system.now())
        await uow.commit(fence)


async def _hold(engine: Engine, half: HalfConfiguration, pair: Pair, fence: Fence) -> None:
    async with engine.store.unit() as uow:
        await uow.pairs.hold(half.connector, pair.uid, None)
        await uow.commit(fence)


def _issue_refused(half: HalfConfiguration, candidate: _Candidate, refusal: Refusal) -> Problem:
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
