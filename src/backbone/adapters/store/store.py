"""Units of work on PostgreSQL, and where they come from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import time
from typing import Protocol

from backbone.adapters.store.budget import PostgresBudget
from backbone.adapters.store.creations import PostgresCreations
from backbone.adapters.store.inbox import PostgresInbox
from backbone.adapters.store.issues import PostgresDirty, PostgresStamps
from backbone.adapters.store.journal import PostgresJournal
from backbone.adapters.store.locks import PostgresLocks
from backbone.adapters.store.pairs import PostgresPairs
from backbone.adapters.store.pool import Pool, connect_for_locks, open_pool
from backbone.adapters.store.problems import PostgresProblems
from backbone.adapters.store.records import PostgresCursors, PostgresRemovals
from backbone.adapters.store.rows import Connection, Rows
from backbone.adapters.store.synchronizations import PostgresSynchronizations
from backbone.core.model.keys import Millis
from backbone.ports.store import Fence, Turns, UnitOfWork


class TransactionTurns(Turns, Protocol):
    """Turns that may keep what they have to do until the transaction is about to end."""

    async def before_commit(self) -> None: ...


TurnsOf = Callable[[Connection], TransactionTurns]
"""Makes the turns of one transaction on its connection."""


_FORGET = (
    "delete from inbox where applied and sent < %s",
    "delete from journal where at < %s",
    "delete from loser where at < %s",
    "delete from removal where at < %s",
)


def _wall_clock() -> Millis:
    return Millis(int(time() * 1000))


class PostgresStore:
    """The store of one process; made by :func:`open_store`."""

    def __init__(
        self,
        pool: Pool,
        locks: PostgresLocks,
        turns: TurnsOf,
        now: Callable[[], Millis],
        identity: tuple[str, str, bool],
    ) -> None:
        self._pool = pool
        self._locks = locks
        self._turns = turns
        self._now = now
        self._installation, self._incarnation, self._original = identity

    @property
    def installation(self) -> str:
        return self._installation

    @property
    def incarnation(self) -> str:
        return self._incarnation

    @property
    def original(self) -> bool:
        return self._original

    def unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._unit()

    def hold(self, name: str) -> AbstractAsyncContextManager[Fence | None]:
        return self._locks.hold(name)

    def budget(self, host: str) -> PostgresBudget:
        """The budget of a Jira host, shared with all processes of this database. One object a host and process."""
        return PostgresBudget(self._pool, host)

    async def forget(self, before: Millis) -> None:
        """Remove what is older and of no use any more: messages that were applied, journal, losers, removals."""
        async with self._pool.connection() as connection:
            for statement in _FORGET:
                await connection.execute(statement, (before,))

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[UnitOfWork]:
        async with self._pool.connection() as connection:
            try:
                async with connection.pipeline() as pipeline:
                    yield PostgresUnit(Rows(connection, pipeline), self._locks, self._turns, self._now)
            finally:
                if not connection.closed:
                    await connection.rollback()  # what was not committed; the pool would commit it


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
        self.creations = PostgresCreations(rows)
        self.cursors = PostgresCursors(rows)
        self.problems = PostgresProblems(rows)
        self.journal = PostgresJournal(rows)
        self.removals = PostgresRemovals(rows)
        self.synchronizations = PostgresSynchronizations(rows)

    async def commit(self, *fences: Fence, lasting: bool = True) -> None:
        await self.turns.before_commit()
        if not lasting:
            await self._connection.execute("set local synchronous_commit = off")
        await self._locks.require_in(self._connection, fences)
        await self._connection.commit()


@asynccontextmanager
async def open_store(
    dsn: str,
    turns: TurnsOf,
    *,
    now: Callable[[], Millis] = _wall_clock,
    connections: int = 10,
    patience: float = 10.0,
) -> AsyncIterator[PostgresStore]:
    """The store of a database that :func:`backbone.adapters.store.schema.prepare` was run on.

    ``turns`` comes from the dispatcher. At most ``connections`` units of work at a time, and one connection for locks.
    """
    locks = PostgresLocks(lambda: connect_for_locks(dsn), patience=patience)
    async with open_pool(dsn, connections) as pool:
        try:
            yield PostgresStore(pool, locks, turns, now, await _identity(pool))
        finally:
            await locks.close()


async def _identity(pool: Pool) -> tuple[str, str, bool]:
    async with pool.connection() as connection:
        row = await (await connection.execute("select id, incarnation, original from installation")).fetchone()
    assert row is not None, "prepare() names the installation"
    return row[0], row[1], row[2]
