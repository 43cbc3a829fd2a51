"""What is known of exchanges with partners elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.memory.tables import Session, Tables
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.channels import StoredChannel

CHANNEL_TABLES = ("channels", "outbox", "sent", "occurrences", "received", "refused", "travelling", "octets")


class MemoryChannels:
    """The channels of a unit of work. Nobody is hurried: whoever keeps a store in memory steps when it likes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, key: SynchronizationKey) -> StoredChannel | None:
        return self._session.view.channels.get(key)

    async def all(self) -> Sequence[StoredChannel]:
        return sorted(self._session.view.channels.values(), key=lambda one: one.synchronization)

    async def save(self, one: StoredChannel) -> None:
        self._session.change(lambda tables: tables.channels.update({one.synchronization: one}), "channels")

    async def hurry(self, key: SynchronizationKey) -> None:
        pass

    async def remove(self, key: SynchronizationKey) -> None:
        self._session.change(lambda tables: remove_channel(tables, key), *CHANNEL_TABLES)


def remove_channel(tables: Tables, key: SynchronizationKey) -> None:
    """The channel goes with everything that is on its way."""
    tables.channels.pop(key, None)
    tables.outbox = {number: one for number, one in tables.outbox.items() if one.synchronization != key}
    tables.sent = {ident: one for ident, one in tables.sent.items() if ident[0] != key}
    tables.occurrences = {ident: number for ident, number in tables.occurrences.items() if ident[0] != key}
    tables.received = {ident: one for ident, one in tables.received.items() if ident[0] != key}
    tables.refused = {ident: one for ident, one in tables.refused.items() if ident[0] != key}
    tables.travelling = {ident: one for ident, one in tables.travelling.items() if ident[0] != key}
    tables.octets = {ident: octets for ident, octets in tables.octets.items() if ident[0] != key}
