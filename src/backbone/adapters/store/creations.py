"""Open attempts to create issues."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.documents import ATTEMPT
from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import ConnectionName, ConnectorKey, ProjectId, jira_of
from backbone.ports.records import CreateAttempt

_OPEN = """
    insert into create_attempt (id, connector, project, started, document) values (%s, %s, %s, %s, %s)
    on conflict (id) do update set document = excluded.document
"""
_PAIRS = """
    insert into create_attempt_pair (connector, pair, attempt)
    select %s, pair, %s from unnest(%s::text[]) pair on conflict do nothing
"""
_OF_PROJECT = """
    select document from create_attempt attempt join connector on connector.key = attempt.connector
    where split_part(connector.connection, '~', 1) = %s and attempt.project = %s order by started, id
"""


class PostgresCreations:
    """Creations of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def open(self, attempt: CreateAttempt) -> None:
        key = (attempt.id, attempt.connector, attempt.project, attempt.started)
        await self._rows.run(_OPEN, (*key, ATTEMPT.encode(attempt)))
        await self._rows.run(_PAIRS, (attempt.connector, attempt.id, list(attempt.pairs)))

    async def close(self, attempt_id: str) -> None:
        await self._rows.run("delete from create_attempt where id = %s", (attempt_id,))

    async def of_connector(self, connector: ConnectorKey) -> Sequence[CreateAttempt]:
        rows = await self._rows.all(
            "select document from create_attempt where connector = %s order by started, id", (connector,)
        )
        return [ATTEMPT.decode(row[0]) for row in rows]

    async def of_project(self, connection: ConnectionName, project: ProjectId) -> Sequence[CreateAttempt]:
        return [ATTEMPT.decode(row[0]) for row in await self._rows.all(_OF_PROJECT, (jira_of(connection), project))]
