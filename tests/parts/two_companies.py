"""Two companies with all that is real: whole installations on PostgreSQL, pretend Jiras, keys, a channel in between.

What administrators do by commands is done by the use cases below them. Time is real; ``pump`` steps both channels at
once instead of waiting for their ticks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from backbone.app.access.caller import Caller
from backbone.app.declaration.credentials import open_connections
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases.applying import apply, published_for
from backbone.app.usecases.channels.confirming import confirm_code
from backbone.app.usecases.channels.offering import offer
from backbone.app.usecases.channels.showing import Shown, show
from backbone.app.usecases.publishing_to_partner import Publishing
from backbone.app.usecases.serving import keep_serving
from backbone.app.usecases.switching import start
from backbone.bootstrap import assembled, opened_trackers
from backbone.bootstrap.whole import Backbone
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.records import OpenProblem
from backbone.settings import Settings

PATIENCE = 120.0
"""Seconds within which something that is waited for has to happen."""

ADMINISTRATOR = Caller(name="administrator", shown="administrator", everything=True)
HANDSHAKE = "handshake.asc"


async def _nothing() -> None:
    """Nobody wants to know."""


@dataclass(slots=True, kw_only=True)
class Company:
    """One installation. ``top`` is its configuration file without what is mapped, ``rest`` what comes after it."""

    backbone: Backbone
    folder: Path
    top: str
    rest: str
    after_step: Callable[[], Awaitable[None]] = _nothing
    serving: asyncio.Task[None] | None = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def apply(self, rest: str) -> SynchronizationKey:
        """Put the file in force."""
        store, file = self.backbone.store, self.folder / "backbone.yaml"
        file.write_text(self.top + rest)
        declaration = declaration_from(file.read_bytes(), str(file))
        async with opened_trackers(open_connections(declaration, {})) as trackers:
            declared = await resolve(declaration, trackers, await published_for(store))
        publishing = Publishing(office=self.backbone.office(self.folder), system=self.backbone.system)
        [done] = await apply(store, declared, str(file), self.backbone.system.now(), publishing=publishing)
        await self.backbone.open_connections()
        assert done.key is not None
        return done.key

    async def key(self) -> SynchronizationKey:
        async with self.backbone.store.unit() as uow:
            [one] = await uow.synchronizations.all()
        return one.key

    async def shown(self) -> Shown:
        return await show(self.backbone.office(self.folder), await self.key())

    async def step(self) -> None:
        """One tick of its channel; then the test may look at what left."""
        await self.backbone.channels.step(await self.key())
        await self.after_step()

    async def confirm(self) -> None:
        """A person compares the code."""
        code = (await self.shown()).code
        assert code is not None
        await confirm_code(self.backbone.office(self.folder), await self.key(), code, ADMINISTRATOR)

    async def start(self) -> None:
        await start(self.backbone.store, await self.key(), self.backbone.system.now())

    def serve(self) -> None:
        """What `backbone serve` does, until :meth:`leave`."""
        self._stop = asyncio.Event()
        self.serving = asyncio.create_task(keep_serving(self.backbone, self._stop))

    async def leave(self) -> None:
        """The process of this installation ends; its store stays."""
        if self.serving is not None:
            self._stop.set()
            await self.serving
            self.serving = None

    async def problems(self) -> list[OpenProblem]:
        async with self.backbone.store.unit() as uow:
            return list(await uow.problems.open())


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoCompanies:
    """Master and slave."""

    master: Company
    slave: Company

    async def meet(self, passphrase: str | None = None) -> None:
        """From two fresh installations to a synchronization that runs, as the guides tell it."""
        await self.master.apply(self.master.rest)
        office = self.master.backbone.office(self.master.folder)
        made = await offer(office, await self.master.key(), ADMINISTRATOR, passphrase=passphrase)
        (self.slave.folder / HANDSHAKE).write_bytes(made.content)
        await self.slave.apply("")
        await self.pump(self._both_know)
        await self.master.confirm()
        await self.slave.confirm()
        await self.pump(self._is_published)
        await self.slave.apply(self.slave.rest)
        await self.pump(self._is_agreed)
        await self.master.start()
        await self.slave.start()

    async def pump(self, until: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
        """Step both channels until something is so."""
        begun = monotonic()
        while not await until():
            if monotonic() - begun > seconds:
                said = [one.problem.cause for side in (self.master, self.slave) for one in await side.problems()]
                raise AssertionError(f"not so within {seconds} seconds; problems: {said}")
            await self.master.step()
            await self.slave.step()
            await asyncio.sleep(0.1)

    async def _both_know(self) -> bool:
        return (await self.master.shown()).code is not None and (await self.slave.shown()).code is not None

    async def _is_published(self) -> bool:
        return bool(await published_for(self.slave.backbone.store))

    async def _is_agreed(self) -> bool:
        shown = await self.master.shown()
        return shown.channel.agreement.agreed is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an installation lives, and its configuration file: first what is known before anything is published."""

    folder: Path
    dsn: str
    top: str
    rest: str


@asynccontextmanager
async def two_companies(master: Place, slave: Place) -> AsyncIterator[TwoCompanies]:
    """Both are there; nothing is declared yet."""
    async with AsyncExitStack() as ends:
        made = [await _company(place, ends) for place in (master, slave)]
        yield TwoCompanies(master=made[0], slave=made[1])


async def _company(place: Place, ends: AsyncExitStack) -> Company:
    settings = Settings.model_validate({"home": place.folder, "database_url": place.dsn, "http": "off"})
    backbone = await ends.enter_async_context(assembled(settings))
    company = Company(backbone=backbone, folder=place.folder, top=place.top, rest=place.rest)
    ends.push_async_callback(company.leave)
    return company
