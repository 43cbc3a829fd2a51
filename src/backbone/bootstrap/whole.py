"""Everything put together, for one process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from pathlib import Path

from backbone.adapters.dispatch import Dispatcher, PostgresTurns, Tick
from backbone.adapters.memory import MemoryStore
from backbone.adapters.pgp.cipher import SequoiaCipher
from backbone.adapters.store import (
    PostgresBudget,
    PostgresStore,
    open_store,
    prepare,
)
from backbone.adapters.store.pool import open_pool
from backbone.adapters.transports.made import MadeTransports
from backbone.app.access.authentication import Authentication
from backbone.app.access.forgetting import forget_access
from backbone.app.access.sealed import sealed_secrets
from backbone.app.channel.desk import channel_lock
from backbone.app.channel.exchange import TICK
from backbone.app.declaration.credentials import Unseal
from backbone.app.engine.context import Engine
from backbone.app.usecases.channels.office import Office
from backbone.app.usecases.tasks.forgetting import forget_old
from backbone.app.usecases.tasks.host import TaskHost
from backbone.app.usecases.tasks.running import run_turn_or_task
from backbone.app.usecases.webhooks.registering import UPKEEP, Desk, keep_up
from backbone.bootstrap.access import authentication_of, sealer_of
from backbone.bootstrap.channels import Channels
from backbone.bootstrap.clock import WallSystem
from backbone.bootstrap.database import database, told_plainly
from backbone.bootstrap.garbage import collect_seldom
from backbone.bootstrap.jiras import Registries, Trackers, tried
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.observe import KEPT
from backbone.ports.records import StoredConnection, Turn
from backbone.ports.sealing import Sealer
from backbone.ports.system import System
from backbone.ports.tracker import Tracker
from backbone.settings import Settings, shown
from backbone.web.front import BASE

_DAY = 24 * 3600.0  # seconds
_KEPT = 90 * 24 * 3600 * 1000  # milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """Everything put together, for one process. There is one ``engine``: its turns share what it has places for."""

    settings: Settings
    dsn: str
    store: PostgresStore
    trackers: Trackers
    authentication: Authentication
    engine: Engine
    channels: Channels

    @property
    def system(self) -> System:
        return self.engine.system

    @property
    def time_zone(self) -> tzinfo:
        return self.settings.time_zone

    @property
    def sealer(self) -> Sealer:
        return sealer_of(self.settings)

    def office(self, folder: Path = Path("/")) -> Office:
        """For setting up channels to partners. ``folder`` is that of the configuration file."""
        return Office(
            store=self.store,
            system=self.system,
            cipher=self.channels.cipher,
            transports=self.channels.transports,
            sealer=self.sealer,
            environment=os.environ,
            folder=folder,
        )

    async def farewell(self, key: SynchronizationKey) -> None:
        """Tell a partner behind firewalls that our half is deleted, as far as it can be reached."""
        await self.channels.say_farewell(key)

    @property
    def webhook_desk(self) -> Desk:
        """For registering webhooks."""
        public = self.settings.public_address
        address_of = None if public is None else lambda secret: f"{public}{BASE}/hints/{secret}"
        return Desk(
            store=self.store,
            engine=self.engine,
            registries=Registries(self.trackers),
            sealer=self.sealer,
            address_of=address_of,
        )

    async def open_connections(self) -> bool:
        """Open the stored connections that are new or were applied again; whether there were any."""
        async with self.store.administration() as unit:
            stored = await unit.synchronizations.connections()
            unseal = await sealed_secrets(unit, self.sealer)
        return await self.trackers.refresh(stored, unseal)

    async def unblock(self) -> None:
        """Let hosts be called again that refused our log-in: a person put something right."""
        await self.open_connections()
        await self.trackers.unblock()

    def trying(self, candidate: StoredConnection, unseal: Unseal) -> AbstractAsyncContextManager[Tracker]:
        """The Jira of a connection that is not stored yet. Raises Mistake."""
        return tried(candidate, unseal)

    def shown_settings(self) -> Mapping[str, object]:
        """The settings without what is secret."""
        return shown(self.settings)

    def last_log_lines(self) -> list[str]:
        """The last lines that this process logged."""
        return list(KEPT)

    def scratch(self) -> MemoryStore:
        """An empty store in memory, for plans."""
        return MemoryStore(self.store.installation, self.store.incarnation, self.system.now)

    @asynccontextmanager
    async def turns(self) -> AsyncIterator[WorkerTurns]:
        """A worker of this process in the background."""
        worker = WorkerTurns(self)
        stop = asyncio.Event()
        running = asyncio.create_task(Dispatcher(self.dsn, worker.run).run(stop, self.settings.concurrency))
        try:
            yield worker
        finally:
            stop.set()
            await running

    async def work(self, stop: asyncio.Event, ticks: Mapping[str, tuple[float, Callable[[], Awaitable[None]]]]) -> None:
        """Run turns and ticks until told to stop. ``ticks`` maps names to seconds and what to do."""
        collect_seldom()
        made = [Tick(name=name, seconds=seconds, run=run) for name, (seconds, run) in ticks.items()]
        keys = await self.channels.keys()
        made.extend(Tick(name=channel_lock(key), seconds=TICK, run=partial(self.channels.step, key)) for key in keys)
        made.append(Tick(name="forget", seconds=_DAY, run=self._forget))
        made.append(Tick(name="webhooks", seconds=UPKEEP, run=partial(keep_up, self.webhook_desk)))
        dispatcher = Dispatcher(self.dsn, lambda turn: run_turn_or_task(self, turn), made)
        async with self.channels.listening():
            await dispatcher.run(stop, self.settings.concurrency)

    async def _forget(self) -> None:
        """Let go of what nobody asks for any more; else the journal and the messages would fill the disk."""
        now = self.system.now()
        await self.store.forget(Millis(now - _KEPT))
        await forget_old(self.store, now)
        await forget_access(self.store, now)


class WorkerTurns:
    """The turns that a worker of this process runs, and whether any are left."""

    def __init__(self, host: TaskHost) -> None:
        self._host = host
        self._active = 0
        self._ran = 0
        self._again: set[Turn] = set()

    async def run(self, turn: Turn) -> float | None:
        """Run a turn and remember whether it has to come again."""
        self._active += 1
        try:
            after = await run_turn_or_task(self._host, turn)
        finally:
            self._active -= 1
        if after is None:
            self._again.discard(turn)
            self._ran += 1
        else:
            self._again.add(turn)
        return after

    async def settle(self) -> int:
        """Wait until no turn runs; those that wait for their time are :meth:`unfinished`."""
        idle = 0
        while idle < 2:
            before = self._ran
            await self._host.system.sleep(0.05)
            busy = self._active or self._ran != before or await self._ready()
            idle = 0 if busy else idle + 1
        ran, self._ran = self._ran, 0
        return ran

    async def unfinished(self) -> int:
        return len(self._again) + await self._queued()

    async def _ready(self) -> bool:
        return await self._queued() > len(self._again)

    async def _queued(self) -> int:
        async with self._host.store.unit() as uow:
            return await uow.turns.queued()


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[Backbone]:
    """Everything, with the schema of the database brought up to date. Raises Mistake."""
    with told_plainly():
        async with database(settings) as dsn:
            await prepare(dsn)
            connections = min(40, max(10, settings.concurrency))  # a PostgreSQL admits a hundred, of all processes
            async with open_pool(dsn, 2) as pool, open_store(dsn, PostgresTurns, connections=connections) as store:
                trackers, system = Trackers(lambda host: PostgresBudget(pool, host)), WallSystem()
                engine = Engine(store=store, trackers=trackers, system=system)
                cipher = SequoiaCipher()
                channels = Channels(
                    engine=engine,
                    cipher=cipher,
                    transports=MadeTransports(),
                    sealer=sealer_of(settings),
                    environment=os.environ,
                )
                try:
                    yield Backbone(
                        settings=settings,
                        dsn=dsn,
                        store=store,
                        trackers=trackers,
                        authentication=authentication_of(settings, store, system),
                        engine=engine,
                        channels=channels,
                    )
                finally:
                    await channels.close()
                    await cipher.close()
                    await trackers.close()
