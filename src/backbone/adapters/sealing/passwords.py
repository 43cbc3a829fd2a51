"""Hashes of passwords by argon2id, in threads, few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backbone.ports.people import TooBusy

T = TypeVar("T")

AT_ONCE = 2
"""Each takes about a tenth of a second of a processor, and 64 MB."""
WAITING = 20
"""How many more may wait; with more than that it is an attack, or of no use to wait."""


class Argon2Passwords:
    """A :class:`backbone.ports.people.Passwords`; ``hasher`` has argon2-cffi's defaults unless told otherwise."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._under_way = 0
        self._nobodys = ""

    async def hashed(self, password: str) -> str:
        return await self._apart(partial(self._hasher.hash, password))

    async def fits(self, password: str, kept: str | None) -> bool:
        if kept is not None:
            return await self._apart(partial(self._verify, password, kept))
        if not self._nobodys:
            self._nobodys = await self.hashed("nobody has this password")
        await self._apart(partial(self._verify, password, self._nobodys))
        return False

    async def _apart(self, work: Callable[[], T]) -> T:
        """In one of the threads; who gives up waiting leaves the work to be done."""
        if self._under_way >= AT_ONCE + WAITING:
            raise TooBusy
        loop = asyncio.get_running_loop()
        self._under_way += 1
        running = loop.run_in_executor(self._threads, work)
        running.add_done_callback(self._ended)
        return await asyncio.shield(running)

    def _ended(self, done: asyncio.Future[T]) -> None:
        self._under_way -= 1
        if not done.cancelled():
            done.exception()  # whoever still waits is told; nobody else needs to be

    def _verify(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
