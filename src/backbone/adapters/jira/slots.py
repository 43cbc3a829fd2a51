"""How many calls may be under way to one host at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from backbone.ports.tracker import Lane

_DOWNLOADS = 4


class Slots:
    """Places for calls; bulk work leaves one free, so that a live change never waits behind it.

    Downloads have places of their own: while a file is copied, an upload to the same host takes a place, too, and
    must never wait for one that its own download holds.
    """

    def __init__(self, most: int) -> None:
        self.running = 0
        self._all = asyncio.Semaphore(max(most, 1))
        self._bulk = asyncio.Semaphore(max(most - 1, 1))
        self._downloads = asyncio.Semaphore(_DOWNLOADS)

    @asynccontextmanager
    async def call(self, lane: Lane) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if lane is Lane.BULK:
                await stack.enter_async_context(self._bulk)
            await stack.enter_async_context(self._all)
            self.running += 1
            try:
                yield
            finally:
                self.running -= 1

    @asynccontextmanager
    async def download(self) -> AsyncIterator[None]:
        async with self._downloads:
            yield
