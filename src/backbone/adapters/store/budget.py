"""What a Jira host lets us do, shared by all workers through two rows.

The row of a host holds what somebody decided: a rate, a pause, a block. It is read once a second. Only if there is a
rate does a call cost a statement: the generic cell rate algorithm moves the moment at which the next call would be in
step, and refuses a call that is further ahead of it than the burst allows. Bulk work leaves half of the burst to live
changes, and stands back while one of them waits anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import LiteralString

import msgspec

from backbone.adapters.store.pool import Pool
from backbone.adapters.store.rows import Connection
from backbone.core.model.problems import Code
from backbone.ports.tracker import AccessError, Lane

_FRESH = 1.0  # seconds
_SHORTEST_WAIT = 0.005

_READ = """
    select per_second, burst, extract(epoch from paused_until - clock_timestamp())::float8, blocked
    from host where name = %(host)s
"""
_PACE = """
    insert into host (name, per_second, burst) values (%(host)s, %(per_second)s, %(burst)s)
    on conflict (name) do update set per_second = excluded.per_second, burst = excluded.burst
"""
_PAUSE = """
    insert into host as known (name, paused_until)
    values (%(host)s, clock_timestamp() + make_interval(secs => %(seconds)s))
    on conflict (name) do update set paused_until = greatest(known.paused_until, excluded.paused_until)
"""
_BLOCK = """
    insert into host (name, blocked) values (%(host)s, %(blocked)s)
    on conflict (name) do update set blocked = excluded.blocked
"""
_UNBLOCK = "update host set blocked = null where name = %(host)s"
# One statement: the permit, or how long to wait for it.
_PERMIT = """
    with permit as (
        insert into host_pace as known (name, next)
        values (%(host)s, clock_timestamp() + make_interval(secs => %(interval)s))
        on conflict (name) do update set
            next = greatest(known.next, clock_timestamp()) + make_interval(secs => %(interval)s)
        where known.next <= clock_timestamp() + make_interval(secs => %(ahead)s)
          and (%(live)s or known.live_until < clock_timestamp())
        returning 1
    )
    select (select 1 from permit), (
        select extract(epoch from greatest(
            next - make_interval(secs => %(ahead)s),
            case when %(live)s then next - make_interval(secs => %(ahead)s) else live_until end
        ) - clock_timestamp())::float8 from host_pace where name = %(host)s
    )
"""
_LIVE_WAITS = """
    update host_pace set live_until = greatest(live_until, clock_timestamp() + make_interval(secs => %(seconds)s))
    where name = %(host)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """The row of a host as it was at ``read``; instants are those of the monotonic clock."""

    read: float
    per_second: float | None = None
    burst: float = 1.0
    paused_until: float = 0.0
    blocked: bytes | None = None


class PostgresBudget:
    """The budget of one host. ``sleep`` and ``clock`` are replaced by tests."""

    def __init__(
        self,
        pool: Pool,
        host: str,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._pool = pool
        self._host = host
        self._sleep = sleep
        self._clock = clock
        self._decided: _Decided | None = None
        self._reading = asyncio.Lock()

    async def permit(self, lane: Lane) -> None:
        """Wait until a call may be made. Raises AccessError at once while the host is blocked."""
        while True:
            decided = await self._look()
            if decided.blocked is not None:
                raise _error_from_json(decided.blocked)
            wait = decided.paused_until - self._clock()
            if wait <= 0:
                if decided.per_second is None:
                    return
                wait = await self._ask(lane, decided.per_second, decided.burst)
            if wait <= 0:
                return
            # No longer than a look is fresh, so that a block is noticed by those who wait.
            await self._sleep(min(max(wait, _SHORTEST_WAIT), _FRESH))

    async def pause(self, seconds: float) -> None:
        await self._decide(_PAUSE, seconds=seconds)

    async def pace(self, per_second: float, burst: float) -> None:
        known = await self._look()
        if (known.per_second, known.burst) != (per_second, burst):
            await self._decide(_PACE, per_second=per_second, burst=burst)

    async def block(self, error: AccessError) -> None:
        await self._decide(_BLOCK, blocked=_error_to_json(error))

    async def unblock(self) -> None:
        await self._decide(_UNBLOCK)

    async def _ask(self, lane: Lane, per_second: float, burst: float) -> float:
        """0 with a permit, else the seconds until it is worth asking again."""
        interval = 1 / per_second
        room = max(0.0, burst - 1) * interval
        live = lane is Lane.LIVE
        parameters = {"host": self._host, "interval": interval, "ahead": room if live else room / 2, "live": live}
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_PERMIT, parameters)).fetchone()
            assert row is not None
            granted, wait = row
            if granted:
                return 0.0
            wait = max(_SHORTEST_WAIT, wait or 0.0)
            if live:
                await connection.execute(_LIVE_WAITS, {"host": self._host, "seconds": wait + interval})
            return float(wait)

    async def _look(self) -> _Decided:
        """What was decided, at most a second old."""
        async with self._reading:
            if self._decided is None or self._clock() - self._decided.read >= _FRESH:
                async with self._pool.connection() as connection:
                    self._decided = await self._read(connection)
            return self._decided

    async def _decide(self, statement: LiteralString, **values: object) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(statement, {"host": self._host, **values})
        self._decided = None

    async def _read(self, connection: Connection) -> _Decided:
        row = await (await connection.execute(_READ, {"host": self._host})).fetchone()
        now = self._clock()
        if row is None:
            return _Decided(read=now)
        per_second, burst, pause, blocked = row
        return _Decided(
            read=now,
            per_second=per_second,
            burst=burst or 1.0,
            paused_until=now + pause if pause is not None else 0.0,
            blocked=blocked,
        )


def _error_to_json(error: AccessError) -> str:
    return msgspec.json.encode({"code": error.code, "cause": error.cause, "remedy": error.remedy}).decode()


def _error_from_json(data: bytes) -> AccessError:
    told = msgspec.json.decode(data, type=dict[str, str])
    return AccessError(Code(told["code"]), told["cause"], told["remedy"])
