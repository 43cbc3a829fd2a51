"""A project that got another key in Jira: nothing stops, since its id identifies it, and what shows its keys follows.

Jira tells nobody of a rename and does not touch the issues, so each project is asked for its key every so often. Then
the keys of all pairs are brought up to date, pair by pair under its lock, and where a correlation field shows the key of
the partner's issue it is written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from backbone.app.engine.context import Engine, lock_of
from backbone.app.engine.guarded import guarded_at
from backbone.app.engine.handing import partner_half
from backbone.app.usecases.projects import declared_key, known_project
from backbone.app.usecases.retrying import retry_name
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, IssueId, PairUid, ProjectKey, SynchronizationKey
from backbone.core.model.pair import Pair
from backbone.core.protocol.parcels import Renamed
from backbone.core.sync.renaming import Called
from backbone.ports.records import ApplyTurn, Cursor, KnownProject, Synchronization
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import ProjectInfo

AT_ONCE = 2000
"""So many pairs of a connector are brought up to date in one go."""


def renamed_name(connector: ConnectorKey) -> str:
    """The cursor that tells that keys in pairs of a connector may be former ones."""
    return f"renamed:{connector}"


def untold_name(key: SynchronizationKey) -> str:
    """The cursor that remembers former keys of our project that a partner elsewhere knows it by, as its edge."""
    return f"rename-untold:{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """How both projects are called from the point of view of a half, whether it runs, and what asked for it."""

    local: Called
    remote: Called
    running: bool
    due: Cursor


async def keep_names(engine: Engine, halves: Sequence[HalfConfiguration]) -> None:
    """Ask for every project's key, and go on with what a rename left to do."""
    asked = {(half.jira, half.project): half for half in halves}
    for half in asked.values():
        await guarded_at(engine, half, "project", partial(notice, engine, half))
    for half in halves:
        await guarded_at(engine, half, "project", partial(follow, engine, half.connector))


async def notice(engine: Engine, half: HalfConfiguration) -> KnownProject | None:
    """Ask Jira how a half's project is called and remember it; None if it is not shown to us. Raises TrackerError."""
    found = await engine.tracker(half).project(half.project)
    if found is None or found.id != half.project:
        return None
    async with engine.store.unit() as uow:
        known = await learn(uow, half, found, Cursor(watermark=engine.system.now()))
        await uow.commit()
    return known


async def learn(uow: UnitOfWork, half: HalfConfiguration, found: ProjectInfo, due: Cursor) -> KnownProject:
    """Remember how a project is called, in every synchronization that is of it; the caller commits."""
    learnt = KnownProject(id=found.id, key=found.key, name=found.name, former=found.former)
    for one in await uow.synchronizations.all():
        sides = [await uow.synchronizations.half(connector) for connector in one.connectors]
        projects = [_known(one, side) for side in sides]
        for number, side in enumerate(sides):
            if (side.jira, side.project) == (half.jira, half.project):
                before = projects[number]
                projects[number] = _renamed(before, found)
                learnt = projects[number] if side.connector == half.connector else learnt
                if before.key != found.key:
                    await begin_following(uow, one, due)
                    await _have_partner_told(uow, one, before.key, due)
        if tuple(projects) != one.projects:
            await uow.synchronizations.save_projects(one.key, projects)
    return learnt


async def _have_partner_told(uow: UnitOfWork, one: Synchronization, former: ProjectKey, due: Cursor) -> None:
    """A partner elsewhere learns of it by the channel, whose next step takes this up."""
    if one.here is None:
        return
    name = untold_name(one.key)
    known = await uow.cursors.get(name)
    edge = {**(known.edge if known is not None else {}), IssueId(former): due.watermark}
    await uow.cursors.save(name, replace(due, edge=edge))


async def untold_renames(uow: UnitOfWork, key: SynchronizationKey) -> Sequence[Renamed]:
    """What the partner elsewhere has to be told of our project's new key, once: the caller commits that it was told."""
    name = untold_name(key)
    due, one = await uow.cursors.get(name), await uow.synchronizations.get(key)
    if due is None or one is None:
        return ()
    half = await uow.synchronizations.half(one.connectors[0])
    await uow.cursors.remove(name)
    present = _known(one, half).key
    formers = [ProjectKey(former) for former in due.edge]
    return [Renamed(project=present, former=former) for former in formers if former != present]


def _known(one: Synchronization, half: HalfConfiguration) -> KnownProject:
    known = known_project(one, half)
    declared = declared_key(one.document, half.role)
    return known or KnownProject(id=half.project, key=ProjectKey(declared or half.project), name="")


def _renamed(before: KnownProject, found: ProjectInfo) -> KnownProject:
    """Former keys stay known, also those that Jira forgets. A file may have named the project by its id."""
    former = dict.fromkeys([*found.former, before.key, *before.former])
    kept = tuple(key for key in former if key not in (found.key, found.id))
    return KnownProject(id=found.id, key=found.key, name=found.name, former=kept)


async def begin_following(uow: UnitOfWork, one: Synchronization, due: Cursor) -> None:
    """Keys in its pairs may be former ones: they are brought up to date from now on. The caller commits."""
    for connector in one.connectors:
        await uow.cursors.save(renamed_name(connector), due)


async def follow(engine: Engine, connector: ConnectorKey, limit: int = AT_ONCE) -> bool:
    """Bring keys of a connector's pairs up to date after a rename; whether nothing is left to do.

    Pairs that somebody works on are left for the next time.
    """
    name = renamed_name(connector)
    async with engine.store.unit() as uow:
        due = await uow.cursors.get(name)
        if due is None:
            return True
        half = await uow.synchronizations.half(connector)
        names = await _names(uow, half, due)
        stale = [pair.uid async for pair in uow.pairs.all(connector) if _called_now(pair, names) != pair]
    done = [await _follow_one(engine, half, uid, names) for uid in stale[:limit]]
    if not all(done) or len(stale) > limit:
        return False
    async with engine.store.unit() as uow:
        await uow.cursors.advance(name, due, None)
        await uow.commit()
    return True


async def _names(uow: UnitOfWork, half: HalfConfiguration, due: Cursor) -> _Names:
    one = await uow.synchronizations.get(half.synchronization)
    if one is None:
        raise LookupError(f"synchronization {half.synchronization} is gone")
    local = _known(one, half)
    return _Names(
        local=Called(key=local.key, former=frozenset(local.former)),
        remote=await _partner_called(uow, one, half),
        running=one.wanted_running,
        due=due,
    )


async def _partner_called(uow: UnitOfWork, one: Synchronization, half: HalfConfiguration) -> Called:
    """How the partner's project is called; of one elsewhere we know what it told."""
    partner = await partner_half(uow, half)
    if partner is not None:
        remote = _known(one, partner)
        return Called(key=remote.key, former=frozenset(remote.former))
    stored = await uow.channels.get(one.key)
    present, *former = (stored.channel.partner_project if stored is not None else ()) or (ProjectKey(""),)
    return Called(key=present, former=frozenset(former))


def _called_now(pair: Pair, names: _Names) -> Pair:
    return replace(pair, local=names.local.now(pair.local), remote=names.remote.now(pair.remote))


async def _follow_one(engine: Engine, half: HalfConfiguration, uid: PairUid, names: _Names) -> bool:
    async with engine.store.unit() as uow:
        seen = await uow.pairs.get(half.connector, uid)
    if seen is None:
        return True
    name = lock_of(half, seen.local, uid)
    async with engine.store.hold(name) as fence:
        if fence is None:
            return False
        async with engine.store.unit() as uow:
            pair = await uow.pairs.get(half.connector, uid)
            if pair is None:
                return True
            if lock_of(half, pair.local, uid) != name:
                return False
            await _save(uow, half, pair, names)
            await uow.commit(fence, lasting=False)
    return True


async def _save(uow: UnitOfWork, half: HalfConfiguration, pair: Pair, names: _Names) -> None:
    """Save the pair with present keys; who shows the partner's writes it in the pair's own turn, or when started."""
    called = _called_now(pair, names)
    shown = half.correlation_field is not None and pair.local is not None and called.remote != pair.remote
    await uow.pairs.save(replace(called, unshown=called.unshown or shown))
    if shown and names.running:
        await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid))
    elif shown:
        await uow.cursors.save(retry_name(half.synchronization), names.due)
