"""How far looks have come, and how much was removed lately."""

from __future__ import annotations

from backbone.adapters.store.documents import CURSOR
from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.ports.records import Cursor

_SAVE = """
    insert into cursor (name, document) values (%s, %s) on conflict (name) do update set document = excluded.document
"""
_ADVANCE = "update cursor set document = %s where name = %s and document = %s::jsonb"


class PostgresCursors:
    """Cursors of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, name: str) -> Cursor | None:
        row = await self._rows.one("select document from cursor where name = %s", (name,))
        return CURSOR.decode(row[0]) if row else None

    async def save(self, name: str, cursor: Cursor) -> None:
        await self._rows.run(_SAVE, (name, CURSOR.encode(cursor)))

    async def advance(self, name: str, known: Cursor, to: Cursor | None) -> bool:
        before = CURSOR.encode(known)
        if to is None:
            statement = "delete from cursor where name = %s and document = %s::jsonb"
            return bool(await self._rows.count(statement, (name, before)))
        return bool(await self._rows.count(_ADVANCE, (CURSOR.encode(to), name, before)))

    async def remove(self, name: str) -> None:
        await self._rows.run("delete from cursor where name = %s", (name,))


class PostgresRemovals:
    """The mass-change guard's memory."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def note(self, connector: ConnectorKey, at: Millis, count: int) -> None:
        await self._rows.run("insert into removal (connector, at, count) values (%s, %s, %s)", (connector, at, count))

    async def since(self, connector: ConnectorKey, at: Millis) -> int:
        return int(
            await self._rows.value(
                "select coalesce(sum(count), 0)::bigint from removal where connector = %s and at >= %s", (connector, at)
            )
        )
