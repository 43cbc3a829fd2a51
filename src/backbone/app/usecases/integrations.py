"""Which synchronizations a caller sees, each with all that is shown of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backbone.app.access.caller import Caller
from backbone.app.declaration.declared import Json
from backbone.app.usecases.at_work import why_idle
from backbone.app.usecases.choosing import halves_of
from backbone.app.usecases.projects import declared_key, known_project, projects_named
from backbone.app.usecases.standing import Derived, Facts, Handshake, Pending, derive
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import Millis, ProjectKey, Role, SynchronizationKey
from backbone.core.model.problems import Problem
from backbone.core.protocol.channel import Channel, Stage
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import StoredConnection, Synchronization
from backbone.ports.store import UnitOfWork


class ProjectNotNamed(Exception):
    """Who administers projects only has to say of which project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A synchronization with those halves in force that are here, their Jiras, and its status."""

    one: Synchronization
    halves: tuple[HalfConfiguration, ...]
    connections: tuple[StoredConnection | None, ...]
    standing: Derived
    channel: Channel | None = None

    @property
    def document(self) -> Mapping[str, Json]:
        """Its part of the configuration file."""
        return self.one.document  # type: ignore[return-value]  # it was plain JSON when it was saved

    def project_key(self, index: int) -> ProjectKey:
        """The key of the project of one of the halves as it was last seen, else as it was declared."""
        half = self.halves[index]
        known = known_project(self.one, half)
        return known.key if known else ProjectKey(declared_key(self.one.document, half.role))


async def list_integrations(store: AdministrationStore, caller: Caller, project: str | None, now: Millis) -> list[Seen]:
    """Those of the caller, the oldest first; only those of a project if its key or a former one is given.

    Raises ProjectNotNamed.
    """
    if not project and not caller.administrator:
        raise ProjectNotNamed
    async with store.administration() as unit:
        mine = [one for one in await look_at(unit, await unit.synchronizations.all(), now) if caller.sees(one.halves)]
        if not project:
            return mine
        named = await projects_named(unit, project)
        return [one for one in mine if any((half.connection, half.project) in named for half in one.halves)]


async def find_integration(store: AdministrationStore, key: SynchronizationKey, now: Millis) -> Seen | None:
    """One with all that is shown of it, whoever asks."""
    async with store.administration() as unit:
        one = await unit.synchronizations.get(key)
        return (await look_at(unit, [one], now))[0] if one else None


async def look_at(unit: AdministrationUnit, synchronizations: Sequence[Synchronization], now: Millis) -> list[Seen]:
    """All that is shown of these."""
    idle = await why_idle(unit, now)
    connections = {one.name: one for one in await unit.synchronizations.connections()}
    hindrances = await unit.hindrances.all()
    found = []
    for one in synchronizations:
        halves = await halves_of(unit, [one])
        channel = await channel_with(unit, one)
        found.append(
            Seen(
                one=one,
                halves=tuple(halves),
                connections=tuple(connections.get(half.connection) for half in halves),
                standing=derive(facts_of(one, hindrances, channel, idle)),
                channel=channel,
            )
        )
    return found


async def channel_with(uow: UnitOfWork, one: Synchronization) -> Channel | None:
    """What we know of the exchange with the partner who has the other half; None where both halves are here."""
    stored = await uow.channels.get(one.key) if one.here is not None else None
    return stored.channel if stored is not None else None


def facts_of(one: Synchronization, hindrances: Sequence[Problem], channel: Channel | None, idle: str | None) -> Facts:
    """What its status depends on."""
    mine = [problem for problem in hindrances if problem.connector in one.connectors]
    open_yet = one.here is not None and (channel is None or channel.stage is not Stage.KNOWN)
    return Facts(
        wanted_running=one.wanted_running,
        handshake=Handshake.OPEN if open_yet else Handshake.COMPLETE,
        pending=_pending(channel),
        hindrances=mine,
        idle=idle,
    )


def _pending(channel: Channel | None) -> Pending:
    if channel is None or channel.agreement.pending is None:
        return Pending.NONE
    return Pending.AT_PARTNER if channel.role is Role.FIRST else Pending.HERE


def connection_url(stored: StoredConnection | None) -> str | None:
    """Address of a Jira's start page."""
    declared = stored.document.get("declared") if stored else None
    url = declared.get("url") if isinstance(declared, dict) else None
    return url if isinstance(url, str) else None
