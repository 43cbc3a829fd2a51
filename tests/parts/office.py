"""The REST API over a real database and two pretend Jiras, called in this process; a real dispatcher takes the turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient

from backbone.adapters.dispatch import Dispatcher, PostgresTurns
from backbone.adapters.jira.budget import ProcessBudget
from backbone.adapters.memory import MemoryStore
from backbone.adapters.sealing import GivenKeys, KeySealer, new_key_text
from backbone.adapters.store import PostgresStore, open_store
from backbone.app.access.authentication import Authentication
from backbone.app.access.caller import Caller
from backbone.app.access.sealed import sealed_secrets
from backbone.app.declaration.credentials import Unseal
from backbone.app.engine.context import Engine
from backbone.app.usecases.channels.departing import depart
from backbone.app.usecases.channels.office import Office as ChannelOffice
from backbone.app.usecases.quiet import Quiet, until_quiet
from backbone.bootstrap.clock import WallSystem
from backbone.bootstrap.jiras import Trackers, tried
from backbone.bootstrap.whole import WorkerTurns
from backbone.core.model.keys import ConnectionName, SynchronizationKey, jira_of
from backbone.ports.records import StoredConnection
from backbone.ports.sealing import Sealer
from backbone.ports.tracker import Tracker
from backbone.web.app import BASE, create_app
from tests.fakes.cipher import PlainCipher
from tests.fakes.transport import Network
from tests.fakes.world import FakeSystem
from tests.parts.people import PeopleOf, quick_passwords
from tests.parts.two_jiras import FIRST, TwoJiras

ROOT = Caller(name="local:root", shown="root", everything=True)
"""Who calls where a test says nothing else."""


class RunningSystem(FakeSystem):
    """The real clock for pretended Jiras, whose edits are then as old as they look; sleeping takes its time."""

    @property
    def time(self) -> int:
        return WallSystem().now()

    @time.setter
    def time(self, _: int) -> None: ...

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class AllTrackers(Mapping[ConnectionName, Tracker]):
    """Those of the pretended Jiras, and those that synchronizations have of their own."""

    def __init__(self, jiras: TwoJiras, own: Trackers) -> None:
        self._jiras, self._own = jiras, own

    def __getitem__(self, name: ConnectionName) -> Tracker:
        return self._jiras.trackers[name] if name == jira_of(name) else self._own[name]

    def __iter__(self) -> Iterator[ConnectionName]:
        return iter([*self._jiras.trackers, *self._own])

    def __len__(self) -> int:
        return len(self._jiras.trackers) + len(self._own)


@dataclass(slots=True)
class Office:
    """What the composition root puts together, with Jiras that are pretended. ``jiras`` has the simulators.

    ``callers`` are those who may call with ``Authorization: Test NAME``.
    """

    jiras: TwoJiras
    store: PostgresStore
    dsn: str
    time_zone: tzinfo = UTC
    system: WallSystem = field(default_factory=WallSystem)
    sealer: Sealer = field(default_factory=lambda: KeySealer(GivenKeys(new_key_text())))
    callers: dict[str, Caller] = field(default_factory=lambda: {"root": ROOT})
    network: Network = field(default_factory=Network)
    own: Trackers = field(default_factory=lambda: Trackers(lambda _: ProcessBudget()))
    authentication: Authentication = field(init=False)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        """Accounts of the first Jira may sign in."""
        trackers = AllTrackers(self.jiras, self.own)
        self.engine = Engine(store=self.store, trackers=trackers, system=self.system)
        self.authentication = Authentication(
            store=self.store,
            system=self.system,
            passwords=quick_passwords(),
            people=PeopleOf(self.jiras),
            connection=FIRST,
        )

    def shown_settings(self) -> Mapping[str, object]:
        return {"concurrency": 5}

    def last_log_lines(self) -> list[str]:
        return ["event=looked"]

    def office(self) -> ChannelOffice:
        """For channels over a network in memory."""
        return ChannelOffice(
            store=self.store,
            system=self.system,
            cipher=PlainCipher(),
            transports=self.network,
            sealer=self.sealer,
            environment={},
        )

    async def farewell(self, key: SynchronizationKey) -> None:
        await depart(self.store, self.system, key)

    def scratch(self) -> MemoryStore:
        return MemoryStore(self.store.installation, self.store.incarnation, self.system.now)

    async def open_connections(self) -> bool:
        """Those that a synchronization has of its own; the others are open since the beginning."""
        async with self.store.administration() as unit:
            stored = await unit.synchronizations.connections()
            unseal = await sealed_secrets(unit, self.sealer)
        return await self.own.refresh([one for one in stored if one.name != jira_of(one.name)], unseal)

    async def unblock(self) -> None:
        await self.open_connections()

    def trying(self, candidate: StoredConnection, unseal: Unseal) -> AbstractAsyncContextManager[Tracker]:
        return tried(candidate, unseal)

    async def authenticate(self, request: Request) -> Caller | None:
        scheme, _, name = request.headers.get("authorization", "").partition(" ")
        return self.callers.get(name) if scheme == "Test" else None

    @property
    def app(self) -> FastAPI:
        return create_app(self, self.authenticate)

    def client(self, name: str = "root") -> AsyncClient:
        """A client of the API whose addresses are relative to its base."""
        return AsyncClient(
            transport=ASGITransport(app=self.app),
            base_url=f"http://backbone.example{BASE}",
            headers={"Authorization": f"Test {name}"},
        )

    async def quiet(self, patience: float = 60.0) -> Quiet:
        """Synchronize until both sides are quiet."""
        async with self.turns() as turns:
            return await until_quiet(self.engine, turns, None, patience=patience)

    @asynccontextmanager
    async def turns(self) -> AsyncIterator[WorkerTurns]:
        """A worker in the background."""
        worker, stop = WorkerTurns(self), asyncio.Event()
        running = asyncio.create_task(Dispatcher(self.dsn, worker.run).run(stop, 5))
        try:
            yield worker
        finally:
            stop.set()
            await running


@asynccontextmanager
async def office(dsn: str, jiras: TwoJiras | None = None) -> AsyncIterator[Office]:
    """An office on a database with our schema, whose synchronization is applied and not yet run.

    Jiras of your own need the clock of :class:`RunningSystem`.
    """
    async with (
        jiras or TwoJiras(system=RunningSystem()) as here,
        open_store(dsn, PostgresTurns, connections=10) as store,
    ):
        made = Office(jiras=here, store=store, dsn=dsn)
        here.store, here.engine = store, made.engine  # type: ignore[assignment]  # its own pump needs the one in memory
        await here.synchronize()
        try:
            yield made
        finally:
            await made.own.close()
