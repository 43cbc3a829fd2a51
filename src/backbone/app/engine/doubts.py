"""After a crash or a lost answer: which issues of an attempt exist is found out before anything is created again.

Whoever gave up waiting for the answer counts from then until no late answer can come, looks by key which issues of the
batch exist, and adopts them by their markers (rule 12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backbone.app.engine.context import Engine, report, wanted_by
from backbone.app.engine.newborn import Candidate, all_born, content_of
from backbone.app.engine.orphans import by_partner, orphans, unknown_mark
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import FieldId, Millis, PairUid
from backbone.core.model.pair import PairState
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import EMPTY, fingerprint
from backbone.core.protocol.sequence import admit
from backbone.core.sync.incoming import LATE_ANSWER
from backbone.core.sync.pairing import Birth, give_birth
from backbone.ports.records import CreateAttempt
from backbone.ports.store import Fence
from backbone.ports.tracker import Created, OutcomeUnknown, Wanted

_ALL = 100_000

LONG_IN_DOUBT = 15 * 60_000
"""Milliseconds after which a person is told that it is still not known what was created: mostly it is within three minutes."""


async def doubt(engine: Engine, attempt: CreateAttempt, fence: Fence) -> Millis:
    """From now on nobody waits for the answer; until when the request may be carried out is counted from here."""
    now = engine.system.now()
    async with engine.store.unit() as uow:
        await uow.creations.open(replace(attempt, doubted=now))
        await uow.commit(fence)
    return now


async def resolve(engine: Engine, half: HalfConfiguration, attempt: CreateAttempt, fence: Fence) -> None:
    """Find out which issues of an attempt exist, by key and marker, before anything is created again."""
    now = engine.system.now()
    doubted = await doubt(engine, attempt, fence) if attempt.doubted is None else attempt.doubted
    if now - doubted < LATE_ANSWER:
        raise OutcomeUnknown(
            "the outcome of creating issues is not known yet", retry_after=(LATE_ANSWER - (now - doubted)) / 1000
        )
    if now - doubted >= LONG_IN_DOUBT:
        await report(engine, _outcome_unknown(attempt), fence)
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
        await uow.problems.resolve(_outcome_unknown(attempt).identity)
        await uow.commit(fence)


async def adopt_orphans(engine: Engine, half: HalfConfiguration, fence: Fence) -> None:
    """In a restored installation: pairs whose issue was created in an earlier life get it (rule 24)."""
    found = await orphans(engine, half)
    if not found:
        return
    async with engine.store.unit() as uow:
        waiting = await uow.pairs.creating(half.connector, _ALL)
    adopted = {
        pair.uid: found[pair.remote.id] for pair in waiting if pair.remote is not None and pair.remote.id in found
    }
    if not adopted:
        return
    for uid in adopted:
        await _adopt(engine, half, uid, found, fence)
    async with engine.store.unit() as uow:
        for issue in adopted.values():
            await uow.problems.resolve(unknown_mark(half.connector, issue.ref).identity)
        await uow.commit(fence)


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
    content = content_of(contained)
    if pair is None or content is None or pair.state is not PairState.CREATING or content.issue.id not in found:
        return
    marker, issue = engine.marker(half, content.issue.id, ""), found[content.issue.id]
    birth = give_birth(half, pair, content, marker, frozenset())
    if isinstance(birth, Birth):
        birth = give_birth(half, pair, content, marker, _left_out(birth, issue))
    if isinstance(birth, Birth):
        candidate = Candidate(pair=pair, content=content, told=contained[-1].sequence, birth=birth)
        await all_born(engine, half, [(candidate, Created(ref=issue.ref, at=issue.updated))], fence)


def _left_out(birth: Birth, issue: IssueSnapshot) -> frozenset[FieldId]:
    """Fields that the issue was created without, because Jira had refused them."""
    blank = fingerprint(EMPTY)
    values = {field: fingerprint(issue.values.get(field, EMPTY)) for field in birth.issue.values}
    return frozenset(field for field, value in values.items() if value == blank)


def _outcome_unknown(attempt: CreateAttempt) -> Problem:
    """Told when Jira could not be asked for long; over once it is known what was created."""
    count = len(attempt.pairs)
    return Problem(
        code=Code.CREATE_UNKNOWN,
        connector=attempt.connector,
        occurred_in=None,
        cause=f"Jira's answer to the creation of {count} issue{'s' * (count != 1)} was lost;"
        " they are looked for before anything is created again",
        remedy="See why that Jira can't be asked; then it goes on by itself, and nothing is created twice.",
        holds=Holds(thing=f"attempt {attempt.id}"),
    )
