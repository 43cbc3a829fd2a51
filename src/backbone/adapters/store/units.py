"""Units of work on PostgreSQL: one transaction each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from backbone.adapters.store.access_audit import PostgresAudit
from backbone.adapters.store.channels import PostgresChannels
from backbone.adapters.store.creations import PostgresCreations
from backbone.adapters.store.hints import PostgresHints
from backbone.adapters.store.inbox import PostgresInbox
from backbone.adapters.store.issues import PostgresDirty, PostgresStamps
from backbone.adapters.store.journal import PostgresJournal
from backbone.adapters.store.locks import PostgresLocks
from backbone.adapters.store.outbox import PostgresOutbox
from backbone.adapters.store.pairs import PostgresPairs
from backbone.adapters.store.pieces import PostgresPieces
from backbone.adapters.store.problems import PostgresProblems
from backbone.adapters.store.received import PostgresReceivedParcels
from backbone.adapters.store.records import PostgresCursors, PostgresRemovals
from backbone.adapters.store.rows import Connection, Rows
from backbone.adapters.store.sent import PostgresSentParcels
from backbone.adapters.store.synchronizations import PostgresSynchronizations
from backbone.core.model.keys import Millis
from backbone.ports.store import Fence, Turns


class TransactionTurns(Turns, Protocol):
    """Turns that may keep what they have to do until the transaction is about to end."""

    async def before_commit(self) -> None: ...


TurnsOf = Callable[[Connection], TransactionTurns]
"""Makes the turns of one transaction on its connection."""


class PostgresUnit:
    """One transaction."""

    def __init__(self, rows: Rows, locks: PostgresLocks, turns: TurnsOf, now: Callable[[], Millis]) -> None:
        connection = rows.connection
        self._connection = connection
        self._locks = locks
        self.turns = turns(connection)
        self.pairs = PostgresPairs(rows, now)
        self.stamps = PostgresStamps(rows)
        self.dirty = PostgresDirty(rows)
        self.inbox = PostgresInbox(rows)
        self.outbox = PostgresOutbox(rows)
        self.channels = PostgresChannels(rows)
        self.sent = PostgresSentParcels(rows)
        self.received = PostgresReceivedParcels(rows)
        self.pieces = PostgresPieces(rows)
        self.creations = PostgresCreations(rows)
        self.cursors = PostgresCursors(rows)
        self.problems = PostgresProblems(rows)
        self.journal = PostgresJournal(rows)
        self.removals = PostgresRemovals(rows)
        self.hints = PostgresHints(rows)
        self.synchronizations = PostgresSynchronizations(rows)
        self.audit = PostgresAudit(rows)

    async def commit(self, *fences: Fence, lasting: bool = True) -> None:
        await self.turns.before_commit()
        if not lasting:
            await self._connection.execute("set local synchronous_commit = off")
        await self._locks.require_in(self._connection, fences)
        await self._connection.commit()
