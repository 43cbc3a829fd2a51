"""Listens on the line to a pretend Jira: keeps every byte that reached it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

CHUNK = 65_536


class WireTap:
    """Use as an asynchronous context manager; entering gives the address to call instead."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).hostname or ""
        self._port = urlsplit(address).port or 0
        self._lines: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()
        self.sent = bytearray()

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for end in self._ends:
            end.close()
        await asyncio.gather(*self._lines)

    def __contains__(self, text: str) -> bool:
        return text.encode() in self.sent

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host, self._port)
        self._ends |= {writer, back}
        line = asyncio.create_task(self._carry_both(reader, back, there, writer))
        self._lines.add(line)
        await line

    async def _carry_both(
        self,
        reader: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        await asyncio.gather(self._carry(reader, back, keep=True), self._carry(there, writer, keep=False))
        for end in (back, writer):
            with suppress(ConnectionError):
                await end.wait_closed()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, keep: bool) -> None:
        with suppress(ConnectionError):
            while data := await source.read(CHUNK):
                if keep:
                    self.sent += data
                target.write(data)
                await target.drain()
        target.close()
