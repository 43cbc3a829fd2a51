"""The board on which faults are armed and disarmed, and the middleware that lets them strike."""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from backbone.simulator.faults.catalogue import FaultError, read_fault
from backbone.simulator.faults.fault import Exchange, Fault, Proceed, Sleep

CONTROL_PREFIX = "/__simulator__"
WriteCallback = Callable[[web.Request, str], Awaitable[None]]


def basic_user(request: web.Request) -> str:
    """The user of basic authentication, "" for anybody else."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


@dataclass(slots=True, kw_only=True)
class Armed:
    """A fault on the board: how many requests fitted, and how many of them it struck."""

    id: str
    fault: Fault
    generator: Random
    fitting: int = 0
    struck: int = 0
    memory: dict[str, object] = field(default_factory=dict)

    @property
    def is_spent(self) -> bool:
        """Whether it has struck as often as it was told to."""
        return self.fault.times is not None and self.struck >= self.fault.times

    def claim(self) -> bool:
        """Decide about a request that fits, and count it."""
        self.fitting += 1
        if self.fitting <= self.fault.skip or self.is_spent:
            return False
        if self.generator.random() >= self.fault.probability:
            return False
        self.struck += 1
        return True

    def spare(self) -> None:
        """Take back that a request was struck."""
        self.struck -= 1

    def describe(self) -> Mapping[str, object]:
        """As JSON: the fault as it was armed, and its counts."""
        spec: dict[str, object] = msgspec.to_builtins(self.fault)
        return {"id": self.id, **spec, "fitting": self.fitting, "struck": self.struck, "spent": self.is_spent}


@dataclass(slots=True, kw_only=True)
class FaultBoard:
    """All armed faults of one pretend Jira, in the order in which they were armed; the first is outermost.

    ``context`` is the path under which Jira is served, left out when paths are compared.
    ``account_of`` names the account of a request; ``sleep`` and ``clock`` pass and tell time.
    """

    context: str = ""
    account_of: Callable[[web.Request], str] = basic_user
    sleep: Sleep = asyncio.sleep
    clock: Callable[[], float] = time.time
    _armed: dict[str, Armed] = field(default_factory=dict)
    _last: int = 0
    _before: list[WriteCallback] = field(default_factory=list)
    _after: list[WriteCallback] = field(default_factory=list)

    def arm(self, spec: Mapping[str, object] | Fault) -> str:
        """Arm a fault, given as its JSON object or as itself; returns its id, raises FaultError."""
        fault = read_fault(spec)
        self._last += 1
        generator = Random(fault.seed)  # noqa: S311 - faults need repetition, not secrecy
        armed = Armed(id=str(self._last), fault=fault, generator=generator)
        self._armed[armed.id] = armed
        return armed.id

    def disarm(self, fault_id: str) -> None:
        """Take a fault off the board; raises FaultError when it is not there."""
        if self._armed.pop(fault_id, None) is None:
            raise FaultError(f"no fault is armed under the id '{fault_id}'")

    def clear(self) -> None:
        """Take all faults and callbacks off the board."""
        self._armed.clear()
        self._before.clear()
        self._after.clear()

    def list(self) -> Sequence[Mapping[str, object]]:
        """All armed faults with their counts, as JSON."""
        return [armed.describe() for armed in self._armed.values()]

    def struck(self, fault_id: str) -> int:
        """How often a fault has struck."""
        armed = self._armed.get(fault_id)
        if armed is None:
            raise FaultError(f"no fault is armed under the id '{fault_id}'")
        return armed.struck

    def on_before_write(self, callback: WriteCallback) -> Callable[[], None]:
        """Call back before each write changes the world: a racing edit, a death. Returns its removal."""
        return _register(self._before, callback)

    def on_after_write(self, callback: WriteCallback) -> Callable[[], None]:
        """Call back after each write, before it is answered. Returns its removal."""
        return _register(self._after, callback)

    async def before_write(self, request: web.Request, operation: str) -> None:
        """Tell who wants to know that a valid write is about to change the world."""
        for callback in tuple(self._before):
            await callback(request, operation)

    async def after_write(self, request: web.Request, operation: str) -> None:
        """Tell who wants to know that a write has changed the world."""
        for callback in tuple(self._after):
            await callback(request, operation)

    async def serve(self, request: web.Request, proceed: Proceed) -> web.StreamResponse:
        """Answer a request through all faults that strike it."""
        if not self._armed or request.path.startswith(CONTROL_PREFIX):
            return await proceed(request)
        for armed in tuple(self._armed.values()):
            request = await armed.fault.translate(request)
        path, account = self._path(request), self.account_of(request)
        fitting = [armed for armed in tuple(self._armed.values()) if await armed.fault.fits(request, path, account)]
        for armed in reversed([armed for armed in fitting if armed.claim()]):
            proceed = partial(self._strike, armed, proceed)
        return await proceed(request)

    async def _strike(self, armed: Armed, proceed: Proceed, request: web.Request) -> web.StreamResponse:
        exchange = Exchange(
            request=request,
            proceed=proceed,
            sleep=self.sleep,
            clock=self.clock,
            spare=armed.spare,
            context=self.context,
            memory=armed.memory,
        )
        return await armed.fault.serve(exchange)

    def _path(self, request: web.Request) -> str:
        return request.path.removeprefix(self.context) if self.context else request.path


def _register(callbacks: list[WriteCallback], callback: WriteCallback) -> Callable[[], None]:
    callbacks.append(callback)

    def remove() -> None:
        if callback in callbacks:
            callbacks.remove(callback)

    return remove


def fault_middleware(board: FaultBoard) -> Middleware:
    """The board in front of an application; the control interface is never struck."""

    @web.middleware
    async def faulty(request: web.Request, handler: Proceed) -> web.StreamResponse:
        return await board.serve(request, handler)

    return faulty
