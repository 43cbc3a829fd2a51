"""What is to be done every so often by one worker of all: a leased row a tick."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import LiteralString, TypeAlias

import structlog
from psycopg_pool import AsyncConnectionPool

from backbone.adapters.dispatch.engine import Connection

Pool: TypeAlias = AsyncConnectionPool[Connection]

log = structlog.get_logger(__name__)

_ANNOUNCE = "insert into tick (name, due) values (%(name)s, clock_timestamp()) on conflict do nothing"
_LEASE = """
    update tick set owner = %(owner)s, leased_until = clock_timestamp() + make_interval(secs => %(lease)s),
        hurried = false
    where name = %(name)s and (due <= clock_timestamp() or hurried)
      and (leased_until is null or leased_until < clock_timestamp())
"""
_RENEW = """
    update tick set leased_until = clock_timestamp() + make_interval(secs => %(lease)s)
    where name = %(name)s and owner = %(owner)s
"""
# From the moment that it was due, so that intervals do not grow by what a run takes; never in the past. Who was hurried
# ran before it was due.
_DONE = """
    update tick set owner = null, leased_until = null,
        due = greatest(clock_timestamp(), least(due, clock_timestamp()) + make_interval(secs => %(seconds)s))
    where name = %(name)s and owner = %(owner)s
"""
_NEXT = """
    select extract(epoch from greatest(
        case when hurried then clock_timestamp() else due end, leased_until
    ) - clock_timestamp())::float8
    from tick where name = %(name)s
"""
_SHORTEST_NAP = 0.01  # seconds
_HURRIED_NAP = 0.2
"""Seconds between runs however often somebody hurries: what is asked for meanwhile is one run."""

CHANNEL = "backbone_tick"
"""Where the database tells which tick was hurried."""

LONGEST = 60
"""So often a lease is renewed for one run, three times a lease: ten minutes with leases of 30 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Run ``run`` every ``seconds``, which may be less than one; the next run begins after the one before ended."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[None]]


class TickLoop:
    """One worker's part in one tick.

    A lease lasts ``lease`` seconds and is renewed while the tick runs, :data:`LONGEST` times at most: a run that hangs
    is ended, so that somebody goes on. Ticks keep what they have come to as they go.
    """

    def __init__(self, pool: Pool, tick: Tick, lease: float) -> None:
        self._pool = pool
        self._tick = tick
        self._parameters = {"name": tick.name, "seconds": tick.seconds, "lease": lease, "owner": token_hex(8)}
        self._lease_seconds = lease
        self._hurried = asyncio.Event()

    @property
    def name(self) -> str:
        return self._tick.name

    def hurry(self) -> None:
        """Somebody asked in the database for the tick to run before it is due."""
        self._hurried.set()

    async def keep(self, stop: asyncio.Event) -> None:
        """Run the tick whenever it is due and nobody else runs it. Raises what the database raises."""
        await self._execute(_ANNOUNCE)
        while not stop.is_set():
            if await self._execute(_LEASE):
                await self._run()
                await self._execute(_DONE)
                await nap(stop, min(_HURRIED_NAP, self._tick.seconds))
            self._hurried.clear()
            await self._rest(stop, await self._until_next())

    async def _rest(self, stop: asyncio.Event, seconds: float) -> None:
        """Sleep until it is time, until somebody hurries, or until told to stop."""
        waiting = [asyncio.create_task(one.wait()) for one in (stop, self._hurried)]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def _run(self) -> None:
        running = asyncio.ensure_future(self._tick.run())
        try:
            for _ in range(LONGEST):
                if (await asyncio.wait([running], timeout=self._lease_seconds / 3))[0]:
                    return
                if not await self._execute(_RENEW):
                    log.warning("tick-lease-lost", tick=self._tick.name)
                    return
            log.warning("tick-hangs", tick=self._tick.name)
        finally:
            if not running.done():
                running.cancel()
                await asyncio.wait([running])
            if not running.cancelled() and (error := running.exception()):
                log.error("tick-failed", tick=self._tick.name, exc_info=error)

    async def _until_next(self) -> float:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_NEXT, self._parameters)).fetchone()
        left = row[0] if row else 0.0
        return max(_SHORTEST_NAP, min(left, self._tick.seconds))

    async def _execute(self, statement: LiteralString) -> int:
        async with self._pool.connection() as connection:
            return (await connection.execute(statement, self._parameters)).rowcount


async def nap(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but wake up when the event is set."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
