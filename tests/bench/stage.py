"""What throughput, scaling and kills are measured on: two Jiras, a PostgreSQL on disk, and worker processes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.postgres import start
from backbone.adapters.store import open_store, prepare
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases import applying
from backbone.app.usecases.serving import LOOK
from backbone.bootstrap.clock import WallSystem
from tests.bench.jira import LUMEN, NORTHWIND, RemoteJira, remote_jira
from tests.bench.worker import Orders, trackers_of
from tests.bench.worlds import declaration
from tests.parts.postgres import home_folder


@dataclass(slots=True, kw_only=True)
class Stage:
    """The parts, and the workers that run."""

    first: RemoteJira
    second: RemoteJira
    home: Path
    orders: Orders
    postgres_pid: int
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start_worker(self, *, hasty: bool = False) -> asyncio.subprocess.Process:
        argument = replace(self.orders, hasty=hasty).argument()
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.worker", argument)
        self.workers.append(process)
        return process

    async def stop_workers(self) -> None:
        """Let them end by themselves, and make sure that they do."""
        for one in self.workers:
            if one.returncode is None:
                one.terminate()
        for one in self.workers:
            try:
                await asyncio.wait_for(one.wait(), 40)
            except TimeoutError:
                one.kill()
                await one.wait()
        self.workers.clear()

    async def start_postgres(self) -> None:
        """Start the database again after it was killed."""
        running = await start(self.home)
        self.postgres_pid = running.pid

    async def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        async with await psycopg.AsyncConnection.connect(self.orders.dsn, autocommit=True) as connection:
            return await (await connection.execute(statement.encode())).fetchall()

    def memory(self) -> int:
        """Bytes that the workers hold now."""
        return sum(psutil.Process(one.pid).memory_info().rss for one in self.workers if one.returncode is None)


@asynccontextmanager
async def stage(
    *, issues: int, cloud_issues: int = 0, concurrency: int = 10, interval: float = LOOK
) -> AsyncIterator[Stage]:
    """Everything is ready and the synchronization is declared; no worker runs yet."""
    async with AsyncExitStack() as ends:
        first = await ends.enter_async_context(remote_jira(NORTHWIND, issues))
        second = await ends.enter_async_context(remote_jira(LUMEN, cloud_issues))
        home = await ends.enter_async_context(_home())
        running = await start(home)
        orders = Orders(
            dsn=running.dsn, northwind=first.url, lumen=second.url, concurrency=concurrency, interval=interval
        )
        made = Stage(first=first, second=second, home=home, orders=orders, postgres_pid=running.pid)
        ends.push_async_callback(made.stop_workers)
        await declare(orders)
        yield made


@asynccontextmanager
async def _home() -> AsyncIterator[Path]:
    """A folder on disk, since flushing is part of the price; its server is stopped at the end."""
    lent = home_folder()
    home = lent.__enter__()
    try:
        yield home
    finally:
        await asyncio.to_thread(lent.__exit__, None, None, None)


async def declare(orders: Orders) -> None:
    """What `backbone apply` does."""
    text = declaration().replace("http://127.0.0.1:8081", orders.northwind)
    text = text.replace("http://127.0.0.1:8082", orders.lumen)
    await prepare(orders.dsn)
    async with open_store(orders.dsn, PostgresTurns) as store:
        trackers = trackers_of(store, orders)
        try:
            declared = await resolve(declaration_from(text.encode(), "bench.yaml"), trackers)
        finally:
            for tracker in trackers.values():
                await tracker.close()
        await applying.apply(store, declared, "bench.yaml", WallSystem().now())
