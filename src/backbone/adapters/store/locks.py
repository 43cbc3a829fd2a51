"""Locks by name on one connection of this process, each with an epoch that rises whenever it is taken (rule 14).

A lock is an advisory lock of that connection's session: PostgreSQL lets go of it when the session ends, however the
process died. An epoch is a row: who holds a lock that somebody else took meanwhile names an old one, and neither
commits nor writes. docs/adr/0010-locks-and-fences.md says why both are needed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import LiteralString, TypeVar

import psycopg

from backbone.adapters.store.rows import Connection, Row
from backbone.ports.store import Fence, LockLost

T = TypeVar("T")
Connect = Callable[[], Awaitable[Connection]]

# An epoch begins with the time, so that none is given twice although a crash of the database may forget the last ones.
_TAKE = """
    with attempt as materialized (
        select name, pg_try_advisory_lock(key) as taken
        from unnest(%(names)s::text[], %(keys)s::bigint[]) as wanted(name, key)
    )
    insert into fence as known (name, epoch)
    select name, (extract(epoch from clock_timestamp()) * 1000000)::bigint from attempt where taken order by name
    on conflict (name) do update set epoch = greatest(known.epoch + 1, excluded.epoch)
    returning name, epoch
"""
_RELEASE = "select count(pg_advisory_unlock(key)) from unnest(%(keys)s::bigint[]) key"
_EPOCHS_NOW = "select name, epoch from fence where name = any(%(names)s)"
# The row lock keeps others from raising the epoch until the transaction ends.
_EPOCHS = "select name, epoch from fence where name = any(%s) order by name for share"


@dataclass(eq=False, slots=True, kw_only=True)
class PostgresFence:
    """A lock held by a session. ``session`` numbers the connections that the locks of this process had."""

    name: str
    epoch: int
    session: int
    locks: PostgresLocks = field(repr=False)

    async def check(self) -> None:
        await self.locks.check(self)


class PostgresLocks:
    """All locks that this process holds. A statement that takes longer than ``patience`` seconds loses them."""

    def __init__(self, connect: Connect, *, patience: float = 10.0) -> None:
        self._connect = connect
        self._patience = patience
        self._connection: Connection | None = None
        self._session = 0
        self._held: dict[int, PostgresFence] = {}
        self._taking: set[int] = set()
        self._reconnecting = asyncio.Lock()
        self._checking: set[str] = set()
        self._asking = asyncio.Lock()
        self._answered: Mapping[str, int] = {}

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[Fence | None]:
        """Hold the lock while the context lasts, or give None. Raises psycopg.Error while there is no database."""
        async with self.hold_all([name]) as fences:
            yield fences.get(name)

    @asynccontextmanager
    async def hold_all(self, names: Sequence[str]) -> AsyncIterator[Mapping[str, Fence]]:
        """The same for many locks in one statement: those that are free."""
        fences = await self._to_the_end(self._take(names), undo=self._release)
        try:
            yield {fence.name: fence for fence in fences}
        finally:
            await self._to_the_end(self._release(fences))

    async def check(self, fence: Fence) -> None:
        """Ask on the very connection that holds the lock: an answer proves that it is there.

        Those who check while somebody asks are asked for together, in the next statement.
        """
        self.require([fence])
        try:
            epochs = await self._to_the_end(self._epochs(fence.name))
        except (psycopg.Error, OSError) as error:
            raise LockLost(f"the connection that held the lock {fence.name} is lost") from error
        self.require([fence])
        if epochs.get(fence.name) != fence.epoch:
            raise LockLost(f"somebody else took the lock {fence.name}")

    def require(self, fences: Sequence[Fence]) -> None:
        """Raise LockLost for what this process knows to be lost, without asking the database."""
        for fence in fences:
            held = self._held.get(_key(fence.name))
            if held is not fence or held.session != self._session or not self._alive:
                raise LockLost(f"the lock {fence.name} is not held any more")

    async def require_in(self, connection: Connection, fences: Sequence[Fence]) -> None:
        """Raise LockLost unless all are ours, and let nobody take them before the transaction ends."""
        if not fences:
            return
        self.require(fences)
        cursor = await connection.execute(_EPOCHS, (sorted(fence.name for fence in fences),))
        epochs: dict[str, int] = dict(await cursor.fetchall())
        for fence in fences:
            if epochs.get(fence.name) != fence.epoch:
                raise LockLost(f"somebody else took the lock {fence.name}")

    async def close(self) -> None:
        """Let go of everything."""
        self._held.clear()
        if self._connection is not None:
            await self._connection.close()

    @property
    def _alive(self) -> bool:
        return self._connection is not None and not self._connection.closed

    async def _take(self, names: Sequence[str]) -> Sequence[PostgresFence]:
        try:
            return await self._attempt(names)
        except psycopg.OperationalError:
            if self._alive:
                raise
        return await self._attempt(names)  # the connection had died since it was used last: on a new one

    async def _attempt(self, names: Sequence[str]) -> Sequence[PostgresFence]:
        async with self._reconnecting:
            if not self._alive:
                await self._reconnect()
        session = self._session
        # PostgreSQL would let one session take an advisory lock twice.
        keys = {key: name for name in names if (key := _key(name)) not in self._held and key not in self._taking}
        if not keys:
            return ()
        self._taking |= keys.keys()
        try:
            rows = await self._ask(_TAKE, {"names": list(keys.values()), "keys": list(keys)})
        finally:
            self._taking -= keys.keys()
        fences = [PostgresFence(name=name, epoch=epoch, session=session, locks=self) for name, epoch in rows]
        self._held |= {_key(fence.name): fence for fence in fences}
        return fences

    async def _release(self, fences: Sequence[PostgresFence]) -> None:
        held = {key: fence for fence in fences if self._held.get(key := _key(fence.name)) is fence}
        ours = [key for key, fence in held.items() if fence.session == self._session]
        try:
            if self._alive and ours:
                await self._ask(_RELEASE, {"keys": ours})
        except (psycopg.Error, OSError):
            pass  # the session is gone, and the locks with it
        finally:
            for key, fence in held.items():
                if self._held.get(key) is fence:
                    del self._held[key]

    async def _epochs(self, name: str) -> Mapping[str, int]:
        """The epochs now of this lock and of those that are asked for at the same time."""
        self._checking.add(name)
        async with self._asking:
            if name not in self._checking:
                return self._answered
            names, self._checking = self._checking, set()
            self._answered = {}  # what fails, fails for all of them
            self._answered = dict(await self._ask(_EPOCHS_NOW, {"names": list(names)}))
            return self._answered

    async def _ask(self, statement: LiteralString, parameters: dict[str, object]) -> list[Row]:
        connection = self._connection
        if connection is None:
            raise psycopg.OperationalError("there is no connection for locks")
        asked = asyncio.ensure_future(_rows(connection, statement, parameters))
        if (await asyncio.wait([asked], timeout=self._patience))[0]:
            return asked.result()
        # First closed, then cancelled: the driver would wait for the server to confirm.
        await connection.close()
        asked.cancel()
        raise psycopg.OperationalError("the database does not answer")

    async def _reconnect(self) -> None:
        self._held.clear()
        self._session += 1
        self._connection = await self._connect()

    async def _to_the_end(self, work: Awaitable[T], undo: Callable[[T], Awaitable[None]] | None = None) -> T:
        """Finish even when cancelled, then undo: half a statement would leave a lock that nobody knows of.

        However often it is cancelled: whoever stops a worker may do so more than once.
        """
        task = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await _ended(task)
            if undo is not None and not task.cancelled() and task.exception() is None:
                await _ended(asyncio.ensure_future(undo(task.result())))
            raise


async def _ended(task: asyncio.Future[T]) -> None:
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])


async def _rows(connection: Connection, statement: LiteralString, parameters: dict[str, object]) -> list[Row]:
    return await (await connection.execute(statement, parameters)).fetchall()


def _key(name: str) -> int:
    """The name as PostgreSQL wants it: 64 bits with a sign."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
