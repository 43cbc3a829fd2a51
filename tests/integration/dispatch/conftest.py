"""A prepared database with a store, and workers that run until the test ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from backbone.adapters.dispatch import Dispatcher, Pace, PostgresTurns, RunTurn, Tick
from backbone.adapters.store import open_store
from backbone.adapters.store.schema import prepare_now
from backbone.core.model.keys import ConnectionName, ConnectorKey, Millis, PairUid
from backbone.ports.records import ApplyTurn, Turn
from backbone.ports.store import Store
from tests.parts.postgres import Migrate, bundled_postgres, database, home_folder

__all__ = ["bundled_postgres", "database"]

QUICK = Pace(
    heartbeat=0.2, stalled=1.0, look=0.05, recovery=0.1, sweep=0.3, lease=1.0, grace=5.0, restart=0.1, patience=2.0
)


@pytest.fixture(scope="session")
def migrate_schema() -> Migrate:
    return prepare_now


@pytest.fixture
def home() -> Iterator[Path]:
    with home_folder() as folder:
        yield folder


@dataclass(slots=True, kw_only=True)
class Place:
    """A store, its database, and ways to start workers on it."""

    dsn: str
    store: Store
    ends: AsyncExitStack = field(repr=False)

    async def work(
        self,
        run_turn: RunTurn,
        ticks: Sequence[Tick] = (),
        *,
        pace: Pace = QUICK,
        concurrency: int = 4,
        attempts: int = 8,
    ) -> Callable[[], Any]:
        """Start a worker; what is returned stops it."""
        return await self.ends.enter_async_context(
            working(Dispatcher(self.dsn, run_turn, ticks, pace=pace, attempts=attempts), concurrency)
        )

    async def wake(self, *turns: Turn, after: float = 0.0) -> None:
        async with self.store.unit() as unit:
            for turn in turns:
                await unit.turns.wake(turn, after=after)
            await unit.commit()

    async def begun(self, turn: Turn) -> None:
        async with self.store.unit() as unit:
            await unit.turns.begun(turn)
            await unit.commit()

    async def hint(self, connection: str) -> None:
        async with self.store.unit() as unit:
            await unit.hints.note(ConnectionName(connection), [], Millis(1))
            await unit.commit()

    async def until(self, statement: str) -> None:
        """Wait until the statement finds a row."""
        await eventually(lambda: self.ask(statement))

    async def ask(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.dsn, autocommit=True) as connection:
            cursor = await connection.execute(statement.encode(), parameters)
            return await cursor.fetchall() if cursor.description else []


@asynccontextmanager
async def working(dispatcher: Dispatcher, concurrency: int) -> AsyncIterator[Callable[[], Any]]:
    stop = asyncio.Event()
    task = asyncio.create_task(dispatcher.run(stop, concurrency))

    async def end() -> None:
        stop.set()
        await task

    try:
        yield end
    finally:
        await end()


@pytest.fixture
async def place(database: str) -> AsyncIterator[Place]:
    async with AsyncExitStack() as ends:
        store = await ends.enter_async_context(open_store(database, PostgresTurns))
        yield Place(dsn=database, store=store, ends=ends)


async def eventually(condition: Callable[[], Any]) -> None:
    """Wait for an asynchronous condition; the limit of the test run is the limit."""
    while not await condition():  # noqa: ASYNC110 - what is waited for happens in a database
        await asyncio.sleep(0.02)


def turn_of(pair: str) -> ApplyTurn:
    return ApplyTurn(connector=ConnectorKey("PA-1"), pair=PairUid(pair))
