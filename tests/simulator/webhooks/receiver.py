"""A tiny receiver of webhooks on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Received:
    """One POST as it came in."""

    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:  # noqa: ANN401 - JSON of a delivery
        return msgspec.json.decode(self.raw)

    @property
    def event(self) -> str:
        return str(self.body["webhookEvent"])


@dataclass(slots=True)
class Receiver:
    """Keeps what arrives; answers the statuses it was given one after the other, then 200.

    Paths that end in ``/slow`` are answered when ``patience`` is set.
    """

    port: int = 0
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    patience: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: int = 0
    most_under_way: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def events(self) -> list[str]:
        return [each.event for each in self.received]

    async def has(self, count: int) -> None:
        """Wait until so many have arrived."""
        while len(self.received) < count:
            self.arrived.clear()
            await self.arrived.wait()

    async def _take(self, request: web.Request) -> web.Response:
        self.received.append(Received(request.path_qs, dict(request.headers), await request.read()))
        self.arrived.set()
        self.under_way += 1
        self.most_under_way = max(self.under_way, self.most_under_way)
        if request.path.endswith("/slow"):
            await self.patience.wait()
        self.under_way -= 1
        status = self.answers.pop(0) if self.answers else 200
        elsewhere = {"Location": f"{self.url}/elsewhere"} if 300 <= status < 400 else {}
        return web.Response(status=status, headers=elsewhere)

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Be down."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
