"""Parcels come in by IMAP: one connection to one folder, in a thread, and IDLE where the server has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from backbone.adapters.transports.mail import looking
from backbone.adapters.transports.mail.mailbox import Folder
from backbone.ports.transport import Batch, ReceivingMail, TransportError

_T = TypeVar("_T")
_IDLE_SECONDS = 240.0  # renewed more often than the 29 minutes of RFC 2177: routers forget quiet connections earlier
_MOST_REFUSALS = 3


class ImapReceiver:
    """The port's Receiver for one folder."""

    def __init__(self, of: ReceivingMail, *, seconds: float = 60.0) -> None:
        self._of = of
        self._seconds = seconds
        self._folder: Folder | None = None
        self._lock = asyncio.Lock()
        self._seen: tuple[int, int] | None = None
        self._refusals = 0
        self._patience = looking.Patience()

    async def receive(self, memory: str, *, parcels: int, octets: int) -> Batch:
        def look(folder: Folder) -> Batch:
            batch = looking.look(folder, self._of, memory, parcels=parcels, octets=octets, patience=self._patience)
            self._seen = folder.seen
            return batch

        return await self._do(look)

    async def confirm(self, handles: tuple[str, ...]) -> None:
        """Remove mails, where the server can remove single ones; else they stay and are remembered."""
        if handles:
            await self._do(lambda folder: looking.confirm(folder, handles))

    async def wait(self, seconds: float) -> None:
        """Return when mails came since the last look or wait."""
        ends = asyncio.get_running_loop().time() + seconds
        while (left := ends - asyncio.get_running_loop().time()) > 0:
            there = await self._do(Folder.examine)
            if there != self._seen:
                self._seen = there
                return
            await self._sleep(min(left, _IDLE_SECONDS))

    @property
    def tells(self) -> bool:
        """Whether IDLE works here, and the server numbers its mails ahead so that new ones show."""
        folder = self._folder
        return folder is not None and self._can_idle(folder) and folder.seen is not None and folder.seen[1] > 0

    async def check(self) -> None:
        """Log in and look at the folder."""
        await self._do(Folder.examine)

    async def close(self) -> None:
        async with self._lock:
            folder, self._folder = self._folder, None
            if folder is not None:
                await asyncio.to_thread(folder.close)

    async def _sleep(self, seconds: float) -> None:
        """Sleep until the server tells of something, if it can."""
        async with self._lock:
            folder = self._folder
            if folder is not None and self._can_idle(folder):
                await self._idle(folder, seconds)
                return
        await asyncio.sleep(seconds)

    def _can_idle(self, folder: Folder) -> bool:
        return folder.can_idle and self._refusals < _MOST_REFUSALS

    async def _idle(self, folder: Folder, seconds: float) -> None:
        try:
            descriptor = await self._in_thread(folder, folder.start_idling)
        except TransportError:
            # So the library tells a refusal, and rarely that something was told before the consent.
            self._refusals += 1
            self._drop()
            return
        self._refusals = 0
        try:
            if descriptor >= 0:
                await _until_readable(descriptor, seconds)
            await self._in_thread(folder, folder.stop_idling)
        except BaseException:
            self._drop()
            raise

    async def _do(self, action: Callable[[Folder], _T]) -> _T:
        """Act on the open folder; a connection that broke while nobody used it is made anew, once."""
        async with self._lock:
            if self._folder is not None:
                try:
                    return await self._act(self._folder, action)
                except TransportError:
                    self._drop()
            folder = self._folder = Folder(self._of.server, self._of.folder, self._seconds)
            try:
                await self._in_thread(folder, folder.open)
                return await self._act(folder, action)
            except BaseException:
                self._drop()
                raise

    async def _act(self, folder: Folder, action: Callable[[Folder], _T]) -> _T:
        return await self._in_thread(folder, lambda: action(folder))

    async def _in_thread(self, folder: Folder, action: Callable[[], _T]) -> _T:
        """Run what blocks; when cancelled, the connection is cut so that the thread ends before anything follows."""
        running = asyncio.ensure_future(asyncio.to_thread(action))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            folder.abandon()
            await asyncio.gather(running, return_exceptions=True)
            self._drop()
            raise

    def _drop(self) -> None:
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.discard()


async def _until_readable(descriptor: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    loop.add_reader(descriptor, told.set)
    try:
        async with asyncio.timeout(seconds):
            await told.wait()
    except TimeoutError:
        pass
    finally:
        loop.remove_reader(descriptor)
