"""Applying a file: what it declares is created or gets a new revision; what it does not name stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from backbone.app.declaration.declared import Declared, ResolvedSynchronization, compile_halves
from backbone.app.declaration.difference import Changed, Created, Outcome, Stored, Unchanged, Undeclared, compare
from backbone.app.engine.cursors import catch_up_name, first_instant
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.retrying import retry_name
from backbone.core.model.configuration import HalfConfiguration, StartJql, StartNew
from backbone.core.model.keys import ConnectorKey, Millis, Revision, SynchronizationKey
from backbone.ports.records import Cursor, StoredConnection, Synchronization
from backbone.ports.store import Store, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of one synchronization; key and revision are absent in a preview of a new one."""

    outcome: Outcome
    key: SynchronizationKey | None
    revision: Revision | None


async def preview(store: Store, declared: Declared) -> tuple[Applied, ...]:
    """What :func:`apply` would do. Raises Mistake for what can't be applied; changes nothing."""
    async with store.unit() as uow:
        return await _compared(uow, declared)


async def apply(store: Store, declared: Declared, file: str, now: Millis) -> tuple[Applied, ...]:
    """Make the file's declaration the one in force, all or nothing. Applying the same file twice changes nothing.

    ``file`` is its absolute path: secrets that it points to are looked for beside it.
    """
    async with store.unit() as uow:
        compared = await _compared(uow, declared)
        for connection in declared.connections:
            document = {"declared": dict(connection.document), "file": file, "applied": now}
            await uow.synchronizations.save_connection(StoredConnection(name=connection.name, document=document))
        by_name = {one.name: one for one in declared.synchronizations}
        done = tuple([await _one(uow, one, by_name, _started(declared, now)) for one in compared])
        await uow.commit()
    return done


async def _compared(uow: UnitOfWork, declared: Declared) -> tuple[Applied, ...]:
    known = {one.name: one for one in await uow.synchronizations.all()}
    stored = {name: await _stored(uow, one) for name, one in known.items()}
    for resolved in declared.synchronizations:
        if resolved.name in stored:
            _require_same_projects(stored[resolved.name], resolved)
    outcomes = compare(stored, declared.synchronizations)
    found = [(outcome, known.get(outcome.name)) for outcome in outcomes]
    return tuple(
        Applied(outcome=outcome, key=one.key if one else None, revision=one.revision if one else None)
        for outcome, one in found
    )


async def _stored(uow: UnitOfWork, one: Synchronization) -> Stored:
    return Stored(
        document=one.document,  # type: ignore[arg-type]  # it was plain JSON when it was saved
        first=await uow.synchronizations.half(one.first),
        second=await uow.synchronizations.half(one.second),
    )


def _require_same_projects(stored: Stored, resolved: ResolvedSynchronization) -> None:
    """Pairs belong to the two projects they were made for."""
    for side, was, now in (("first", stored.first, resolved.first), ("second", stored.second, resolved.second)):
        if (was.connection, was.project) != (now.connection, now.project):
            raise Mistake(
                f"synchronization '{resolved.name}'",
                f"its {side} side would become another project or connection, to which its pairs do not belong",
                "Give the new synchronization another name and stop this one",
            )


async def _one(
    uow: UnitOfWork, one: Applied, declared: Mapping[str, ResolvedSynchronization], started: Millis
) -> Applied:
    match one.outcome:
        case Created(name=name):
            saved = await _create(uow, declared[name], started)
        case Changed(name=name):
            saved = await _change(uow, declared[name], started)
        case Unchanged() | Undeclared():
            return one
        case _:
            assert_never(one.outcome)
    return replace(one, key=saved.key, revision=saved.revision)


async def _create(uow: UnitOfWork, resolved: ResolvedSynchronization, started: Millis) -> Synchronization:
    key = SynchronizationKey(f"INT-{await uow.synchronizations.next_number()}")
    keys = [ConnectorKey(f"{one.key}-{await uow.synchronizations.next_number()}") for one in resolved.projects]
    one = Synchronization(
        key=key,
        name=resolved.name,
        description=resolved.description,
        wanted_running=True,
        revision=Revision(1),
        first=keys[0],
        second=keys[1],
        document=resolved.document,
    )
    connectors = (one.first, one.second)
    halves = compile_halves(
        resolved, synchronization=key, connectors=connectors, revision=one.revision, started=started
    )
    await uow.synchronizations.save(one, halves)
    await _catch_up(uow, halves)
    return one


async def _change(uow: UnitOfWork, resolved: ResolvedSynchronization, started: Millis) -> Synchronization:
    """A new revision. Every issue is looked at once more, since other issues or fields may have to be sent now."""
    known = await uow.synchronizations.by_name(resolved.name)
    assert known is not None, "it was compared a moment ago"
    first = await uow.synchronizations.half(known.first)
    second = await uow.synchronizations.half(known.second)
    one = replace(
        known,
        description=resolved.description,
        revision=Revision(known.revision + 1),
        document=resolved.document,
    )
    halves = compile_halves(
        resolved,
        synchronization=one.key,
        connectors=(one.first, one.second),
        revision=one.revision,
        started=_first_start(first, second) or started,
    )
    await uow.synchronizations.save(one, halves)
    await _catch_up(uow, halves)
    await uow.cursors.save(retry_name(one.key), Cursor(watermark=started))
    return one


def _first_start(*halves: HalfConfiguration) -> Millis | None:
    """When a synchronization of new issues was started for the first time."""
    starts = [half.start_with.since for half in halves if isinstance(half.start_with, StartNew | StartJql)]
    return min(starts, default=None)


async def _catch_up(uow: UnitOfWork, halves: Sequence[HalfConfiguration]) -> None:
    for half in halves:
        await uow.cursors.save(catch_up_name(half.connector), Cursor(watermark=first_instant(half)))


def _started(declared: Declared, now: Millis) -> Millis:
    """The present moment by the clock that is farthest behind: what is created from now on is new everywhere."""
    ahead = [one.account.clock - one.account.local for one in declared.connections]
    return Millis(now + min([0, *ahead]))
