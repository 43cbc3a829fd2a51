"""Applying a file: what it declares is created or gets a new revision; what it does not name stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from backbone.app.declaration.declared import Declared, ResolvedSynchronization, identity_of
from backbone.app.declaration.difference import Changed, Created, Outcome, Stored, Unchanged, Undeclared, compare
from backbone.app.declaration.recognizing import known_as
from backbone.app.usecases.own_connections import following, let_files_win
from backbone.app.usecases.publishing import (
    Act,
    Places,
    act_of,
    change,
    create,
    halves_in_force,
    places_of,
    require_same_projects,
)
from backbone.core.model.keys import Millis, Revision, SynchronizationKey
from backbone.ports.records import Signed, StoredConnection, Synchronization
from backbone.ports.store import Store, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of one synchronization; key and revision are absent in a preview of a new one.

    ``replaces`` tells who published the revision that is replaced, and when.
    """

    outcome: Outcome
    name: str
    key: SynchronizationKey | None
    revision: Revision | None
    replaces: Signed | None = None


async def preview(store: Store, declared: Declared) -> tuple[Applied, ...]:
    """What :func:`apply` would do. Raises Mistake for what can't be applied; changes nothing."""
    async with store.unit() as uow:
        return tuple(applied for applied, _ in await compare_declared(uow, await recognized(uow, declared)))


async def apply(store: Store, declared: Declared, file: str, now: Millis, by: str = "backbone") -> tuple[Applied, ...]:
    """Make the file's declaration the one in force, all or nothing. Applying the same file twice changes nothing.

    ``file`` is its absolute path: secrets that it points to are looked for beside it. ``by`` is who applies it.
    """
    act = act_of(declared, Signed(by=by, at=now, why=f"applied {file}"))
    async with store.unit() as uow:
        await _save_connections(uow, declared, file, now)
        declared = await recognized(uow, declared)
        compared = await compare_declared(uow, declared)
        by_identity = {one.identity: one for one in declared.synchronizations}
        done = tuple([await _one(uow, applied, known, by_identity, act) for applied, known in compared])
        await uow.commit()
    return done


async def _save_connections(uow: UnitOfWork, declared: Declared, file: str, now: Millis) -> None:
    known = {one.name: one for one in await uow.synchronizations.connections()}
    stored = []
    for one in declared.connections:
        document = {"declared": dict(one.document), "file": file, "applied": now, "account": one.account.id}
        stored.append(StoredConnection(name=one.name, document=following(known.get(one.name), document)))
        await uow.synchronizations.save_connection(stored[-1])
    await let_files_win(uow, stored)


async def recognized(uow: UnitOfWork, declared: Declared) -> Declared:
    """The declaration with synchronizations known by the keys of their projects recognized under former keys, too."""
    stored = await uow.synchronizations.all()
    taken = {one.identity for one in declared.synchronizations}
    places: dict[Places, list[str]] = {}
    for one in stored:
        identity = identity_of(one.document)
        if not _is_named(one.document) and identity not in taken:
            places.setdefault(places_of(await halves_in_force(uow, one)), []).append(identity)
    known = {identity_of(one.document) for one in stored}
    return replace(declared, synchronizations=tuple(_as_known(one, known, places) for one in declared.synchronizations))


def _as_known(
    one: ResolvedSynchronization, known: Collection[str], places: Mapping[Places, Sequence[str]]
) -> ResolvedSynchronization:
    same = places.get(places_of(one.halves), ())
    if one.identity in known or _is_named(one.document) or len(same) != 1:
        return one
    return known_as(one, same[0])


def _is_named(document: Mapping[str, object]) -> bool:
    return bool(document.get("id") or document.get("name"))


async def compare_declared(uow: UnitOfWork, declared: Declared) -> list[tuple[Applied, Synchronization | None]]:
    """What would become of each synchronization, and what is known of it, locked. Raises Mistake."""
    locked = [await uow.synchronizations.lock(one.key) for one in await uow.synchronizations.all()]
    known = {identity_of(one.document): one for one in locked if one is not None}
    stored = {identity: await _stored(uow, one) for identity, one in known.items()}
    resolved = {one.identity: one for one in declared.synchronizations}
    for identity in resolved.keys() & stored.keys():
        require_same_projects(stored[identity].halves, resolved[identity])
    return [
        (_applied(outcome, known.get(outcome.name), resolved.get(outcome.name)), known.get(outcome.name))
        for outcome in compare(stored, declared.synchronizations)
    ]


def _applied(outcome: Outcome, known: Synchronization | None, resolved: ResolvedSynchronization | None) -> Applied:
    name = resolved.name if resolved else known.name if known else outcome.name
    replaces = known.published if known and isinstance(outcome, Changed) else None
    key, revision = (known.key, known.revision) if known else (None, None)
    return Applied(outcome=outcome, name=name, key=key, revision=revision, replaces=replaces)


async def _stored(uow: UnitOfWork, one: Synchronization) -> Stored:
    halves = await halves_in_force(uow, one)
    return Stored(document=one.document, halves=halves)  # type: ignore[arg-type]  # it was plain JSON when it was saved


async def _one(
    uow: UnitOfWork,
    one: Applied,
    known: Synchronization | None,
    declared: Mapping[str, ResolvedSynchronization],
    act: Act,
) -> Applied:
    match one.outcome:
        case Created(name=identity):
            saved = await create(uow, declared[identity], act)
        case Changed(name=identity):
            assert known is not None, "it was compared a moment ago"
            saved = await change(uow, known, declared[identity], act)
        case Unchanged() | Undeclared():
            return one
        case _:
            assert_never(one.outcome)
    return replace(one, key=saved.key, revision=saved.revision)
