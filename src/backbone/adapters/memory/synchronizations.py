"""Synchronizations with the halves of every revision, and connections."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from backbone.adapters.memory.channels import CHANNEL_TABLES, remove_channel
from backbone.adapters.memory.tables import Session, Tables
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, ConnectorKey, Revision, SynchronizationKey
from backbone.ports.records import KnownProject, StoredConnection, Synchronization


class MemorySynchronizations:
    """Synchronizations of a unit of work; ``new`` is shared by all units, ``until_end`` lasts as long as this one."""

    def __init__(self, session: Session, new: Lock, until_end: AsyncExitStack) -> None:
        self._session = session
        self._new = new
        self._until_end = until_end
        self._held = False

    async def all(self) -> Sequence[Synchronization]:
        return list(self._session.view.synchronizations.values())

    async def get(self, key: SynchronizationKey) -> Synchronization | None:
        return self._session.view.synchronizations.get(key)

    async def lock(self, key: SynchronizationKey) -> Synchronization | None:
        return await self.get(key)

    async def by_name(self, name: str) -> Synchronization | None:
        return next((one for one in self._session.view.synchronizations.values() if one.name == name), None)

    async def hold_new(self) -> None:
        if not self._held:
            await self._until_end.enter_async_context(self._new)
            self._held = True

    async def next_number(self) -> int:
        return self._session.committed.next_id()

    async def save(self, one: Synchronization, halves: Sequence[HalfConfiguration]) -> None:
        def operation(tables: Tables) -> None:
            tables.synchronizations[one.key] = one
            for half in halves:
                tables.halves[half.connector, half.revision] = half

        self._session.change(operation, "synchronizations", "halves")

    async def save_projects(self, key: SynchronizationKey, projects: Sequence[KnownProject]) -> None:
        def operation(tables: Tables) -> None:
            if key in tables.synchronizations:
                known = tables.synchronizations[key]
                tables.synchronizations[key] = replace(known, projects=tuple(projects))

        self._session.change(operation, "synchronizations")

    async def half(self, connector: ConnectorKey, revision: Revision | None = None) -> HalfConfiguration:
        tables = self._session.view
        wanted = _revision_of(tables, connector) if revision is None else revision
        found = tables.halves.get((connector, wanted)) if wanted is not None else None
        if found is None:
            raise LookupError(f"connector {connector} has no configuration of revision {wanted or 'in force'}")
        return found

    async def running(self) -> Sequence[HalfConfiguration]:
        tables = self._session.view
        wanted = [one for one in tables.synchronizations.values() if one.wanted_running]
        keys = [(connector, one.revision) for one in wanted for connector in one.connectors]
        return [tables.halves[key] for key in keys if key in tables.halves]

    async def remove(self, key: SynchronizationKey) -> None:
        self._session.change(
            lambda tables: _remove(tables, key),
            "synchronizations", "pairs", "pairs_of_issue", "held", "dirty", "inbox", "queued", "jobs", "creations",
            "problems", "removals", *CHANNEL_TABLES,
        )  # fmt: skip

    async def connections(self) -> Sequence[StoredConnection]:
        return sorted(self._session.view.connections.values(), key=lambda one: one.name)

    async def save_connection(self, connection: StoredConnection) -> None:
        self._session.change(lambda tables: tables.connections.update({connection.name: connection}), "connections")

    async def remove_connection(self, name: ConnectionName) -> None:
        def operation(tables: Tables) -> None:
            tables.connections.pop(name, None)

        self._session.change(operation, "connections")

    async def reconnect(self, connectors: Sequence[ConnectorKey], connection: ConnectionName) -> None:
        def operation(tables: Tables) -> None:
            for key, half in list(tables.halves.items()):
                if half.connector in connectors:
                    tables.halves[key] = replace(half, connection=connection)

        self._session.change(operation, "halves")


def connection_of(tables: Tables, connector: ConnectorKey) -> ConnectionName | None:
    """The connection of a connector, as its half in force says."""
    revision = _revision_of(tables, connector)
    half = tables.halves.get((connector, revision)) if revision is not None else None
    return half.connection if half is not None else None


def _revision_of(tables: Tables, connector: ConnectorKey) -> Revision | None:
    every = tables.synchronizations.values()
    return next((one.revision for one in every if connector in one.connectors), None)


def _remove(tables: Tables, key: SynchronizationKey) -> None:
    """Everything of its connectors goes, but for the journal and the halves that its entries name."""
    gone = tables.synchronizations.pop(key, None)
    if gone is None:
        return
    remove_channel(tables, key)
    connectors = (gone.first, gone.second)
    tables.pairs = {ident: one for ident, one in tables.pairs.items() if ident[0] not in connectors}
    tables.pairs_of_issue = {at: uids for at, uids in tables.pairs_of_issue.items() if at[0] not in connectors}
    tables.held = {ident: until for ident, until in tables.held.items() if ident[0] not in connectors}
    tables.dirty = {at: mark for at, mark in tables.dirty.items() if at[0] not in connectors}
    tables.inbox = {ident: waiting for ident, waiting in tables.inbox.items() if ident[0] not in connectors}
    tables.queued = {turn: None for turn in tables.queued if turn.connector not in connectors}
    tables.jobs = {turn: after for turn, after in tables.jobs.items() if turn.connector not in connectors}
    tables.creations = {ident: one for ident, one in tables.creations.items() if one.connector not in connectors}
    tables.problems = {ident: one for ident, one in tables.problems.items() if one.problem.connector not in connectors}
    tables.removals = {ident: one for ident, one in tables.removals.items() if one[0] not in connectors}
