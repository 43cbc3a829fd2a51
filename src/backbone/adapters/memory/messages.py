"""Messages that wait to be applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from backbone.adapters.memory.tables import Session, Tables, Waiting
from backbone.core.model.keys import ConnectorKey, Millis, PairUid
from backbone.ports.records import InboxMessage

_NONE = Waiting()


class MemoryInbox:
    """The inbox of a unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put(self, message: InboxMessage) -> bool:
        waiting = self._session.view.inbox.get((message.connector, message.pair), _NONE)
        if _knows(waiting, message.sequence):
            return False
        self._session.change(lambda tables: _put(tables, message), "inbox")
        return True

    async def put_all(self, messages: Sequence[InboxMessage]) -> None:
        for message in messages:
            await self.put(message)

    async def pending_of(
        self, connector: ConnectorKey, pairs: Sequence[PairUid]
    ) -> Mapping[PairUid, Sequence[InboxMessage]]:
        found = {pair: await self.pending(connector, pair) for pair in pairs}
        return {pair: messages for pair, messages in found.items() if messages}

    async def pending(self, connector: ConnectorKey, pair: PairUid) -> Sequence[InboxMessage]:
        return self._session.view.inbox.get((connector, pair), _NONE).messages

    async def last_of(self, connector: ConnectorKey, pairs: Sequence[PairUid]) -> Mapping[PairUid, int]:
        waiting = {pair: self._session.view.inbox.get((connector, pair), _NONE) for pair in pairs}
        last = {pair: max(one.applied, *(m.sequence for m in one.messages), 0) for pair, one in waiting.items()}
        return {pair: number for pair, number in last.items() if number}

    async def done(self, connector: ConnectorKey, pair: PairUid, up_to: int) -> None:
        def operation(tables: Tables) -> None:
            waiting = tables.inbox.get((connector, pair), _NONE)
            rest = tuple(one for one in waiting.messages if one.sequence > up_to)
            tables.inbox[connector, pair] = Waiting(applied=max(waiting.applied, up_to), messages=rest)

        self._session.change(operation, "inbox")

    async def done_all(self, connector: ConnectorKey, up_to: Mapping[PairUid, int]) -> None:
        for pair, number in up_to.items():
            await self.done(connector, pair, number)

    async def waiting(self, connector: ConnectorKey) -> int:
        return sum(1 for _ in self._of(connector))

    async def oldest(self, connector: ConnectorKey) -> Millis | None:
        return min((one.sent for one in self._of(connector)), default=None)

    def _of(self, connector: ConnectorKey) -> Iterator[InboxMessage]:
        for (owner, _), waiting in self._session.view.inbox.items():
            if owner == connector:
                yield from waiting.messages


def _knows(waiting: Waiting, sequence: int) -> bool:
    return sequence <= waiting.applied or any(one.sequence == sequence for one in waiting.messages)


def _put(tables: Tables, message: InboxMessage) -> None:
    key = (message.connector, message.pair)
    waiting = tables.inbox.get(key, _NONE)
    if _knows(waiting, message.sequence):
        return
    messages = sorted([*waiting.messages, message], key=lambda one: one.sequence)
    tables.inbox[key] = Waiting(applied=waiting.applied, messages=tuple(messages))
