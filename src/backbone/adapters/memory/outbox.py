"""Messages that wait to be put into parcels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.adapters.memory.tables import Session, Tables
from backbone.core.model.keys import PairUid, SynchronizationKey
from backbone.ports.records import OutboxMessage


class MemoryOutbox:
    """The outbox of a unit of work. Nobody is hurried: whoever keeps a store in memory looks when it likes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put_all(self, messages: Sequence[OutboxMessage]) -> None:
        numbered = {self._session.committed.next_id(): one for one in messages}

        def operation(tables: Tables) -> None:
            tables.outbox.update(numbered)

        self._session.change(operation, "outbox")

    async def pairs(self, key: SynchronizationKey, limit: int) -> Sequence[PairUid]:
        return list(dict.fromkeys(one.pair for one in self._of(key)))[:limit]

    async def of_pairs(
        self, key: SynchronizationKey, pairs: Sequence[PairUid]
    ) -> Mapping[PairUid, Sequence[OutboxMessage]]:
        found = {pair: [one for one in self._of(key) if one.pair == pair] for pair in pairs}
        return {pair: messages for pair, messages in found.items() if messages}

    async def take(self, key: SynchronizationKey, sealed: Mapping[PairUid, int]) -> None:
        waiting: dict[PairUid, list[int]] = {}
        for number, one in sorted(self._session.view.outbox.items()):
            if one.synchronization == key:
                waiting.setdefault(one.pair, []).append(number)
        numbers = [number for pair, count in sealed.items() for number in waiting.get(pair, [])[:count]]

        def operation(tables: Tables) -> None:
            for number in numbers:
                tables.outbox.pop(number, None)

        self._session.change(operation, "outbox")

    async def waiting(self, key: SynchronizationKey) -> int:
        return len(self._of(key))

    def _of(self, key: SynchronizationKey) -> list[OutboxMessage]:
        found = self._session.view.outbox
        return [found[number] for number in sorted(found) if found[number].synchronization == key]
