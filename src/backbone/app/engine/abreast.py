"""Several things at a time, where each waits for the database or for Jira most of its life."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
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
