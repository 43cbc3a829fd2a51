"""The budget of a host within one process: an even flow of calls, live changes first; and the cap of any budget."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Awaitable, Callable
from itertools import count

from backbone.ports.budget import HostBudget
from backbone.ports.tracker import AccessError, Lane

_RANK = {Lane.LIVE: 0, Lane.BULK: 1}


class ProcessBudget:
    """A :class:`backbone.ports.budget.HostBudget` for one event loop.

    The flow is shaped by the generic cell rate algorithm: ``_due`` is when the next call would be due if all calls
    were evenly spaced, and a call may come at most ``burst`` intervals before that.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._interval = 0.0
        self._slack = 0.0
        self._due = 0.0
        self._paused_until = 0.0
        self._blocked: AccessError | None = None
        self._order = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._pump: asyncio.Task[None] | None = None

    async def permit(self, lane: Lane) -> None:
        if self._blocked is not None:
            raise AccessError(self._blocked.code, self._blocked.cause, self._blocked.remedy)
        if not self._waiting and self._delay() <= 0:
            self._take()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (_RANK[lane], next(self._order), turn))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._serve())
        await turn

    async def pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, self._now() + seconds)

    async def pace(self, per_second: float, burst: float) -> None:
        """Space calls evenly at a rate of more than zero; ``burst`` calls may come at once after a quiet time."""
        self._interval = 1.0 / per_second
        self._slack = max(burst - 1.0, 0.0) * self._interval

    async def block(self, error: AccessError) -> None:
        self._blocked = error
        waiting, self._waiting = self._waiting, []
        for _, _, turn in waiting:
            if not turn.done():
                turn.set_exception(error)

    async def unblock(self) -> None:
        self._blocked = None

    def _delay(self) -> float:
        now = self._now()
        return max(self._paused_until - now, self._due - self._slack - now)

    def _take(self) -> None:
        self._due = max(self._due, self._now()) + self._interval

    async def _serve(self) -> None:
        while self._waiting:
            delay = self._delay()
            if delay > 0:
                await self._sleep(delay)
                continue
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():  # who gave up waiting takes no permit
                self._take()
                turn.set_result(None)


class AccountBudget:
    """The budget of one account: that of the host, which all share, and blocks of its own.

    A refused log-in and a CAPTCHA concern an account; others of the same host may log in still. ``account`` keeps the
    blocks only, and wherever the account is used has to be the same.
    """

    def __init__(self, host: HostBudget, account: HostBudget) -> None:
        self._host = host
        self._account = account

    async def permit(self, lane: Lane) -> None:
        await self._account.permit(lane)
        await self._host.permit(lane)
        await self._account.permit(lane)  # it may have been blocked while we waited

    async def pause(self, seconds: float) -> None:
        await self._host.pause(seconds)

    async def pace(self, per_second: float, burst: float) -> None:
        await self._host.pace(per_second, burst)

    async def block(self, error: AccessError) -> None:
        await self._account.block(error)

    async def unblock(self) -> None:
        await self._account.unblock()


class CappedBudget:
    """A host's budget that never exceeds the rate (calls a second) that a person set."""

    def __init__(self, inner: HostBudget, rate: float) -> None:
        self._inner = inner
        self._rate = rate
        self._paced = False

    async def permit(self, lane: Lane) -> None:
        if not self._paced:
            self._paced = True
            await self._inner.pace(self._rate, max(1.0, self._rate / 2))
        await self._inner.permit(lane)

    async def pace(self, per_second: float, burst: float) -> None:
        await self._inner.pace(min(per_second, self._rate), min(burst, max(1.0, self._rate / 2)))

    async def pause(self, seconds: float) -> None:
        await self._inner.pause(seconds)

    async def block(self, error: AccessError) -> None:
        await self._inner.block(error)

    async def unblock(self) -> None:
        await self._inner.unblock()


class HeededBudget:
    """A budget that is kept to and told nothing: what is refused here says nothing about other calls."""

    def __init__(self, inner: HostBudget) -> None:
        self._inner = inner

    async def permit(self, lane: Lane) -> None:
        await self._inner.permit(lane)

    async def pause(self, seconds: float) -> None: ...

    async def pace(self, per_second: float, burst: float) -> None: ...

    async def block(self, error: AccessError) -> None: ...

    async def unblock(self) -> None: ...


class Unmetered:
    """No budget: calls whose refusal says nothing about what the synchronizations may."""

    async def permit(self, lane: Lane) -> None: ...

    async def pause(self, seconds: float) -> None: ...

    async def pace(self, per_second: float, burst: float) -> None: ...

    async def block(self, error: AccessError) -> None: ...

    async def unblock(self) -> None: ...
