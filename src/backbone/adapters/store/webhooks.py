"""By what Jiras may hint."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import ConnectionName, Millis
from backbone.ports.webhooks import StoredWebhook

_ALL = "select connection, address, secret, registration, made, received, refused from webhook order by connection"
_GET = """
    select connection, address, secret, registration, made, received, refused from webhook where connection = %s
"""
_BY_ADDRESS = """
    select connection, address, secret, registration, made, received, refused from webhook where address = %s
"""
_SAVE = """
    insert into webhook (connection, address, secret, registration, made, received, refused)
    values (%s, %s, %s, %s, %s, %s, %s)
    on conflict (connection) do update set
        address = excluded.address, secret = excluded.secret, registration = excluded.registration,
        made = excluded.made, received = excluded.received, refused = excluded.refused
"""
_SELDOM = 60_000  # milliseconds


class PostgresWebhooks:
    """Webhooks of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, connection: ConnectionName) -> StoredWebhook | None:
        return _webhook(await self._rows.one(_GET, (connection,)))

    async def by_address(self, address: str) -> StoredWebhook | None:
        return _webhook(await self._rows.one(_BY_ADDRESS, (address,)))

    async def all(self) -> Sequence[StoredWebhook]:
        rows = await self._rows.all(_ALL)
        return [one for row in rows if (one := _webhook(row)) is not None]

    async def save(self, webhook: StoredWebhook) -> None:
        one = webhook
        values = (one.connection, one.address, one.secret, one.registration, one.made, one.received, one.refused)
        await self._rows.run(_SAVE, values)

    async def heard(self, connection: ConnectionName, at: Millis) -> None:
        await self._rows.run(
            "update webhook set received = %s where connection = %s and coalesce(received, 0) < %s",
            (at, connection, at - _SELDOM),
        )

    async def refused(self, connection: ConnectionName, at: Millis) -> None:
        await self._rows.run(
            "update webhook set refused = %s where connection = %s and coalesce(refused, 0) < %s",
            (at, connection, at - _SELDOM),
        )

    async def remove(self, connection: ConnectionName) -> None:
        await self._rows.run("delete from webhook where connection = %s", (connection,))


def _webhook(row: Row | None) -> StoredWebhook | None:
    if row is None:
        return None
    connection, address, secret, registration, made, received, refused = row
    return StoredWebhook(
        connection=connection,
        address=address,
        secret=secret,
        registration=registration,
        made=made,
        received=received,
        refused=refused,
    )
