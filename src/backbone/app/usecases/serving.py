"""Running continuously: what is done every so often, and noticing that the configuration changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol

import structlog

from backbone.app.engine.catchup import catch_up
from backbone.app.engine.census import INTERVAL, census
from backbone.app.engine.context import Engine
from backbone.app.engine.cursors import OVERLAP
from backbone.app.engine.guarded import guarded, guarded_at, is_outage, look_guarded
from backbone.app.engine.look import HIDDEN, SWEEP, Looked
from backbone.app.usecases.at_work import SAYS, say_at_work
from backbone.app.usecases.renaming import keep_names
from backbone.app.usecases.retrying import retry_due, retry_everything
from backbone.app.usecases.troubleshooting.analysing import analyse
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName
from backbone.ports.records import Synchronization

log = structlog.get_logger()

LOOK = 5.0
"""Seconds between looks at a connection where no synchronization says otherwise."""

REST = 3
"""After a look at more than one page nobody looks for so many times as long as it took."""

BRIEF, WHOLE = 5_000, 30_000
"""Milliseconds by which looks reach back while much happens, but for one in so many."""

PATIENCE = 300
"""Seconds for which a wide or deep look waits while another one is under way."""

WIDE_LOOK = 300.0
CATCH_UP = 5.0
CENSUS = INTERVAL / 1000
RETRY = 3600.0
ANALYSE = 60.0
"""Seconds between looks at the queues; the Jiras are examined less often."""

NAMES = 120.0
"""Seconds between questions for the keys of projects: one call a project."""

RELOAD = 5.0

Ticks = Mapping[str, tuple[float, Callable[[], Awaitable[None]]]]


class Host(Protocol):
    """The process that serves."""

    @property
    def engine(self) -> Engine: ...

    async def open_connections(self) -> bool:
        """Open the stored connections that are new or were applied again; whether there were any."""

    async def work(self, stop: asyncio.Event, ticks: Ticks) -> None:
        """Run turns and ticks until told to stop; of many processes one at a time runs a tick."""


async def keep_serving(host: Host, stop: asyncio.Event) -> None:
    """Serve until told to stop. A changed configuration is taken up within seconds, without losing a turn."""
    while not stop.is_set():
        try:
            await host.open_connections()
            state, made = await _state(host.engine), await _ticks_now(host.engine)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("configuration-not-read", error=type(error).__name__)
            await _wait(stop, 1.0)
            continue
        pause = asyncio.Event()
        watch = asyncio.create_task(_watch(host, state, stop, pause))
        try:
            await host.work(pause, made)
        finally:
            pause.set()
            await watch
    log.info("stopped")


async def _ticks_now(engine: Engine) -> Ticks:
    halves = await _running(engine)
    log.info("serving", connectors=len(halves))
    return ticks(engine, halves, await _intervals(engine, halves))


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


def ticks(
    engine: Engine, halves: Sequence[HalfConfiguration], intervals: Mapping[ConnectionName, float]
) -> dict[str, tuple[float, Callable[[], Awaitable[None]]]]:
    """Everything that is done every so often, by name."""
    made: dict[str, tuple[float, Callable[[], Awaitable[None]]]] = {}
    for name in sorted({half.connection for half in halves}):
        made[f"look:{name}"] = (intervals.get(name, LOOK), Looks(engine, name, halves).look)
        made[f"wide-look:{name}"] = (WIDE_LOOK, Looks(engine, name, halves, back=SWEEP).look)
        made[f"deep-look:{name}"] = (CENSUS, Looks(engine, name, halves, back=HIDDEN).look)
    for half in halves:
        made[f"catch-up:{half.connector}"] = (CATCH_UP, partial(_catch_up, engine, half))
        made[f"census:{half.connector}"] = (CENSUS, partial(_census, engine, half))
        made[f"retry:{half.connector}"] = (RETRY, partial(_retry, engine, half))
        made[f"analyse:{half.connector}"] = (ANALYSE, partial(_analyse, engine, half))
    made["at-work"] = (SAYS, partial(say_at_work, engine))
    made["names"] = (NAMES, partial(keep_names, engine, halves))
    made["retry-asked-for"] = (RELOAD, partial(_retry_due, engine, halves))
    return made


class Looks:
    """Looks at one connection, one after the other.

    A look reaches back a minute, since an index may be late. Where that minute shows more than a page, as while
    thousands of issues are created, each look would show the same once more: looks take a quarter of the time at most,
    and most of them reach back a few seconds; what became visible late is seen by the next that reaches back further.
    """

    def __init__(
        self, engine: Engine, name: ConnectionName, halves: Sequence[HalfConfiguration], *, back: int = OVERLAP
    ) -> None:
        self._engine = engine
        self._name = name
        self._halves = halves
        self._back = back
        self._not_before = 0
        self._crowded = False
        self._whole_at = 0

    async def look(self) -> None:
        """Look, unless it is too early for another one."""
        system = self._engine.system
        begun = system.now()
        if begun < self._not_before:
            return
        back = self._reach(begun)
        looked = await self._looked(back)
        if looked is None:
            return
        if looked.fresh:
            log.debug("looked", connection=self._name, fresh=looked.fresh, pages=looked.pages)
        if looked.pages > 1:
            self._not_before = system.now() + REST * (system.now() - begun)
        if back >= self._back:
            self._crowded, self._whole_at = looked.pages > 1, begun

    async def _looked(self, back: int) -> Looked | None:
        """What was seen; None if nothing could be.

        Looks come due at the same moments, and one at a time is made: those that are rare wait, the others come again.
        """
        for _ in range(PATIENCE if self._back > OVERLAP else 0):
            looked = await look_guarded(self._engine, self._name, self._halves, back=back)
            if looked is None or looked.pages:
                return looked
            await self._engine.system.sleep(1.0)
        looked = await look_guarded(self._engine, self._name, self._halves, back=back)
        return looked if looked is not None and looked.pages else None

    def _reach(self, now: int) -> int:
        """How far back to look: as far as the last whole look did not, or a little where that was a moment ago."""
        if not self._crowded:
            return self._back
        passed = now - self._whole_at
        return min(BRIEF, self._back) if passed < WHOLE else self._back + passed


async def _catch_up(engine: Engine, half: HalfConfiguration) -> None:
    await guarded(engine, half.connector, partial(catch_up, engine, half))


async def _census(engine: Engine, half: HalfConfiguration) -> None:
    await guarded_at(engine, half, "census", partial(census, engine, half))


async def _retry(engine: Engine, half: HalfConfiguration) -> None:
    await guarded(engine, half.connector, partial(retry_everything, engine, half))


async def _analyse(engine: Engine, half: HalfConfiguration) -> None:
    await guarded(engine, half.connector, partial(analyse, engine, half))


async def _retry_due(engine: Engine, halves: Sequence[HalfConfiguration]) -> None:
    await retry_due(engine, halves)


async def _running(engine: Engine) -> list[HalfConfiguration]:
    async with engine.store.unit() as uow:
        return list(await uow.synchronizations.running())


async def _intervals(engine: Engine, halves: Sequence[HalfConfiguration]) -> dict[ConnectionName, float]:
    """How often to look at each connection: as often as the most eager synchronization on it wants."""
    async with engine.store.unit() as uow:
        wanted = {one.key: _interval(one) for one in await uow.synchronizations.all()}
    found: dict[ConnectionName, float] = {}
    for half in halves:
        seconds = wanted.get(half.synchronization, LOOK)
        found[half.connection] = min(seconds, found.get(half.connection, seconds))
    return found


def _interval(one: Synchronization) -> float:
    seconds = one.document.get("interval")
    return float(seconds) if isinstance(seconds, int) else LOOK


async def _watch(host: Host, state: object, stop: asyncio.Event, pause: asyncio.Event) -> None:
    """Set ``pause`` when it is time to stop, or when the configuration is another one than ``state``."""
    while not (stop.is_set() or pause.is_set()):
        try:
            async with asyncio.timeout(RELOAD):
                await stop.wait()
        except TimeoutError:
            if await _changed(host, state):
                break
    pause.set()


async def _changed(host: Host, state: object) -> bool:
    try:
        return await _state(host.engine) != state
    except Exception as error:  # noqa: BLE001  the database is away; the worker rides that out, so do we
        log.warning("configuration-not-read", error=type(error).__name__)
        return False


async def _state(engine: Engine) -> object:
    async with engine.store.unit() as uow:
        synchronizations = await uow.synchronizations.all()
        connections = await uow.synchronizations.connections()
    return ([(one.key, one.revision, one.wanted_running) for one in synchronizations], list(connections))
