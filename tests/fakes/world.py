"""Projects, the synchronizations between them, and a scheduler that a test drives step by step."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from backbone.adapters.memory import MemoryStore, TurnQueue
from backbone.adapters.memory.tables import Tables
from backbone.app.engine.catchup import catch_up, schedule
from backbone.app.engine.context import Engine
from backbone.app.engine.cursors import OVERLAP
from backbone.app.engine.look import SWEEP, look
from backbone.app.engine.turns import run_turn
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, ConnectorKey, Millis, PairUid, SynchronizationKey
from backbone.ports.records import ApplyTurn, ConnectorTurn, InboxMessage, Synchronization
from backbone.ports.store import Inbox, LockLost, UnitOfWork
from backbone.ports.tracker import TransientError
from tests.fakes.jira import FakeJira

START = 1_700_000_000_000


class Crash(BaseException):
    """The process dies here."""


@dataclass(slots=True)
class FakeSystem:
    """A clock that a test moves, and counted ids."""

    time: int = START
    ids: int = 0

    def now(self) -> Millis:
        return Millis(self.time)

    def new_id(self) -> str:
        self.ids += 1
        return f"id{self.ids:06}"

    async def sleep(self, seconds: float) -> None:
        self.time += int(seconds * 1000)


Key = tuple[ConnectorKey, PairUid, int]
T = TypeVar("T")


class _Loops:
    """Event loops, one inside the other: a test may run a worker while another one is paused."""

    def __init__(self) -> None:
        self.idle: list[asyncio.AbstractEventLoop] = []
        atexit.register(self.close)

    def run(self, work: Coroutine[None, None, T]) -> T:
        outer = asyncio._get_running_loop()
        loop = self.idle.pop() if self.idle else asyncio.new_event_loop()
        asyncio._set_running_loop(None)
        try:
            return loop.run_until_complete(work)
        finally:
            self.idle.append(loop)
            asyncio._set_running_loop(outer)

    def close(self) -> None:
        for loop in self.idle:
            loop.close()


_LOOPS = _Loops()


def drive(work: Awaitable[T]) -> T:
    """Run what a test of one of these worlds wants to its end, even from within another run."""

    async def whole() -> T:
        return await work

    return _LOOPS.run(whole())


class _Delayed:
    """An inbox whose messages arrive only when the test delivers them."""

    def __init__(self, inner: Inbox, transit: set[Key], sent: list[InboxMessage]) -> None:
        self._inner = inner
        self._transit = transit
        self._sent = sent

    async def put(self, message: InboxMessage) -> bool:
        new = await self._inner.put(message)
        if new:
            self._sent.append(message)
            self._transit.add((message.connector, message.pair, message.sequence))
        return new

    async def put_all(self, messages: Sequence[InboxMessage]) -> None:
        for message in messages:
            await self.put(message)

    async def pending_of(
        self, connector: ConnectorKey, pairs: Sequence[PairUid]
    ) -> Mapping[PairUid, Sequence[InboxMessage]]:
        found = {pair: await self.pending(connector, pair) for pair in pairs}
        return {pair: messages for pair, messages in found.items() if messages}

    async def pending(self, connector: ConnectorKey, pair: PairUid) -> Sequence[InboxMessage]:
        found = await self._inner.pending(connector, pair)
        return [one for one in found if (connector, pair, one.sequence) not in self._transit]

    async def done(self, connector: ConnectorKey, pair: PairUid, up_to: int) -> None:
        await self._inner.done(connector, pair, up_to)

    async def done_all(self, connector: ConnectorKey, up_to: Mapping[PairUid, int]) -> None:
        await self._inner.done_all(connector, up_to)

    async def last_of(self, connector: ConnectorKey, pairs: Sequence[PairUid]) -> Mapping[PairUid, int]:
        return await self._inner.last_of(connector, pairs)

    async def waiting(self, connector: ConnectorKey) -> int:
        return await self._inner.waiting(connector)

    async def oldest(self, connector: ConnectorKey) -> Millis | None:
        return await self._inner.oldest(connector)


class DelayingStore(MemoryStore):
    """A store whose messages travel: they are kept back in ``transit`` until delivered, in any order.

    Over the tables of ``before`` it is what a process finds that starts again.
    """

    def __init__(
        self, now: Callable[[], Millis], before: DelayingStore | None = None, incarnation: str = "incarnation"
    ) -> None:
        super().__init__("installation", incarnation, now=now, original=incarnation == "incarnation")
        self.transit: set[Key] = before.transit if before else set()
        self.sent: list[InboxMessage] = before.sent if before else []
        self.gate: Callable[[], None] = lambda: None
        if before is not None:
            self._committed = before._committed
            self.turns = TurnQueue(self._committed)

    @property
    def tables(self) -> Tables:
        """What is committed."""
        return self._committed.tables

    def unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._delayed()

    @asynccontextmanager
    async def _delayed(self) -> AsyncIterator[UnitOfWork]:
        async with super().unit() as unit:
            unit.inbox = _Delayed(unit.inbox, self.transit, self.sent)  # type: ignore[misc]  # the port's parts are read-only
            self.gate()
            yield unit
            self.gate()


@dataclass(slots=True)
class World:
    """Everything that a test moves: the clock, the Jiras, the engine, the queue."""

    jiras: dict[ConnectionName, FakeJira]
    system: FakeSystem = field(default_factory=FakeSystem)
    store: DelayingStore = field(init=False)
    engine: Engine = field(init=False)
    halves: list[HalfConfiguration] = field(default_factory=list)

    def __post_init__(self) -> None:
        for jira in self.jiras.values():
            jira.local = self.system.now
        self.store = DelayingStore(self.system.now)
        self.engine = Engine(store=self.store, trackers=self.jiras, system=self.system, abreast=1)

    async def synchronize(self, first: HalfConfiguration, second: HalfConfiguration) -> None:
        await self.configure(first, second)
        self.halves += [first, second]
        for half in (first, second):
            await schedule(self.engine, half, Millis(0))

    async def configure(self, first: HalfConfiguration, second: HalfConfiguration) -> None:
        """Put a configuration in force."""
        async with self.store.unit() as uow:
            one = Synchronization(
                key=first.synchronization,
                name=first.synchronization,
                description="",
                wanted_running=True,
                revision=first.revision,
                first=first.connector,
                second=second.connector,
            )
            await uow.synchronizations.save(one, [first, second])
            await uow.commit()

    def restart(self, incarnation: str = "incarnation") -> None:
        """The process ends and another one starts over the same tables, or over a copy of them that was restored."""
        self.store = DelayingStore(self.system.now, self.store, incarnation)
        self.engine = Engine(store=self.store, trackers=self.jiras, system=self.system, abreast=1)

    # one step each ----------------------------------------------------------------------------------------------------

    async def look(self, name: ConnectionName, back: int = OVERLAP) -> bool:
        """One look; False if the process died or the Jira did not answer."""
        try:
            for half in self.halves:
                if half.connection == name:
                    await catch_up(self.engine, half)
            await look(self.engine, name, back=back)
        except (Crash, LockLost, TransientError):
            return False
        return True

    async def run(self, turn: ConnectorTurn) -> float | None:
        """Run a queued turn; the seconds after which it comes again, or None when it is done."""
        self.store.turns.pop(turn)
        try:
            await run_turn(self.engine, turn)
        except (Crash, LockLost):
            self.store.turns.put_back(turn)
            return 0.0
        except TransientError as error:
            self.store.turns.put_back(turn, after=error.retry_after)
            return error.retry_after
        return None

    async def run_again(self, turn: ConnectorTurn) -> float | None:
        """Run a turn whether it is queued or has begun elsewhere."""
        self.store.turns.put_back(turn)
        return await self.run(turn)

    async def receive(self, message: InboxMessage) -> bool:
        """A message arrives, perhaps once more; whether it was new."""
        async with self.store.unit() as uow:
            new = await uow.inbox.put(message)
            await uow.turns.wake(ApplyTurn(connector=message.connector, pair=message.pair))
            await uow.commit()
        return new

    def deliver(self, number: int) -> None:
        """One message arrives, any of those on their way."""
        on_their_way = sorted(self.store.transit)
        if on_their_way:
            key = on_their_way[number % len(on_their_way)]
            self.store.transit.discard(key)
            self.store.turns.put_back(ApplyTurn(connector=key[0], pair=key[1]))

    def deliver_all(self) -> None:
        while self.store.transit:
            self.deliver(0)

    async def settle(self, rounds: int = 80) -> int:
        """Let everything happen until nothing happens any more; the number of rounds that it took.

        Fails when it is never quiet.
        """
        quiet = 0
        for number in range(rounds):
            before = self.effects()
            for name, jira in self.jiras.items():
                jira.thaw_index()
                await self.look(name, back=OVERLAP if number % 2 else SWEEP)
            self.deliver_all()
            wait = await self._run_all()
            self.system.time += int(max(wait, 3.0) * 1000)
            quiet = quiet + 1 if self.effects() == before and not self.store.turns.ready() else 0
            if quiet == 3:
                return number
        raise AssertionError(f"not quiet after {rounds} rounds")

    async def _run_all(self) -> float:
        """Run turns until none is queued or one has to wait; the seconds to wait."""
        while turns := self.store.turns.ready():
            waits = [await self.run(turn) for turn in turns]
            self.deliver_all()
            late = [wait for wait in waits if wait is not None]
            if late:
                return max(late)
        return 0.0

    def effects(self) -> tuple[int, ...]:
        """Everything that changed in the Jiras and on the wire."""
        written = sum(count for jira in self.jiras.values() for point, count in jira.calls.items() if point in _WRITES)
        return (written, self.messages())

    def messages(self) -> int:
        """How many messages were ever sent."""
        return sum(pair.info.outgoing_message_sequence_id for pair in self.store.tables.pairs.values())


_WRITES = frozenset(
    {"create", "edit", "move", "add-comment", "edit-comment", "remove-comment", "add-file", "remove-file"}
)


def key(number: int) -> SynchronizationKey:
    return SynchronizationKey(f"INT-{number}")
