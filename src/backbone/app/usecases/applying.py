"""Applying a file: what it declares is created or gets a new revision; what it does not name stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import assert_never

from backbone.app.access.caller import Caller
from backbone.app.channel.settings import folder_of
from backbone.app.declaration.declared import Declared, Json, ResolvedSynchronization, identity_of, named_by_its_keys
from backbone.app.declaration.difference import (
    Change,
    Changed,
    Created,
    Outcome,
    Stored,
    Unchanged,
    Undeclared,
    compare,
)
from backbone.app.declaration.recognizing import known_as
from backbone.app.declaration.rooted import rooted_synchronization
from backbone.app.usecases.agreeing import proposed_form, was_declined_first
from backbone.app.usecases.declared_connections import save_connections
from backbone.app.usecases.mistakes import Mistake
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
from backbone.app.usecases.publishing_to_partner import Publishing, change_half, create_half, holding, published
from backbone.app.usecases.recording import BACKBONE, Seen, entries_of_apply
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import Millis, Revision, Role, SynchronizationKey
from backbone.core.protocol.handshake import is_open
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Signed, Synchronization
from backbone.ports.store import Fence, Store, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of one synchronization; key and revision are absent in a preview of a new one.

    ``replaces`` tells who published the revision that is replaced, and when. ``waits`` tells that it counts once a
    partner behind firewalls takes it over.
    """

    outcome: Outcome
    name: str
    key: SynchronizationKey | None
    revision: Revision | None
    replaces: Signed | None = None
    waits: bool = False


async def preview(store: Store, declared: Declared, message: str = "") -> tuple[Applied, ...]:
    """What :func:`apply` would do. Raises Mistake for what can't be applied; changes nothing."""
    async with store.unit() as uow:
        return tuple(applied for applied, _ in await compare_declared(uow, await recognized(uow, declared), message))


async def apply(
    store: Store,
    declared: Declared,
    file: str,
    now: Millis,
    by: Caller = BACKBONE,
    *,
    publishing: Publishing | None = None,
) -> tuple[Applied, ...]:
    """Make the file's declaration the one in force, all or nothing. Applying the same file twice changes nothing.

    ``file`` is its absolute path: secrets that it points to are looked for beside it. ``by`` is who applies it.
    ``publishing`` is needed for synchronizations with partners behind firewalls.
    """
    act = act_of(declared, Signed(by=by.shown, at=now, why=f"applied {file}"))
    async with AsyncExitStack() as ends:
        fences: tuple[Fence, ...] = ()
        if publishing is not None:
            channels = await _channels_of(store, declared)
            fences = await ends.enter_async_context(holding(store, publishing.system, channels))
            await ends.enter_async_context(publishing.all_or_nothing())
            await _prepare(store, declared, publishing)
        uow = await ends.enter_async_context(store.unit())
        await save_connections(uow, declared, file, now, by)
        await uow.synchronizations.hold_new()
        declared = await recognized(uow, declared)
        compared = await compare_declared(uow, declared, publishing.message if publishing is not None else "")
        by_identity = {one.identity: one for one in declared.synchronizations}
        done = tuple([await _one(uow, each, by_identity, _Applying(by, act, publishing)) for each in compared])
        if publishing is not None:
            publishing.require_made({one.outcome.name for one in done if isinstance(one.outcome, Created)})
        await uow.commit(*fences)
    return done


async def _prepare(store: Store, declared: Declared, publishing: Publishing) -> None:
    """Ask servers and directories before the transaction, so that nobody waits for them who needs the database."""
    with_partners = [one for one in declared.synchronizations if one.here is not None]
    if not with_partners:
        return
    async with store.unit() as uow:
        compared = await compare_declared(uow, await recognized(uow, declared), publishing.message)
        changing = [(one, known) for one, known in compared if isinstance(one.outcome, Created | Changed)]
        seen = {one.outcome.name: await _seen(uow, known) for one, known in changing}
    for one in with_partners:
        if one.identity in seen:
            await publishing.prepare(one, seen[one.identity].one, seen[one.identity].stored)


async def _channels_of(store: Store, declared: Declared) -> list[SynchronizationKey]:
    """The synchronizations with partners behind firewalls that the file declares and that are known."""
    identities = {one.identity for one in declared.synchronizations if one.here is not None}
    async with store.unit() as uow:
        known = await uow.synchronizations.all()
    return [one.key for one in known if one.here is not None and identity_of(one.document) in identities]


async def published_for(store: Store) -> dict[str, Exchange]:
    """What masters published for slaves that are here, by the identities of the synchronizations."""
    async with store.unit() as uow:
        found = await published(uow)
        known = await uow.synchronizations.all()
    return {identity_of(one.document): found[one.key].exchange for one in known if one.key in found}


async def recognized(uow: UnitOfWork, declared: Declared) -> Declared:
    """The declaration with synchronizations known by the keys of their projects recognized under former keys, too."""
    stored = await uow.synchronizations.all()
    taken = {one.identity for one in declared.synchronizations}
    places: dict[Places, list[str]] = {}
    for one in stored:
        identity = identity_of(one.document)
        if named_by_its_keys(one.document) and identity not in taken:
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


async def compare_declared(
    uow: UnitOfWork, declared: Declared, message: str = ""
) -> list[tuple[Applied, Synchronization | None]]:
    """What would become of each synchronization, and what is known of it, locked. Raises Mistake.

    ``message`` is what partners are told; without one, a first configuration that was declined is not proposed again.
    """
    locked = [await uow.synchronizations.lock(one.key) for one in await uow.synchronizations.all()]
    known = {identity_of(one.document): one for one in locked if one is not None}
    stored = {identity: await stored_form(uow, one) for identity, one in known.items()}
    resolved = {one.identity: one for one in declared.synchronizations}
    for identity in resolved.keys() & stored.keys():
        require_same_projects(stored[identity].halves, resolved[identity])
    besides = {identity: await _besides(uow, one, message) for identity, one in known.items()}
    return [
        (_applied(outcome, known.get(outcome.name), resolved.get(outcome.name)), known.get(outcome.name))
        for outcome in (_with_change(one, besides.get(one.name)) for one in compare(stored, declared.synchronizations))
    ]


async def _besides(uow: UnitOfWork, one: Synchronization, message: str) -> Change | None:
    """What applying the file does between both partners, be the file another one or not."""
    stored = await uow.channels.get(one.key) if one.here is not None else None
    if stored is None:
        return None
    pending = stored.channel.agreement.pending
    if one.here is Role.SECOND and pending is not None:
        return Change(about="the master's publication", before=None, after=f"revision {pending.revision} is taken over")
    if one.here is Role.FIRST and message and was_declined_first(stored.channel):
        return Change(about="what the partner declined", before=None, after="is proposed once more")
    return None


def _with_change(outcome: Outcome, besides: Change | None) -> Outcome:
    if besides is None or not isinstance(outcome, Changed | Unchanged):
        return outcome
    return Changed(outcome.name, (besides, *(outcome.changes if isinstance(outcome, Changed) else ())))


def _applied(outcome: Outcome, known: Synchronization | None, resolved: ResolvedSynchronization | None) -> Applied:
    name = resolved.name if resolved else known.name if known else outcome.name
    replaces = known.published if known and isinstance(outcome, Changed) else None
    key, revision = (known.key, known.revision) if known else (None, None)
    return Applied(outcome=outcome, name=name, key=key, revision=revision, replaces=replaces)


async def stored_form(uow: UnitOfWork, one: Synchronization) -> Stored:
    """What a file is compared with: what is in force, or what waits for a partner to agree."""
    channel = await uow.channels.get(one.key) if one.here is not None else None
    proposal = channel.channel.proposal if channel is not None else None
    halves = await halves_in_force(uow, one)
    if proposal is not None and proposal.publication.revision > one.revision:
        revision = proposal.publication.revision
        halves = tuple([await uow.synchronizations.half(connector, revision) for connector in one.connectors])
        one = proposed_form(one, proposal)
    return Stored(document=rooted(one, channel), halves=halves)


def rooted(one: Synchronization, channel: StoredChannel | None) -> dict[str, Json]:
    """Its part of a file. Relative paths of a channel's begin where they began when it was set up or changed."""
    document: dict[str, Json] = dict(one.document)  # type: ignore[arg-type]  # it was plain JSON when it was saved
    return document if channel is None else rooted_synchronization(document, folder_of(channel))


@dataclass(frozen=True, slots=True)
class _Applying:
    """Who applies a file, and with what."""

    by: Caller
    act: Act
    publishing: Publishing | None


async def _seen(uow: UnitOfWork, one: Synchronization | None) -> Seen:
    stored = await uow.channels.get(one.key) if one is not None and one.here is not None else None
    return Seen(one=one, stored=stored)


async def _one(
    uow: UnitOfWork,
    compared: tuple[Applied, Synchronization | None],
    declared: Mapping[str, ResolvedSynchronization],
    applying: _Applying,
) -> Applied:
    one, known = compared
    act, publishing, before = applying.act, applying.publishing, await _seen(uow, known)
    match one.outcome:
        case Created(name=identity):
            saved = await _create(uow, declared[identity], act, publishing)
        case Changed(name=identity):
            assert known is not None, "it was compared a moment ago"
            saved = await _change(uow, known, declared[identity], act, publishing)
        case Unchanged() | Undeclared():
            return one
        case _:
            assert_never(one.outcome)
    after = await _seen(uow, saved)
    for entry in entries_of_apply(applying.by, act.signed.at, act.signed.why, before, after):
        await uow.audit.write(entry)
    return replace(one, key=saved.key, revision=saved.revision, waits=_waits(before, after))


def _waits(before: Seen, after: Seen) -> bool:
    """Whether the master asks its partner: for what is not in force yet, or anew where nothing was agreed ever."""
    if before.one is None or after.one is None or after.one.here is not Role.FIRST:
        return False
    return after.one.revision == before.one.revision or _asks_anew(before, after)


def _asks_anew(before: Seen, after: Seen) -> bool:
    was, now = (one.stored.channel if one.stored is not None else None for one in (before, after))
    if now is None or now.proposal is None or not is_open(now):
        return False
    return was is None or was.proposal is None or was.proposal.publication != now.proposal.publication


async def _create(
    uow: UnitOfWork, resolved: ResolvedSynchronization, act: Act, publishing: Publishing | None
) -> Synchronization:
    if resolved.here is None:
        return await create(uow, resolved, act)
    return await create_half(uow, resolved, act, _able(resolved, publishing))


async def _change(
    uow: UnitOfWork, known: Synchronization, resolved: ResolvedSynchronization, act: Act, publishing: Publishing | None
) -> Synchronization:
    if resolved.here is None:
        return await change(uow, known, resolved, act)
    return await change_half(uow, known, resolved, act, _able(resolved, publishing))


def _able(resolved: ResolvedSynchronization, publishing: Publishing | None) -> Publishing:
    if publishing is None:
        cure = "Write it into a file and run 'backbone apply FILE'"
        raise Mistake(f"synchronization '{resolved.name}'", "a channel to a partner can't be set up this way", cure)
    return publishing
