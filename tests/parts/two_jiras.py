"""Two pretend Jiras (or one with two projects), the real adapter, the engine over a store, and a pump that drives it all.

The clock is ours: nothing waits for real time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from backbone.adapters.jira.budget import ProcessBudget
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.tracker import JiraTracker
from backbone.adapters.memory import MemoryStore
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.engine.catchup import catch_up
from backbone.app.engine.context import Engine
from backbone.app.engine.cursors import OVERLAP
from backbone.app.engine.look import SWEEP, look
from backbone.app.engine.turns import run_turn
from backbone.app.usecases.applying import apply
from backbone.app.usecases.retrying import release, retry_due
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName
from backbone.ports.login import ApiTokenLogin, JiraLogin, TokenLogin
from backbone.ports.records import ConnectorTurn, OpenProblem
from backbone.ports.tracker import TransientError
from backbone.simulator import Simulator
from backbone.simulator.demo import lumen, northwind
from backbone.simulator.plan import WorldPlan
from backbone.simulator.world.clock import Clock
from tests.fakes.world import FakeSystem

DECLARATION = Path(__file__).parents[2] / "src/backbone/cli/demo/pumps-and-sensors.yaml"
FIRST, SECOND = ConnectionName("northwind"), ConnectionName("lumen")
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class TwoJiras:
    """Use as an asynchronous context manager. ``first`` is Data Center and ``second`` is Cloud, unless planned otherwise.

    A single plan makes one Jira that is both. The declaration is the text of a configuration file that names the
    connections by ``FIRST`` and ``SECOND`` and has them at the addresses of the demo.
    """

    plans: tuple[WorldPlan, ...] = field(default_factory=lambda: (northwind(), lumen()))
    declaration: str = field(default_factory=DECLARATION.read_text)
    credentials: tuple[JiraLogin, ...] = (
        TokenLogin(token="northwind-token"),
        ApiTokenLogin(email="sync@lumen.example", api_token="lumen-token"),
    )
    system: FakeSystem = field(default_factory=lambda: FakeSystem(time=int(START.timestamp() * 1000)))
    first: Simulator = field(init=False)
    second: Simulator = field(init=False)
    trackers: dict[ConnectionName, JiraTracker] = field(init=False)
    store: MemoryStore = field(init=False)
    engine: Engine = field(init=False)
    halves: tuple[HalfConfiguration, HalfConfiguration] = field(init=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def _clock(self) -> Clock:
        return Clock(lambda: datetime.fromtimestamp(self.system.time / 1000, UTC))

    async def __aenter__(self) -> Self:
        simulators = [Simulator.of_plan(plan, self._clock()) for plan in self.plans]
        for one in simulators:
            await self._stack.enter_async_context(one)
        self.first, self.second = simulators[0], simulators[-1]
        self.trackers = await self.connect(simulators)
        self._stack.push_async_callback(self._disconnect)
        self.store = MemoryStore("installation", "incarnation", now=self.system.now)
        self.engine = Engine(store=self.store, trackers=self.trackers, system=self.system)
        return self

    async def connect(self, simulators: Sequence[Simulator]) -> dict[ConnectionName, JiraTracker]:
        """New trackers, which know nothing yet."""
        return {
            name: self._tracker(await self.address(simulator), credentials)
            for name, simulator, credentials in zip((FIRST, SECOND), simulators, self.credentials, strict=False)
        }

    async def _disconnect(self) -> None:
        for tracker in self.trackers.values():
            await tracker.close()

    async def address(self, simulator: Simulator) -> str:
        """Where the tracker finds a simulator."""
        return simulator.url

    def _tracker(self, url: str, credentials: JiraLogin) -> JiraTracker:
        connection = JiraConnection(base_url=url, login=credentials)
        budget = ProcessBudget(now=self._seconds, sleep=self.system.sleep)
        return JiraTracker(connection, budget, now=self._seconds, steady=self._seconds)

    def _seconds(self) -> float:
        return self.system.time / 1000

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def synchronize(self) -> None:
        """Apply the declaration, also once more after it was changed: the initial synchronization is due."""
        text = self.declaration.replace("http://127.0.0.1:8081", self.first.url)
        text = text.replace("http://127.0.0.1:8082", self.second.url)
        declared = await resolve(declaration_from(text.encode(), "test.yaml"), self.trackers)
        [done] = await apply(self.store, declared, "test.yaml", self.system.now())
        assert done.key is not None
        async with self.store.unit() as uow:
            one = await uow.synchronizations.get(done.key)
            assert one is not None
            first, second = [await uow.synchronizations.half(key) for key in (one.first, one.second)]
        self.halves = (first, second)

    async def retry(self) -> None:
        """A person asks for everything that is held back to be tried again."""
        await release(self.store, None, self.system.now())

    async def settle(self, rounds: int = 40) -> int:
        """Let everything happen until nothing happens any more; fails if it is never quiet."""
        quiet = 0
        for number in range(rounds):
            quiet = 0 if await self.cycle(number) else quiet + 1
            if quiet == 2:
                return number
        raise AssertionError(f"not quiet after {rounds} rounds; waiting: {self.store.turns.ready()}")

    async def cycle(self, number: int) -> bool:
        """Catch up, look and take turns once; whether anything was done or waits. Every other look is a wide one."""
        before = self.writes()
        busy = False
        for half in self.halves:
            busy |= await self._late(catch_up(self.engine, half))
        for name in self.trackers:
            await self._late(look(self.engine, name, back=OVERLAP if number % 2 else SWEEP))
        await retry_due(self.engine, self.halves)
        wait = await self._run_turns()
        self.system.time += int(max(wait, 3.0) * 1000)
        return busy or wait > 0 or self.writes() != before or bool(self.store.turns.ready())

    async def _late(self, work: Awaitable[object]) -> bool:
        try:
            return bool(await work)
        except TransientError:
            return True

    async def _run_turns(self) -> float:
        longest = 0.0
        while turns := self.store.turns.ready():
            for turn in turns:
                self.store.turns.pop(turn)
            waits = await asyncio.gather(*(self._turn(turn) for turn in turns))
            late = [wait for wait in waits if wait]
            if late:
                return max(late)
        return longest

    async def _turn(self, turn: ConnectorTurn) -> float:
        try:
            await run_turn(self.engine, turn)
        except TransientError as error:
            self.store.turns.put_back(turn, after=error.retry_after)
            return error.retry_after
        return 0.0

    def writes(self) -> int:
        """How many changing calls the Jiras have answered."""
        return sum(
            count
            for one in dict.fromkeys((self.first, self.second))
            for name, count in one.calls.endpoints().items()
            if not name.startswith("GET") and "search" not in name and "bulkfetch" not in name
        )

    async def problems(self) -> list[OpenProblem]:
        async with self.store.unit() as uow:
            return list(await uow.problems.open())

    async def partners(self) -> Mapping[str, str]:
        """Keys of the first project's issues and of their partners."""
        async with self.store.unit() as uow:
            return {
                pair.local.key: pair.remote.key
                async for pair in uow.pairs.all(self.halves[0].connector)
                if pair.local is not None and pair.remote is not None
            }
