"""A pretend Jira running in the present event loop, for tests and the demo."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

from backbone.simulator.app import make_app
from backbone.simulator.faults import FaultBoard
from backbone.simulator.flavour import Traits, data_center
from backbone.simulator.indexing import SearchIndex
from backbone.simulator.limits import RateLimits
from backbone.simulator.peopling import make_world
from backbone.simulator.person import Person, person_named
from backbone.simulator.plan import WorldPlan
from backbone.simulator.rest.call import Site
from backbone.simulator.rest.calls import CallCounts
from backbone.simulator.rest.files import media_app
from backbone.simulator.seed import traits_of
from backbone.simulator.webhooks import Webhooks
from backbone.simulator.world.clock import Clock
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.state import World

LOOPBACK = "127.0.0.1"


async def listen(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Serve an application; the port is the one really used."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner, runner.addresses[0][1]


class Simulator:
    """One pretend Jira on 127.0.0.1, on a port that the system chooses.

    Use it as an asynchronous context manager, or call ``start`` and ``stop``. Cloud also starts
    its media host, on another port.
    """

    def __init__(self, world: World, traits: Traits | None = None, context: str = "") -> None:
        self.site = Site(world=world, traits=traits or data_center(), context=context)
        self._runners: list[web.AppRunner] = []
        self._host = LOOPBACK
        self._port = 0

    @classmethod
    def of_plan(cls, plan: WorldPlan, clock: Clock | None = None, context: str = "") -> Simulator:
        """A pretend Jira with the world of a plan, issues included."""
        simulator = cls(make_world(plan, clock), traits_of(plan), context)
        simulator.site.remake = lambda: make_world(plan, clock)
        return simulator

    async def start(self, host: str = LOOPBACK, port: int = 0) -> None:
        """Listen."""
        self._host = host
        runner, self._port = await listen(make_app(self.site), host, port)
        self._runners.append(runner)
        if self.traits.is_cloud:
            media, self.site.media_port = await listen(media_app(self.site), host, 0)
            self._runners.append(media)
        self.webhooks.base = self.url
        self.webhooks.office.start()

    async def stop(self) -> None:
        """Stop listening and delivering."""
        await self.webhooks.office.stop()
        while self._runners:
            await self._runners.pop().cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The base address, with the context path."""
        return f"http://{self._host}:{self._port}{self.site.context}"

    @property
    def world(self) -> World:
        """The state."""
        return self.site.world

    @property
    def traits(self) -> Traits:
        """The product and version."""
        return self.site.traits

    @property
    def calls(self) -> CallCounts:
        """What was called."""
        return self.site.calls

    @property
    def faults(self) -> FaultBoard:
        """The board on which faults are armed."""
        return self.site.faults

    @property
    def limits(self) -> RateLimits:
        """The rate limits."""
        return self.site.limits

    @property
    def index(self) -> SearchIndex[Issue]:
        """What searches see."""
        return self.site.index

    @property
    def webhooks(self) -> Webhooks:
        """The webhooks, their deliveries and what goes wrong with them."""
        return self.site.webhooks

    def as_user(self, name: str) -> Person:
        """Work as a person, past the REST interface."""
        return person_named(self.world, self.traits, name)
