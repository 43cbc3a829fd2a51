"""Which synchronizations a caller sees, each with all that is shown of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backbone.app.access.caller import Caller
from backbone.app.declaration.declared import Json
from backbone.app.usecases.choosing import halves_of
from backbone.app.usecases.projects import declared_key, known_project, projects_named
from backbone.app.usecases.standing import Derived, Facts, derive
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ProjectKey, SynchronizationKey
from backbone.core.model.problems import Problem
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import StoredConnection, Synchronization


class ProjectNotNamed(Exception):
    """Who administers projects only has to say of which project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A synchronization with its halves in force, the Jiras of both, and its status."""

    one: Synchronization
    halves: tuple[HalfConfiguration, HalfConfiguration]
    connections: tuple[StoredConnection | None, StoredConnection | None]
    standing: Derived

    @property
    def document(self) -> Mapping[str, Json]:
        """Its part of the configuration file."""
        return self.one.document  # type: ignore[return-value]  # it was plain JSON when it was saved

    def project_key(self, index: int) -> ProjectKey:
        """The key of the first (0) or second (1) project as it was last seen, else as it was declared."""
        half = self.halves[index]
        known = known_project(self.one, half)
        return known.key if known else ProjectKey(declared_key(self.one.document, half.role))


async def list_integrations(store: AdministrationStore, caller: Caller, project: str | None) -> list[Seen]:
    """Those of the caller, the oldest first; only those of a project if its key or a former one is given.

    Raises ProjectNotNamed.
    """
    if not project and not caller.administrator:
        raise ProjectNotNamed
    async with store.administration() as unit:
        mine = [one for one in await look_at(unit, await unit.synchronizations.all()) if caller.sees(one.halves)]
        if not project:
            return mine
        named = await projects_named(unit, project)
        return [one for one in mine if any((half.connection, half.project) in named for half in one.halves)]


async def find_integration(store: AdministrationStore, key: SynchronizationKey) -> Seen | None:
    """One with all that is shown of it, whoever asks."""
    async with store.administration() as unit:
        one = await unit.synchronizations.get(key)
        return (await look_at(unit, [one]))[0] if one else None


async def look_at(unit: AdministrationUnit, synchronizations: Sequence[Synchronization]) -> list[Seen]:
    """All that is shown of these."""
    connections = {one.name: one for one in await unit.synchronizations.connections()}
    hindrances = await unit.hindrances.all()
    found = []
    for one in synchronizations:
        first, second = await halves_of(unit, [one])
        found.append(
            Seen(
                one=one,
                halves=(first, second),
                connections=(connections.get(first.connection), connections.get(second.connection)),
                standing=derive(facts_of(one, hindrances)),
            )
        )
    return found


def facts_of(one: Synchronization, hindrances: Sequence[Problem]) -> Facts:
    """What its status depends on."""
    mine = [problem for problem in hindrances if problem.connector in one.connectors]
    return Facts(wanted_running=one.wanted_running, hindrances=mine)


def connection_url(stored: StoredConnection | None) -> str | None:
    """Address of a Jira's start page."""
    declared = stored.document.get("declared") if stored else None
    url = declared.get("url") if isinstance(declared, dict) else None
    return url if isinstance(url, str) else None
