"""A worker process of the benchmarks: the engine and the dispatcher as `backbone worker` has them, until it is killed.

It differs in its haste: the time after which a dead worker is given up can be set, so that three hundred kills
take minutes instead of hours. Called with a JSON object.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import asdict, dataclass, field

import msgspec

from backbone.adapters.dispatch import Dispatcher, Pace, PostgresTurns, Tick
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.tracker import JiraTracker
from backbone.adapters.store import PostgresStore, open_store
from backbone.app.engine import doubts
from backbone.app.engine.context import Engine
from backbone.app.usecases.serving import LOOK, Ticks, keep_serving
from backbone.app.usecases.tasks.running import run_turn_or_task
from backbone.bootstrap.clock import WallSystem
from backbone.bootstrap.garbage import collect_seldom
from backbone.core.model.keys import ConnectionName
from backbone.core.sync import incoming
from backbone.observe import configure
from backbone.ports.login import ApiTokenLogin, TokenLogin
from backbone.ports.system import System
from backbone.settings import LogFormat, LogLevel

HASTY = Pace(heartbeat=0.5, stalled=2.5, look=0.2, recovery=0.5, sweep=5.0, lease=2.0, grace=2.0, restart=0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a worker is told."""

    dsn: str
    northwind: str
    lumen: str
    concurrency: int = 10
    interval: float = LOOK
    hasty: bool = False

    def argument(self) -> str:
        return msgspec.json.encode(asdict(self)).decode()


def connection_of(name: str, url: str, concurrency: int) -> JiraConnection:
    """The account of the synchronization."""
    login = (
        TokenLogin(token="northwind-token")
        if name == "northwind"
        else ApiTokenLogin(email="sync@lumen.example", api_token="lumen-token")
    )
    return JiraConnection(base_url=url, login=login, concurrency=concurrency)


def trackers_of(store: PostgresStore, orders: Orders) -> dict[ConnectionName, JiraTracker]:
    """Both Jiras; the budget of each is shared by all workers."""
    return {
        ConnectionName(name): JiraTracker(connection_of(name, url, orders.concurrency), store.budget(url))
        for name, url in (("northwind", orders.northwind), ("lumen", orders.lumen))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """This process, for the loop that serves."""

    store: PostgresStore
    engine: Engine
    orders: Orders
    system: System = field(default_factory=WallSystem)
    pace: Pace = field(default_factory=Pace)

    async def open_connections(self) -> bool:
        return False

    async def work(self, stop: asyncio.Event, ticks: Ticks) -> None:
        made = [
            Tick(name=name, seconds=min(seconds, self.orders.interval) if _quick(name) else seconds, run=run)
            for name, (seconds, run) in ticks.items()
        ]
        dispatcher = Dispatcher(self.orders.dsn, lambda turn: run_turn_or_task(self, turn), made, pace=self.pace)
        await dispatcher.run(stop, self.orders.concurrency)


def _quick(name: str) -> bool:
    return name.startswith(("look:", "catch-up:"))


LATE_ANSWER = 3_000
"""Milliseconds instead of two minutes: the pretend Jiras carry out nothing later than that."""


def tell_where() -> None:
    """Where every task of this process stands, on standard error."""
    for task in asyncio.all_tasks():
        task.print_stack()


async def work(orders: Orders) -> None:
    """Serve until told to stop."""
    if orders.hasty:
        doubts.LATE_ANSWER = incoming.LATE_ANSWER = LATE_ANSWER  # type: ignore[attr-defined]  # it is imported there
    collect_seldom()
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell_where)
    async with open_store(orders.dsn, PostgresTurns) as store:
        trackers = trackers_of(store, orders)
        engine = Engine(store=store, trackers=trackers, system=WallSystem())
        host = Host(store=store, engine=engine, orders=orders, pace=HASTY if orders.hasty else Pace())
        try:
            await keep_serving(host, stop)
        finally:
            for tracker in trackers.values():
                await tracker.close()


def main(argument: str) -> None:
    configure(LogLevel.ERROR, LogFormat.CONSOLE)
    asyncio.run(work(msgspec.json.decode(argument, type=Orders)))


if __name__ == "__main__":
    main(sys.argv[1])
