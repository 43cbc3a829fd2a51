"""What is known of exchanges with partners elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from backbone.adapters.store.documents import CHANNEL, DECLARED, SECRET_KEYS
from backbone.adapters.store.hurrying import hurry
from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.channels import StoredChannel

_COLUMNS: LiteralString = "select synchronization, document, transports, secret_keys from channel"
_SAVE = """
    insert into channel (synchronization, epoch, acknowledged, document, transports, secret_keys)
    values (%s, %s, %s, %s, %s, %s)
    on conflict (synchronization) do update set
        epoch = excluded.epoch, acknowledged = excluded.acknowledged, document = excluded.document,
        transports = excluded.transports, secret_keys = excluded.secret_keys
"""
_REMOVE = (
    "delete from channel where synchronization = %s",
    "delete from outbox where synchronization = %s",
    "delete from sent_parcel where synchronization = %s",
    "delete from sent_parcel_pair where synchronization = %s",
    "delete from received_parcel where synchronization = %s",
    "delete from refused_parcel where synchronization = %s",
    "delete from travelling_file where synchronization = %s",
)


class PostgresChannels:
    """The channels of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, key: SynchronizationKey) -> StoredChannel | None:
        row = await self._rows.one(_COLUMNS + " where synchronization = %s", (key,))
        return _channel(row) if row else None

    async def all(self) -> Sequence[StoredChannel]:
        return [_channel(row) for row in await self._rows.all(_COLUMNS + ' order by synchronization collate "C"')]

    async def save(self, one: StoredChannel) -> None:
        outgoing = one.channel.outgoing
        documents = (
            CHANNEL.encode(one.channel),
            DECLARED.encode(one.transports),
            SECRET_KEYS.encode(one.secret_keys),
        )
        await self._rows.run(_SAVE, (one.synchronization, outgoing.epoch, outgoing.acknowledged, *documents))

    async def hurry(self, key: SynchronizationKey) -> None:
        await hurry(self._rows, [f"channel:{key}"])

    async def remove(self, key: SynchronizationKey) -> None:
        for statement in _REMOVE:
            await self._rows.run(statement, (key,))


def _channel(row: Row) -> StoredChannel:
    key, document, transports, secret_keys = row
    return StoredChannel(
        synchronization=SynchronizationKey(key),
        channel=CHANNEL.decode(document),
        transports=DECLARED.decode(transports),
        secret_keys=SECRET_KEYS.decode(secret_keys),
    )
