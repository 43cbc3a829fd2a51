"""Every implementation of the store, each beside a second one on the same data, as another process would have it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import psycopg
import pytest

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.memory import MemoryStore
from backbone.adapters.store import open_store
from backbone.adapters.store.schema import prepare_now
from backbone.core.model.keys import Millis
from backbone.ports.store import Store
from tests.parts.postgres import DatabaseServer, bundled_postgres, debian_postgres

__all__ = ["bundled_postgres", "debian_postgres"]

_START = Millis(1000)
_CUT_LOCK_HOLDERS = """
    select pg_terminate_backend(pid) from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
"""


@dataclass(slots=True)
class Clock:
    """A clock that tests set."""

    time: Millis = _START

    def __call__(self) -> Millis:
        return self.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A store, the same one as another process sees it, and what may happen to them."""

    store: Store
    other: Store
    cut_locks: Callable[[], Awaitable[None]]
    clock: Clock = field(default_factory=Clock)


@pytest.fixture(params=["memory", "bundled", "debian"])
def server(request: pytest.FixtureRequest) -> DatabaseServer | None:
    """Where the store is: None for memory."""
    if request.param == "memory":
        return None
    found = request.getfixturevalue(f"{request.param}_postgres")
    assert isinstance(found, DatabaseServer)
    return found


@pytest.fixture
async def stage(server: DatabaseServer | None) -> AsyncIterator[Stage]:
    async with _in_memory() if server is None else _on(server) as made:
        yield made


@pytest.fixture
def store(stage: Stage) -> Store:
    return stage.store


@asynccontextmanager
async def _in_memory() -> AsyncIterator[Stage]:
    clock = Clock()
    memory = MemoryStore("installation", "incarnation", clock)

    async def forget() -> None:
        for name in list(memory.locks.held):
            memory.locks.lose(name)

    yield Stage(store=memory, other=memory, cut_locks=forget, clock=clock)


@asynccontextmanager
async def _on(server: DatabaseServer) -> AsyncIterator[Stage]:
    clock = Clock()
    async with AsyncExitStack() as ends:
        dsn = ends.enter_context(server.database(prepare_now))
        first = await ends.enter_async_context(open_store(dsn, PostgresTurns, now=clock))
        second = await ends.enter_async_context(open_store(dsn, PostgresTurns, now=clock))

        async def terminate() -> None:
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
                await connection.execute(_CUT_LOCK_HOLDERS)

        yield Stage(store=first, other=second, cut_locks=terminate, clock=clock)
