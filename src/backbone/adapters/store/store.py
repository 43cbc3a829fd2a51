"""The store on PostgreSQL: where units of work and locks come from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import time
from typing import TypeVar

from backbone.adapters.store import received, sent
from backbone.adapters.store.administration import PostgresAdministrationUnit
from backbone.adapters.store.budget import PostgresBudget
from backbone.adapters.store.locks import PostgresLocks
from backbone.adapters.store.pool import Pool, connect_for_locks, open_pool
from backbone.adapters.store.rows import Rows
from backbone.adapters.store.units import PostgresUnit, TurnsOf
from backbone.core.model.keys import Millis
from backbone.ports.administration import AdministrationUnit
from backbone.ports.store import Fence, UnitOfWork

_FORGET = (
    "delete from inbox where applied and sent < %s",
    "delete from journal where at < %s",
    "delete from loser where at < %s",
    "delete from removal where at < %s",
)
_FORGET_CONTENTS = (sent.FORGET, received.FORGET)
_CONTENTS_KEPT = 30 * 24 * 3600 * 1000  # milliseconds


def _wall_clock() -> Millis:
    return Millis(int(time() * 1000))


Unit = TypeVar("Unit", bound=PostgresUnit)


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
        return self._unit(PostgresUnit)

    def administration(self) -> AbstractAsyncContextManager[AdministrationUnit]:
        return self._unit(PostgresAdministrationUnit)

    def hold(self, name: str) -> AbstractAsyncContextManager[Fence | None]:
        return self._locks.hold(name)

    def hold_all(self, names: Sequence[str]) -> AbstractAsyncContextManager[Mapping[str, Fence]]:
        return self._locks.hold_all(names)

    def budget(self, host: str) -> PostgresBudget:
        """The budget of a Jira host, shared with all processes of this database. One object a host and process."""
        return PostgresBudget(self._pool, host)

    async def forget(self, before: Millis) -> None:
        """Remove what is older and of no use any more: messages that were applied, journal, losers, removals.

        What parcels said goes after 30 days; that they were said stays.
        """
        contents = self._now() - _CONTENTS_KEPT
        async with self._pool.connection() as connection:
            for statement in _FORGET_CONTENTS:
                await connection.execute(statement, (contents,))
            for statement in _FORGET:
                await connection.execute(statement, (before,))

    @asynccontextmanager
    async def _unit(self, kind: type[Unit]) -> AsyncIterator[Unit]:
        async with self._pool.connection() as connection:
            try:
                async with connection.pipeline() as pipeline:
                    yield kind(Rows(connection, pipeline), self._locks, self._turns, self._now)
            finally:
                if not connection.closed:
                    await connection.rollback()  # what was not committed; the pool would commit it


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
