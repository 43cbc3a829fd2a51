"""Configurations that were published or are being written, and what deleted synchronizations knew."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.documents import DECLARED, PROBLEM, SIGNED, SYNCHRONIZATION
from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import ConnectorKey, Millis, PairUid, Revision, SynchronizationKey
from backbone.core.model.problems import Problem
from backbone.ports.records import ApplyTurn, Signed, Synchronization
from backbone.ports.revisions import Draft, Publication

_PUBLICATION = "select synchronization, revision, name, description, document, published from revision"
_SAVE_DRAFT = """
    insert into draft (synchronization, based_on, document, written) values (%s, %s, %s, %s)
    on conflict (synchronization) do update set
        based_on = excluded.based_on, document = excluded.document, written = excluded.written
"""
_ARCHIVE = """
    insert into archived_synchronization (key, document, deleted, deleted_at) values (%s, %s, %s, %s)
    on conflict (key) do update set
        document = excluded.document, deleted = excluded.deleted, deleted_at = excluded.deleted_at
"""
_ARCHIVE_PAIRS = """
    insert into archived_pair (synchronization, connector, uid, document)
    select %s, connector, uid, document from pair where connector = any(%s)
    on conflict (connector, uid) do update set document = excluded.document
"""
# Issues are locked and attempted under the name of their Jira, which a connection of one's own has before the tilde.
_OPEN_ATTEMPTS = """
    select 'create:' || connector from create_attempt where connector = any(%(connectors)s)
    union
    select 'issue:' || attempt.connection || ':' || attempt.issue from issue_attempt attempt
    join connector on split_part(connector.connection, '~', 1) = attempt.connection
    join pair on pair.connector = connector.key and pair.local_id = attempt.issue
    where connector.key = any(%(connectors)s)
"""
# Every lock of a connector has a row once it was taken; those of its issues bear the name of the connection.
_FENCE_OFF = """
    update fence set epoch = greatest(epoch + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
    where name in (
        select 'create:' || key from connector where key = any(%(connectors)s)
        union all
        select 'pair:' || connector || ':' || uid from pair where connector = any(%(connectors)s) and local_id is null
        union all
        select 'issue:' || split_part(connector.connection, '~', 1) || ':' || pair.local_id
        from pair join connector on connector.key = pair.connector
        where pair.connector = any(%(connectors)s) and pair.local_id is not null
    )
"""
_SHARED = """
    select other.connector, other.uid from issue_attempt attempt
    join connector mine on split_part(mine.connection, '~', 1) = attempt.connection and mine.key = any(%(connectors)s)
    join pair on pair.connector = mine.key and pair.local_id = attempt.issue
    join pair other on other.local_id = attempt.issue and other.connector <> all(%(connectors)s)
    join connector theirs on theirs.key = other.connector and split_part(theirs.connection, '~', 1) = attempt.connection
"""
_CLOSE = """
    delete from issue_attempt attempt using connector mine, pair
    where mine.key = any(%(connectors)s) and split_part(mine.connection, '~', 1) = attempt.connection
      and pair.connector = mine.key and pair.local_id = attempt.issue
      and not exists (
        select from pair other join connector theirs on theirs.key = other.connector
        where other.local_id = attempt.issue and split_part(theirs.connection, '~', 1) = attempt.connection
          and other.connector <> all(%(connectors)s)
      )
"""


class PostgresRevisions:
    """Revisions of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def all(self, key: SynchronizationKey) -> Sequence[Publication]:
        found = await self._rows.all(_PUBLICATION + " where synchronization = %s order by revision desc", (key,))
        return [_publication(row) for row in found]

    async def get(self, key: SynchronizationKey, revision: Revision) -> Publication | None:
        row = await self._rows.one(_PUBLICATION + " where synchronization = %s and revision = %s", (key, revision))
        return _publication(row) if row else None


class PostgresDrafts:
    """Drafts of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, key: SynchronizationKey) -> Draft | None:
        statement = "select based_on, document, written from draft where synchronization = %s"
        row = await self._rows.one(statement, (key,))
        if row is None:
            return None
        based_on, document, written = row
        return Draft(
            synchronization=key,
            based_on=Revision(based_on),
            document=DECLARED.decode(document),
            written=SIGNED.decode(written),
        )

    async def save(self, draft: Draft) -> None:
        document, written = DECLARED.encode(draft.document), SIGNED.encode(draft.written)
        await self._rows.run(_SAVE_DRAFT, (draft.synchronization, draft.based_on, document, written))

    async def remove(self, key: SynchronizationKey) -> None:
        await self._rows.run("delete from draft where synchronization = %s", (key,))


class PostgresHindrances:
    """Hindrances of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def all(self) -> Sequence[Problem]:
        statement = "select document from problem where pair is null and connector is not null order by id"
        return [PROBLEM.decode(row[0]) for row in await self._rows.all(statement)]


class PostgresArchive:
    """The archive of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def open_attempts(self, one: Synchronization) -> Sequence[str]:
        rows = await self._rows.all(_OPEN_ATTEMPTS, {"connectors": list(one.connectors)})
        return [row[0] for row in rows]

    async def keep(self, one: Synchronization, deleted: Signed) -> int:
        about = (one.key, SYNCHRONIZATION.encode(one), SIGNED.encode(deleted), deleted.at)
        await self._rows.run(_ARCHIVE, about)
        return await self._rows.count(_ARCHIVE_PAIRS, (one.key, list(one.connectors)))

    async def fence_off(self, one: Synchronization) -> None:
        await self._rows.run(_FENCE_OFF, {"connectors": list(one.connectors)})

    async def release_issues(self, one: Synchronization) -> Sequence[ApplyTurn]:
        connectors = {"connectors": list(one.connectors)}
        shared = await self._rows.all(_SHARED, connectors)
        await self._rows.run(_CLOSE, connectors)
        return [ApplyTurn(connector=ConnectorKey(connector), pair=PairUid(uid)) for connector, uid in shared]

    async def forget(self, before: Millis) -> None:
        await self._rows.run("delete from archived_synchronization where deleted_at < %s", (before,))


def _publication(row: Row) -> Publication:
    key, revision, name, description, document, published = row
    return Publication(
        synchronization=SynchronizationKey(key),
        revision=Revision(revision),
        name=name,
        description=description,
        document=DECLARED.decode(document),
        published=SIGNED.decode(published),
    )
