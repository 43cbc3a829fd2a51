"""Projects by the keys that people know them by: the present one and every former one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, ProjectId
from backbone.ports.records import KnownProject, Synchronization
from backbone.ports.store import UnitOfWork

Place = tuple[ConnectionName, ProjectId]


async def projects_named(uow: UnitOfWork, key: str) -> frozenset[Place]:
    """The projects with this key, in every connection by which one is reached; former keys name it as well.

    Case does not matter. A half belongs to it if ``(half.connection, half.project)`` is among them:

        named = await projects_named(uow, project_key)
        mine = [half for half in halves if (half.connection, half.project) in named]
    """
    sides = [side for one in await uow.synchronizations.all() for side in await _sides(uow, one)]
    wanted = {(half.jira, half.project) for half, keys in sides if key.casefold() in keys}
    return frozenset((half.connection, half.project) for half, _ in sides if (half.jira, half.project) in wanted)


async def _sides(uow: UnitOfWork, one: Synchronization) -> list[tuple[HalfConfiguration, frozenset[str]]]:
    halves = [await uow.synchronizations.half(connector) for connector in one.connectors]
    return [(half, _keys(one, half, half.role)) for half in halves]


def _keys(one: Synchronization, half: HalfConfiguration, side: str) -> frozenset[str]:
    """All keys of a half's project; the file's word for it where it was not looked up yet."""
    known = known_project(one, half)
    if known is not None:
        return frozenset(key.casefold() for key in (known.key, *known.former))
    return frozenset(word.casefold() for word in [declared_key(one.document, side)] if word != half.project)


def known_project(one: Synchronization, half: HalfConfiguration) -> KnownProject | None:
    """How the project of one of its halves is called, as far as it was looked up."""
    number = one.connectors.index(half.connector)
    return one.projects[number] if len(one.projects) > number else None


def declared_key(document: Mapping[str, object], side: str) -> str:
    """What the file calls the project of a side."""
    part = document.get(side)
    return str(part.get("project", "")) if isinstance(part, Mapping) else ""


def same_project(one: HalfConfiguration, halves: Sequence[HalfConfiguration]) -> list[HalfConfiguration]:
    """Those of the halves that are of the same project."""
    return [half for half in halves if (half.jira, half.project) == (one.jira, one.project)]
