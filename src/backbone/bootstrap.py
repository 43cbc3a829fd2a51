"""The composition root: the only place that knows every part and puts them together."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, assert_never

import psycopg
from psycopg_pool import PoolTimeout

from backbone.adapters import postgres
from backbone.adapters.dispatch import Dispatcher, PostgresTurns, Tick
from backbone.adapters.jira.budget import CappedBudget, ProcessBudget
from backbone.adapters.jira.connection import AccessToken, ApiToken, Basic, Credentials, JiraConnection
from backbone.adapters.memory import MemoryStore
from backbone.adapters.store import (
    DatabaseIsNewer,
    PostgresBudget,
    PostgresStore,
    new_incarnation,
    open_store,
    prepare,
)
from backbone.adapters.store.pool import open_pool
from backbone.app.declaration.credentials import ApiTokenLogin, Login, OpenedConnection, PasswordLogin, TokenLogin
from backbone.app.engine.context import Engine
from backbone.app.engine.orphans import begin_again
from backbone.app.usecases.guarded import run_turn_guarded
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.reopening import reopen
from backbone.core.model.keys import ConnectionName, Millis
from backbone.core.model.problems import Code
from backbone.ports.budget import HostBudget
from backbone.ports.records import StoredConnection, Turn
from backbone.ports.system import System
from backbone.ports.tracker import AccessError, Tracker, TransientError
from backbone.settings import Settings

if TYPE_CHECKING:  # it takes a third of a second to import, and half of the commands call no Jira
    from backbone.adapters.jira.tracker import JiraTracker


class WallSystem:
    """The real clock and real chance."""

    def now(self) -> Millis:
        return Millis(time.time_ns() // 1_000_000)

    def new_id(self) -> str:
        return token_hex(16)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


# --- Jiras ------------------------------------------------------------------------------------------------------------


class Trackers(Mapping[ConnectionName, Tracker]):
    """The Jiras of this process. One that can't be reached for want of its secret fails when it is asked for.

    ``budget`` gives the budget of a host, which all processes share.
    """

    def __init__(self, budget: Callable[[str], HostBudget]) -> None:
        self._budgets: dict[str, HostBudget] = {}
        self._new_budget = budget
        self._open: dict[ConnectionName, JiraTracker] = {}
        self._missing: dict[ConnectionName, Mistake] = {}
        self._documents: dict[ConnectionName, object] = {}

    def __getitem__(self, name: ConnectionName) -> Tracker:
        if name in self._open:
            return self._open[name]
        if name in self._missing:
            mistake = self._missing[name]
            raise AccessError(Code.LOGIN_REFUSED, f"{mistake.place}: {mistake.cause}", mistake.cure)
        raise TransientError(f"the connection {name} is not open yet", retry_after=2.0)

    def __iter__(self) -> Iterator[ConnectionName]:
        return iter(self._open)

    def __len__(self) -> int:
        return len(self._open)

    async def refresh(self, stored: Sequence[StoredConnection]) -> bool:
        """Open what is new or was applied again; whether anything was."""
        changed = [one for one in stored if self._documents.get(one.name) != one.document]
        for one in changed:
            await self._close(one.name)
            self._documents[one.name] = one.document
            try:
                self._open[one.name] = tracker_of(reopen(one, os.environ), self._budget_of)
            except Mistake as mistake:
                self._missing[one.name] = mistake
        return bool(changed)

    async def unblock(self) -> None:
        """Lift the blocks of all hosts that are open here."""
        for budget in self._budgets.values():
            await budget.unblock()

    async def close(self) -> None:
        for name in list(self._open):
            await self._close(name)

    def _budget_of(self, host: str) -> HostBudget:
        """One for each host: connections to the same Jira share it."""
        if host not in self._budgets:
            self._budgets[host] = self._new_budget(host)
        return self._budgets[host]

    async def _close(self, name: ConnectionName) -> None:
        self._missing.pop(name, None)
        tracker = self._open.pop(name, None)
        if tracker is not None:
            await tracker.close()


def tracker_of(opened: OpenedConnection, budget_of: Callable[[str], HostBudget]) -> JiraTracker:
    """The tracker of a connection; nothing is called yet."""
    from backbone.adapters.jira.tracker import JiraTracker  # noqa: PLC0415  see the top

    connection = JiraConnection(
        base_url=opened.url,
        credentials=_credentials(opened.login),
        proxy=opened.proxy,
        ca_file=opened.ca_file,
    )
    budget = budget_of(connection.host)
    return JiraTracker(connection, budget if opened.rate is None else CappedBudget(budget, opened.rate))


def _credentials(login: Login) -> Credentials:
    match login:
        case PasswordLogin(user=user, password=password):
            return Basic(user=user, password=password)
        case TokenLogin(token=token):
            return AccessToken(token=token)
        case ApiTokenLogin(email=email, api_token=token):
            return ApiToken(email=email, token=token)
        case _:
            assert_never(login)


@asynccontextmanager
async def opened_trackers(
    connections: Mapping[ConnectionName, OpenedConnection],
) -> AsyncIterator[Mapping[ConnectionName, JiraTracker]]:
    """Trackers of a file that is not applied yet."""
    trackers = {name: tracker_of(one, lambda _: ProcessBudget()) for name, one in connections.items()}
    try:
        yield trackers
    finally:
        for tracker in trackers.values():
            await tracker.close()


# --- the database -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """The address of a database that answers: yours, or the one in the home folder, started if it does not run.

    Raises Mistake. Whoever is the last to use the home folder's server stops it.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with _in_use(settings.home) as last:
        try:
            running = await postgres.start(settings.home, binaries=settings.pg_bin)
        except postgres.PostgresUnavailable as error:
            raise Mistake("database", error.cause, error.remedy) from error
        try:
            yield running.dsn
        finally:
            if last():
                await postgres.stop(settings.home)


@contextmanager
def _in_use(home: Path) -> Iterator[Callable[[], bool]]:
    """Say that this process uses the home's server; what is yielded tells whether nobody else does."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(home / "in-use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        cause = f"the folder can't be used: {(error.strerror or type(error).__name__).lower()}"
        raise Mistake(str(home), cause, "Set BACKBONE_HOME to a folder that can be written") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield lambda: _alone(handle)
    finally:
        os.close(handle)


def _alone(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def told_plainly() -> Iterator[None]:
    """Errors of the database that its administrator must mend, as one sentence."""
    try:
        yield
    except DatabaseIsNewer as error:
        raise Mistake("database", *_two_sentences(str(error))) from error
    except postgres.PostgresUnavailable as error:
        raise Mistake("database", error.cause, error.remedy) from error
    except psycopg.errors.DiskFull as error:
        cure = "Make room on that disk, then try again"
        raise Mistake("database", _first_line(error), cure) from error
    except (psycopg.OperationalError, PoolTimeout) as error:
        cure = "Check BACKBONE_DATABASE_URL and that this PostgreSQL runs and lets us in"
        raise Mistake("database", f"can't be reached: {_reason(error)}", cure) from error
    except psycopg.errors.InsufficientPrivilege as error:
        cure = "Give the user of BACKBONE_DATABASE_URL the right to create tables in that database"
        raise Mistake("database", _first_line(error), cure) from error


def _two_sentences(text: str) -> tuple[str, str]:
    cause, _, cure = text.partition(": ")
    return cause, cure[:1].upper() + cure[1:]


def _reason(error: Exception) -> str:
    """Why no connection came about: the last line that is no hint in the form of a question."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.endswith("?")]
    return (told or lines or [type(error).__name__])[-1]


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


_DAY = 24 * 3600.0  # seconds
_KEPT = 90 * 24 * 3600 * 1000  # milliseconds


# --- the whole --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """Everything put together, for one process."""

    settings: Settings
    dsn: str
    store: PostgresStore
    trackers: Trackers
    system: System = field(default_factory=WallSystem)

    @property
    def engine(self) -> Engine:
        return Engine(store=self.store, trackers=self.trackers, system=self.system)

    async def open_connections(self) -> bool:
        """Open the stored connections that are new or were applied again; whether there were any."""
        async with self.store.unit() as uow:
            stored = await uow.synchronizations.connections()
        return await self.trackers.refresh(stored)

    async def unblock(self) -> None:
        """Let hosts be called again that refused our log-in: a person put something right."""
        await self.open_connections()
        await self.trackers.unblock()

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
        engine = self.engine
        made = [Tick(name=name, seconds=seconds, run=run) for name, (seconds, run) in ticks.items()]
        made.append(Tick(name="forget", seconds=_DAY, run=self._forget))
        dispatcher = Dispatcher(self.dsn, lambda turn: run_turn_guarded(engine, turn), made)
        await dispatcher.run(stop, self.settings.concurrency)

    async def _forget(self) -> None:
        """Let go of what nobody asks for any more; else the journal and the messages would fill the disk."""
        await self.store.forget(Millis(self.system.now() - _KEPT))


class WorkerTurns:
    """The turns that a worker of this process runs, and whether any are left."""

    def __init__(self, backbone: Backbone) -> None:
        self._engine = backbone.engine
        self._active = 0
        self._ran = 0
        self._again: set[Turn] = set()

    async def run(self, turn: Turn) -> float | None:
        """Run a turn and remember whether it has to come again."""
        self._active += 1
        try:
            after = await run_turn_guarded(self._engine, turn)
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
            await self._engine.system.sleep(0.05)
            busy = self._active or self._ran != before or await self._ready()
            idle = 0 if busy else idle + 1
        ran, self._ran = self._ran, 0
        return ran

    async def unfinished(self) -> int:
        return len(self._again) + await self._queued()

    async def _ready(self) -> bool:
        return await self._queued() > len(self._again)

    async def _queued(self) -> int:
        async with self._engine.store.unit() as uow:
            return await uow.turns.queued()


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[Backbone]:
    """Everything, with the schema of the database brought up to date. Raises Mistake."""
    with told_plainly():
        async with database(settings) as dsn:
            await prepare(dsn)
            connections = min(40, max(10, settings.concurrency))  # a PostgreSQL admits a hundred, of all processes
            async with open_pool(dsn, 2) as pool, open_store(dsn, PostgresTurns, connections=connections) as store:
                trackers = Trackers(lambda host: PostgresBudget(pool, host))
                try:
                    yield Backbone(settings=settings, dsn=dsn, store=store, trackers=trackers)
                finally:
                    await trackers.close()


# --- copies -----------------------------------------------------------------------------------------------------------


async def backup(settings: Settings, target: Path) -> None:
    """Write the whole database to a file. Raises Mistake."""
    with told_plainly():
        async with database(settings) as dsn:
            await prepare(dsn)
            await postgres.dump(dsn, target, binaries=_programs(settings))


async def restore(settings: Settings, source: Path) -> str:
    """Read a backup into an empty database and begin a new incarnation (rule 24). Raises Mistake."""
    with told_plainly():
        async with database(settings) as dsn:
            await postgres.load(dsn, source, binaries=_programs(settings))
            await prepare(dsn)
            incarnation = await new_incarnation(dsn)
            async with open_store(dsn, PostgresTurns) as store:
                await begin_again(store)
            return incarnation


def _programs(settings: Settings) -> postgres.Binaries:
    return postgres.find_binaries(settings.pg_bin, kept=postgres.kept_in(settings.home))
