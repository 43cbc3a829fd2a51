"""Continuous analysis: whether connections, configurations and queues are as they have to be.

What is found becomes a problem of its own code, and ends when it is not found any more. Queues are looked at often,
since that asks the database only; the Jiras are asked once an hour. What keeps them from answering the engine tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backbone.app.declaration.findings import DeclarationError
from backbone.app.declaration.resolve import resolve
from backbone.app.engine.context import Engine
from backbone.app.engine.handing import synchronization_of
from backbone.app.engine.startconflict import reconsider
from backbone.app.usecases.choosing import connections_of, halves_of
from backbone.app.usecases.examining import clock_findings, permission_findings
from backbone.app.usecases.examining_screens import screen_findings
from backbone.app.usecases.examining_workflows import workflow_findings
from backbone.app.usecases.finding import EVERY, Examined, analysed_name
from backbone.app.usecases.troubleshooting.doctor import stored_declaration
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import Millis, Role
from backbone.core.model.problems import Code, Holds, Problem
from backbone.ports.records import Cursor
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import TrackerError

TOO_LONG = 15 * 60_000
"""Milliseconds after which a message that waits, or a turn that nobody begins, is told."""

_EXAMINED = (
    Code.CLOCK_SKEWED,
    Code.PERMISSION_NEEDED,
    Code.NAME_UNMATCHED,
    Code.SCREEN_LACKS_FIELD,
    Code.WORKFLOW_GAP,
)
_QUEUES = (Code.MESSAGES_WAITING, Code.TURNS_STALLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Something that a person should know, and the code under which it is told."""

    code: Code
    cause: str
    cure: str


async def analyse(engine: Engine, half: HalfConfiguration) -> None:
    """Look at the queue of a connector, and at its Jira if that is due."""
    now = engine.system.now()
    async with engine.store.unit() as uow:
        last = await uow.cursors.get(analysed_name(half.connector))
        await _replace(uow, half, _QUEUES, await _queue(uow, half, now), now)
        await uow.commit()
    await reconsider(engine, {half.connector})
    if last is None or now - last.watermark >= EVERY:
        await examine_now(engine, half)


async def examine_now(engine: Engine, half: HalfConfiguration) -> None:
    """Ask the Jira of a connector whether all is as the configuration needs it, and tell what is not."""
    try:
        found = await _examined(engine, half)
    except TrackerError:
        return  # that it does not answer is told by whoever looks at it; it is asked again with the next tick
    now = engine.system.now()
    async with engine.store.unit() as uow:
        await _replace(uow, half, _EXAMINED, found, now)
        await uow.cursors.save(analysed_name(half.connector), Cursor(watermark=now))
        await uow.commit()


async def _examined(engine: Engine, half: HalfConfiguration) -> list[_Found]:
    tracker, place = engine.tracker(half), str(half.connector)
    account = await tracker.account()
    granted = await tracker.permissions(half.project)
    found = list(_told(Code.CLOCK_SKEWED, clock_findings(half.connection, account)))
    found += _told(Code.PERMISSION_NEEDED, permission_findings(place, half, granted, account))
    found += _told(Code.SCREEN_LACKS_FIELD, _serious(await screen_findings(place, half, tracker, granted)))
    found += _told(Code.WORKFLOW_GAP, _serious(await workflow_findings(place, half, tracker)))
    return found + (await _unmatched(engine, half) if half.role is Role.FIRST else [])


async def _unmatched(engine: Engine, half: HalfConfiguration) -> list[_Found]:
    """Names that are not found any more; asked for both sides at once, and told of the first."""
    async with engine.store.unit() as uow:
        one = await synchronization_of(uow, half)
        names = connections_of(await halves_of(uow, [one]))
        if not one.document:
            return []
        declaration = await stored_declaration(uow, one)
    try:
        await resolve(declaration, {name: engine.trackers[name] for name in names})
    except DeclarationError as error:
        return [
            _Found(code=Code.NAME_UNMATCHED, cause=f"{wrong.path}: {wrong.message}", cure=wrong.cure)
            for wrong in error.findings
        ]
    return []


def _serious(findings: Sequence[Examined]) -> Iterator[Examined]:
    return (one for one in findings if one.serious)


def _told(code: Code, findings: Iterable[Examined]) -> Iterator[_Found]:
    return (_Found(code=code, cause=one.finding, cure=one.cure) for one in findings)


async def _replace(
    uow: UnitOfWork, half: HalfConfiguration, codes: Sequence[Code], found: Sequence[_Found], now: Millis
) -> None:
    """Tell what was found, and end what was not found again."""
    problems = [_problem(half, one) for one in found]
    present = {one.identity for one in problems}
    for code in codes:
        for known in await uow.problems.of_code(code):
            if known.problem.connector == half.connector and known.problem.identity not in present:
                await uow.problems.resolve(known.problem.identity)
    for problem in problems:
        await uow.problems.report(problem, now)


def _problem(half: HalfConfiguration, found: _Found) -> Problem:
    thing = "" if found.code in _QUEUES else found.cause
    return Problem(
        code=found.code,
        connector=half.connector,
        occurred_in=None,
        cause=found.cause,
        remedy=found.cure,
        holds=Holds(thing=thing if found.code is not Code.CLOCK_SKEWED else ""),
    )


async def _queue(uow: UnitOfWork, half: HalfConfiguration, now: Millis) -> list[_Found]:
    found = []
    oldest, due = await uow.inbox.oldest(half.connector), await uow.turns.due_since(half.connector)
    if oldest is not None and now - oldest >= TOO_LONG:
        count, minutes = await uow.inbox.waiting(half.connector), (now - oldest) // 60_000
        cause = f"{count} messages wait to be applied, the oldest for {minutes} minutes"
        cure = "Look at the other problems first, then at the rate limit of this Jira; a backlog needs its time."
        found.append(_Found(code=Code.MESSAGES_WAITING, cause=cause, cure=cure))
    if due is not None and now - due >= TOO_LONG:
        cause = f"work is due for {(now - due) // 60_000} minutes, and nobody has begun it"
        cure = "Run more workers, or raise BACKBONE_CONCURRENCY."
        found.append(_Found(code=Code.TURNS_STALLED, cause=cause, cure=cure))
    return found
