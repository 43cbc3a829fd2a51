"""The key of a connector's project, for scripts that ask whether it has to be changed, and change it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress

from backbone.app.engine.context import Engine
from backbone.app.usecases.contradictions import Contradicted, JiraAway
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.projects import declared_key, known_project
from backbone.app.usecases.renaming import follow, notice
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, ProjectKey
from backbone.ports.records import KnownProject
from backbone.ports.tracker import ProjectInfo, TrackerError

PATIENCE = 10.0
"""Seconds that Jira has to tell a project's key; then the one that is known counts."""

_KEY = re.compile(r"\w+", re.ASCII)


async def project_key(engine: Engine, connector: ConnectorKey) -> ProjectKey:
    """The key that the connector's project has in Jira now; the one known last if Jira can't be asked."""
    half, known = await _known(engine, connector)
    with suppress(TrackerError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            known = await notice(engine, half) or known
    return known.key


async def take_key(engine: Engine, connector: ConnectorKey, key: str) -> ProjectKey:
    """Take over the key that the connector's project got in Jira; the key that it has now.

    A rename is noticed without being told, so this makes sure that it was. Raises Mistake for what is no key,
    Contradicted for the key of another project, and JiraAway when it can't be told which one it is.
    """
    if _KEY.fullmatch(key) is None:
        raise Mistake("newProjectKey", f"{key!r} is no key of a project", "Give the capitals before an issue's number")
    half, known = await _known(engine, connector)
    try:
        async with asyncio.timeout(PATIENCE):
            known = await notice(engine, half) or known
            if not _has(known, key):
                _require_same(half, known, key, await engine.tracker(half).project(key))
    except (TrackerError, TimeoutError) as error:
        if not _has(known, key):
            cure = "Try again when this Jira can be reached with the account of the connection."
            raise JiraAway(f"Jira can't be asked whose key {key} is: {_words(error)}.", cure) from error
    for each in await _connectors(engine, half):
        await follow(engine, each)
    return known.key


async def _known(engine: Engine, connector: ConnectorKey) -> tuple[HalfConfiguration, KnownProject]:
    async with engine.store.unit() as uow:
        half = await uow.synchronizations.half(connector)
        one = await uow.synchronizations.get(half.synchronization)
    if one is None:
        raise LookupError(f"synchronization {half.synchronization} is gone")
    declared = ProjectKey(declared_key(one.document, half.role) or half.project)
    return half, known_project(one, half) or KnownProject(id=half.project, key=declared, name="")


def _has(known: KnownProject, key: str) -> bool:
    """Whether the key is the project's, or was."""
    return key.casefold() in {one.casefold() for one in (known.key, *known.former)}


def _require_same(half: HalfConfiguration, known: KnownProject, key: str, found: ProjectInfo | None) -> None:
    if found is None:
        raise Contradicted(
            f"There is no project {key} that the account of the connection can see; this one is still called {known.key}.",
            "Rename the project in Jira first, then take the key over here.",
        )
    if found.id != half.project or key.casefold() not in {one.casefold() for one in (found.key, *found.former)}:
        raise Contradicted(
            f"{key} is the key of another project; the one of this connector is called {known.key}.",
            "Give the key that this project has in Jira.",
        )


async def _connectors(engine: Engine, half: HalfConfiguration) -> Sequence[ConnectorKey]:
    async with engine.store.unit() as uow:
        one = await uow.synchronizations.get(half.synchronization)
    return [half.connector] if one is None else one.connectors


def _words(error: Exception) -> str:
    return str(error).rstrip(".") or "it does not answer"
