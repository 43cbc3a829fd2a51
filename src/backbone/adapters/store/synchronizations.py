"""Synchronizations with the halves of every revision, and connections."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from backbone.adapters.store.channels import PostgresChannels
from backbone.adapters.store.documents import DECLARED, HALF, PROJECTS, SIGNED
from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, ConnectorKey, Revision, Role, SynchronizationKey
from backbone.ports.records import KnownProject, StoredConnection, Synchronization

_HOLD_NEW = "select pg_advisory_xact_lock(hashtextextended('new synchronization', 0))"
_COLUMNS = """
    select key, name, description, wanted_running, revision, first, second, document,
           projects, created, modified, published, here
    from synchronization
"""
_SAVE = """
    insert into synchronization (key, name, description, wanted_running, revision, first, second, document,
                                 projects, created, modified, published, here)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (key) do update set
        name = excluded.name, description = excluded.description, wanted_running = excluded.wanted_running,
        revision = excluded.revision, first = excluded.first, second = excluded.second, document = excluded.document,
        projects = excluded.projects, created = excluded.created, modified = excluded.modified,
        published = excluded.published, here = excluded.here
"""
# A revision never changes. It outlives its synchronization, as the journal does, which names it.
_SAVE_REVISION = """
    insert into revision (synchronization, revision, name, description, document, published)
    values (%s, %s, %s, %s, %s, %s) on conflict do nothing
"""
_SAVE_HALF = """
    insert into half (connector, revision, document) values (%s, %s, %s)
    on conflict (connector, revision) do update set document = excluded.document
"""
# The connection of a connector is that of its half in force; a revision may be put in force without its halves.
_SAVE_CONNECTORS = """
    insert into connector (key, synchronization, connection, revision)
    select connector, %(key)s, document ->> 'connection', revision from half
    where connector = any(%(connectors)s) and revision = %(revision)s
    on conflict (key) do update set
        synchronization = excluded.synchronization, connection = excluded.connection, revision = excluded.revision
"""
_FORGET_CONNECTORS = "delete from connector where synchronization = %s and key <> all(%s)"
_HALF_IN_FORCE = """
    select document from half join connector on connector.key = half.connector and connector.revision = half.revision
    where connector.key = %s
"""
_RUNNING = """
    select half.document from synchronization
    join half on half.connector in (synchronization.first, synchronization.second)
             and half.revision = synchronization.revision
    where wanted_running order by born, half.connector <> synchronization.first
"""
_SAVE_CONNECTION = """
    insert into connection (name, document) values (%s, %s) on conflict (name) do update set
        document = excluded.document
"""
_RECONNECT = (
    "update half set document = jsonb_set(document, '{connection}', to_jsonb(%s::text)) where connector = any(%s)",
    "update connector set connection = %s where key = any(%s)",
)
_REMOVE = (
    "delete from pair where connector = any(%s)",
    "delete from dirty where connector = any(%s)",
    "delete from inbox where connector = any(%s)",
    "delete from turn where connector = any(%s)",
    "delete from create_attempt where connector = any(%s)",
    "delete from problem where connector = any(%s)",
    "delete from removal where connector = any(%s)",
)


class PostgresSynchronizations:
    """Synchronizations of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def all(self) -> Sequence[Synchronization]:
        return [_synchronization(row) for row in await self._rows.all(_COLUMNS + " order by born")]

    async def get(self, key: SynchronizationKey) -> Synchronization | None:
        row = await self._rows.one(_COLUMNS + " where key = %s", (key,))
        return _synchronization(row) if row else None

    async def lock(self, key: SynchronizationKey) -> Synchronization | None:
        row = await self._rows.one(_COLUMNS + " where key = %s for update", (key,))
        return _synchronization(row) if row else None

    async def by_name(self, name: str) -> Synchronization | None:
        row = await self._rows.one(_COLUMNS + " where name = %s order by born limit 1", (name,))
        return _synchronization(row) if row else None

    async def hold_new(self) -> None:
        await self._rows.value(_HOLD_NEW)  # asked for its answer: a statement that waits in the pipeline holds nothing

    async def next_number(self) -> int:
        return int(await self._rows.value("select nextval('synchronization_number')"))

    async def save(self, one: Synchronization, halves: Sequence[HalfConfiguration]) -> None:
        text = (one.name, one.description, one.wanted_running, one.revision, one.first, one.second)
        signed = [SIGNED.encode(signed) for signed in (one.created, one.modified, one.published)]
        document = DECLARED.encode(one.document)
        await self._rows.run(_SAVE, (one.key, *text, document, PROJECTS.encode(one.projects), *signed, one.here))
        if halves:
            published = (one.key, one.revision, one.name, one.description, document, SIGNED.encode(one.published))
            await self._rows.run(_SAVE_REVISION, published)
        for half in halves:
            await self._rows.run(_SAVE_HALF, (half.connector, half.revision, HALF.encode(half)))
        connectors = list(one.connectors)
        await self._rows.run(_FORGET_CONNECTORS, (one.key, connectors))
        await self._rows.run(_SAVE_CONNECTORS, {"key": one.key, "connectors": connectors, "revision": one.revision})

    async def save_projects(self, key: SynchronizationKey, projects: Sequence[KnownProject]) -> None:
        statement = "update synchronization set projects = %s where key = %s"
        await self._rows.run(statement, (PROJECTS.encode(tuple(projects)), key))

    async def half(self, connector: ConnectorKey, revision: Revision | None = None) -> HalfConfiguration:
        if revision is None:
            row = await self._rows.one(_HALF_IN_FORCE, (connector,))
        else:
            statement = "select document from half where connector = %s and revision = %s"
            row = await self._rows.one(statement, (connector, revision))
        if row is None:
            raise LookupError(f"connector {connector} has no configuration of revision {revision or 'in force'}")
        return _half(row[0])

    async def running(self) -> Sequence[HalfConfiguration]:
        return [_half(row[0]) for row in await self._rows.all(_RUNNING)]

    async def remove(self, key: SynchronizationKey) -> None:
        """Everything of its connectors goes, but for the journal and the halves that its entries name."""
        one = await self.get(key)
        if one is None:
            return
        for statement in _REMOVE:
            await self._rows.run(statement, (list(one.connectors),))
        await PostgresChannels(self._rows).remove(key)
        await self._rows.run("delete from synchronization where key = %s", (key,))

    async def connections(self) -> Sequence[StoredConnection]:
        rows = await self._rows.all('select name, document from connection order by name collate "C"')
        return [StoredConnection(name=ConnectionName(name), document=DECLARED.decode(text)) for name, text in rows]

    async def save_connection(self, connection: StoredConnection) -> None:
        await self._rows.run(_SAVE_CONNECTION, (connection.name, DECLARED.encode(connection.document)))

    async def remove_connection(self, name: ConnectionName) -> None:
        await self._rows.run("delete from connection where name = %s", (name,))

    async def reconnect(self, connectors: Sequence[ConnectorKey], connection: ConnectionName) -> None:
        for statement in _RECONNECT:
            await self._rows.run(statement, (connection, list(connectors)))


def _synchronization(row: Row) -> Synchronization:
    key, name, description, wanted_running, revision, first, second, document, projects, *signed, here = row
    created, modified, published = (SIGNED.decode(one) for one in signed)
    return Synchronization(
        key=SynchronizationKey(key),
        name=name,
        description=description,
        wanted_running=wanted_running,
        revision=Revision(revision),
        first=ConnectorKey(first),
        second=ConnectorKey(second),
        document=DECLARED.decode(document),
        projects=PROJECTS.decode(projects),
        created=created,
        modified=modified,
        published=published,
        here=None if here is None else Role(here),
    )


@lru_cache(maxsize=256)
def _half(text: bytes) -> HalfConfiguration:
    """Halves are large, never change, and are asked for in every turn."""
    return HALF.decode(text)
