"""Several things at a time, where each waits for the database or for Jira most of its life."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import TypeVar

T = TypeVar("T")


async def abreast(work: Callable[[T], Awaitable[None]], things: Iterable[T], *, limit: int) -> None:
    """Do the work for each thing, at most ``limit`` at a time. The first failure ends the others and is raised."""
    if limit == 1:  # without an event loop, for tests that have none
        for thing in things:
            await work(thing)
        return
    slots = asyncio.Semaphore(limit)

    async def one(thing: T) -> None:
        async with slots:
            await work(thing)

    tasks = [asyncio.ensure_future(one(thing)) for thing in things]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            if not task.cancelling():  # once is enough: a second time would cut short what it does to end well
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def side_by_side(work: Callable[[], Coroutine[None, None, None]], times: int) -> None:
    """Do the same work several times at once. A failure ends none of the others; the first is raised when all ended."""
    if times == 1:  # without an event loop, for tests that have none
        await work()
        return
    tasks = [asyncio.ensure_future(work()) for _ in range(times)]
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
