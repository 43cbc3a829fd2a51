"""Putting a configuration in force: a synchronization is created, or gets a new revision. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backbone.app.declaration.declared import Declared, ResolvedSynchronization, compile_halves
from backbone.app.engine.cursors import catch_up_with_all
from backbone.app.usecases.finding import examine_later
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.renaming import begin_following
from backbone.app.usecases.retrying import retry_name
from backbone.app.usecases.switching import unstarted_name
from backbone.core.model.configuration import HalfConfiguration, StartJql, StartNew
from backbone.core.model.keys import ConnectionName, ConnectorKey, Millis, ProjectId, Revision, Role, SynchronizationKey
from backbone.ports.records import Cursor, KnownProject, Signed, Synchronization
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import ProjectInfo

Halves = tuple[HalfConfiguration, ...]
"""Those that are here: both, or the one whose partner is behind firewalls."""

Places = tuple[tuple[ConnectionName, ProjectId], ...]
"""The Jira and the project of these halves."""


def places_of(halves: Halves) -> Places:
    return tuple((half.jira, half.project) for half in halves)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who publishes, when and why; ``started`` is that moment by the clock of the Jira that is farthest behind."""

    signed: Signed
    started: Millis


def act_of(declared: Declared, signed: Signed) -> Act:
    """What is created from now on is new everywhere, whichever clock is behind."""
    ahead = [one.account.clock - one.account.local for one in declared.connections]
    return Act(signed=signed, started=Millis(signed.at + min([0, *ahead])))


async def create(uow: UnitOfWork, resolved: ResolvedSynchronization, act: Act) -> Synchronization:
    """A synchronization that begins to run at once."""
    one = await _save_new(uow, resolved, act, running=True)
    await catch_up_with_all(uow, await halves_in_force(uow, one))
    for connector in one.connectors:
        await examine_later(uow, connector, act.signed.at)
    return one


async def create_stopped(uow: UnitOfWork, resolved: ResolvedSynchronization, act: Act) -> Synchronization:
    """A synchronization that waits to be started; what is new is newer than that start."""
    one = await _save_new(uow, resolved, act, running=False)
    behind = Millis(act.signed.at - act.started)
    await uow.cursors.save(unstarted_name(one.key), Cursor(watermark=behind))
    return one


async def change(
    uow: UnitOfWork,
    known: Synchronization,
    resolved: ResolvedSynchronization,
    act: Act,
    revision: Revision | None = None,
) -> Synchronization:
    """A new revision, the next one. Every issue is looked at once more: other issues or fields may have to be sent now."""
    one = replace(
        known,
        name=resolved.name,
        description=resolved.description,
        revision=revision or Revision(known.revision + 1),
        document=resolved.document,
        projects=_projects(resolved, known.projects),
        modified=act.signed,
        published=act.signed,
    )
    halves = await compiled_as_before(uow, known, resolved, one.revision, act)
    await put_in_force(uow, known, one, halves, act)
    return one


async def compiled_as_before(
    uow: UnitOfWork, known: Synchronization, resolved: ResolvedSynchronization, revision: Revision, act: Act
) -> Halves:
    """The halves of another revision, reached and begun as those in force are."""
    before = await halves_in_force(uow, known)
    started = first_start(*before) or act.started
    return _compiled(replace(known, revision=revision), _reached_as_before(resolved, before), started)


async def put_in_force(uow: UnitOfWork, known: Synchronization, one: Synchronization, halves: Halves, act: Act) -> None:
    """From now on this one counts, with these halves."""
    await uow.synchronizations.save(one, halves)
    if [project.key for project in one.projects] != [project.key for project in known.projects]:
        await begin_following(uow, one, Cursor(watermark=act.signed.at))
    await catch_up_with_all(uow, halves)
    await uow.cursors.save(retry_name(one.key), Cursor(watermark=act.started))


def require_same_projects(before: Halves, resolved: ResolvedSynchronization) -> None:
    """Raises Mistake: pairs belong to the two projects they were made for."""
    if [was.role for was in before] != [now.role for now in resolved.halves]:
        raise Mistake(
            f"synchronization '{resolved.name}'",
            "which of its halves are here can't be changed, since pairs belong to both",
            "Give the new synchronization another name and stop this one",
        )
    for was, now in zip(before, resolved.halves, strict=True):
        if (was.jira, was.project) != (now.jira, now.project):
            raise Mistake(
                f"synchronization '{resolved.name}'",
                f"its {now.role} side would become another project or connection, to which its pairs do not belong",
                "Give the new synchronization another name and stop this one",
            )


async def halves_in_force(uow: UnitOfWork, one: Synchronization) -> Halves:
    return tuple([await uow.synchronizations.half(connector) for connector in one.connectors])


async def _save_new(uow: UnitOfWork, resolved: ResolvedSynchronization, act: Act, *, running: bool) -> Synchronization:
    key = SynchronizationKey(f"INT-{await uow.synchronizations.next_number()}")
    keys = {
        half.role: ConnectorKey(f"{project.key}-{await uow.synchronizations.next_number()}")
        for half, project in zip(resolved.halves, resolved.projects, strict=True)
    }
    if resolved.here is not None:
        keys[resolved.here.partner] = ConnectorKey(f"PARTNER-{await uow.synchronizations.next_number()}")
    one = Synchronization(
        key=key,
        name=resolved.name,
        description=resolved.description,
        wanted_running=running,
        revision=Revision(1),
        first=keys[Role.FIRST],
        second=keys[Role.SECOND],
        document=resolved.document,
        projects=_projects(resolved, ()),
        created=act.signed,
        modified=act.signed,
        published=act.signed,
        here=resolved.here,
    )
    await uow.synchronizations.save(one, _compiled(one, resolved, act.started))
    return one


def _compiled(one: Synchronization, resolved: ResolvedSynchronization, started: Millis) -> Halves:
    return compile_halves(
        resolved,
        synchronization=one.key,
        connectors=one.connectors,
        revision=one.revision,
        started=started,
    )


def _reached_as_before(resolved: ResolvedSynchronization, before: Halves) -> ResolvedSynchronization:
    """A side that has a connection of its own to the same Jira keeps it; its origin survives a new address."""
    halves = (
        replace(now, connection=was.connection, origin=was.origin) if was.jira == now.jira else now
        for was, now in zip(before, resolved.halves, strict=True)
    )
    return replace(resolved, halves=tuple(halves))


def _projects(resolved: ResolvedSynchronization, known: Sequence[KnownProject]) -> tuple[KnownProject, ...]:
    """How both are called now. Keys that were known stay known."""
    found = []
    for index, project in enumerate(resolved.projects):
        before = known[index] if len(known) > index and known[index].id == project.id else None
        found.append(_called(project, before))
    return tuple(found)


def _called(now: ProjectInfo, before: KnownProject | None) -> KnownProject:
    earlier = (*now.former, *((before.key, *before.former) if before else ()))
    former = tuple(key for key in dict.fromkeys(earlier) if key != now.key)
    return KnownProject(id=now.id, key=now.key, name=now.name, former=former)


def first_start(*halves: HalfConfiguration) -> Millis | None:
    """When a synchronization of new issues was started for the first time."""
    starts = [half.start_with.since for half in halves if isinstance(half.start_with, StartNew | StartJql)]
    return min(starts, default=None)
