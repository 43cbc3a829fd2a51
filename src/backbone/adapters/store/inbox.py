"""Messages that wait to be applied."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.documents import CONTENT
from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import ConnectorKey, Millis, PairUid, Revision
from backbone.ports.records import InboxMessage

_PUT = """
    insert into inbox (connector, pair, sequence, revision, sent, content) values (%s, %s, %s, %s, %s, %s)
    on conflict (connector, pair, sequence) do nothing
"""
_PENDING = """
    select sequence, revision, sent, content from inbox
    where connector = %s and pair = %s and not applied order by sequence
"""
_DONE = """
    update inbox set applied = true where connector = %s and pair = %s and sequence <= %s and not applied
"""


class PostgresInbox:
    """The inbox of a unit of work. A message that was applied stays for a while, so that its repeats are known."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def put(self, message: InboxMessage) -> bool:
        key = (message.connector, message.pair, message.sequence)
        content = CONTENT.encode(message.content)
        return bool(await self._rows.count(_PUT, (*key, message.revision, message.sent, content)))

    async def pending(self, connector: ConnectorKey, pair: PairUid) -> Sequence[InboxMessage]:
        return [
            InboxMessage(
                connector=connector,
                pair=pair,
                sequence=sequence,
                revision=Revision(revision),
                sent=Millis(sent),
                content=CONTENT.decode(content),
            )
            for sequence, revision, sent, content in await self._rows.all(_PENDING, (connector, pair))
        ]

    async def done(self, connector: ConnectorKey, pair: PairUid, up_to: int) -> None:
        await self._rows.run(_DONE, (connector, pair, up_to))

    async def waiting(self, connector: ConnectorKey) -> int:
        return int(
            await self._rows.value("select count(*) from inbox where connector = %s and not applied", (connector,))
        )

    async def oldest(self, connector: ConnectorKey) -> Millis | None:
        found = await self._rows.value("select min(sent) from inbox where connector = %s and not applied", (connector,))
        return None if found is None else Millis(found)
