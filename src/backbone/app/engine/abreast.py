"""Many things to do: several at a time where each waits most of its life, else one by one, giving way in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import TypeVar

from backbone.ports.system import System

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


AT_A_STRETCH = 2
"""So many decisions, about half a millisecond each, keep the rest of the process waiting."""


async def giving_way(system: System, things: Sequence[T]) -> AsyncIterator[T]:
    """The things one after the other; after every other one whatever became ready meanwhile is done first.

    A call whose answer has come holds its place until it is read: while many issues are decided on at a stretch, all
    places are held by such.
    """
    for number, thing in enumerate(things, 1):
        yield thing
        if number % AT_A_STRETCH == 0:
            await system.sleep(0)
