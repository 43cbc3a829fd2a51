"""Making deliveries: by a task of the running simulator, or by hand; and what happens when one fails."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from backbone.simulator.webhooks.deliveries import Attempt, Delivery, Ledger, Outbox, Result
from backbone.simulator.webhooks.mischief import RETRY, MischiefBoard
from backbone.simulator.webhooks.sending import Sender

RETRIED = frozenset({408, 409, 425, 429})
TICK = 0.05
"""Seconds of real time between two looks at the clock of the world while something waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a failed delivery is tried again, and after how many seconds.

    Cloud: five times after 5 to 15 minutes, for 408, 409, 425, 429, 5xx and connections that failed
    (Atlassian, webhooks of Jira Cloud). Data Center documents no retry: what is refused is lost.
    """

    most: int = 0
    shortest: float = 300.0
    longest: float = 900.0

    def applies(self, attempt: Attempt) -> bool:
        """Whether there will be another attempt."""
        if attempt.delivery.retry >= self.most or attempt.delivery.forged:
            return False
        return attempt.result is Result.ERROR or attempt.status in RETRIED or attempt.status >= 500


@dataclass(slots=True, kw_only=True)
class PostOffice:
    """Takes deliveries and makes them.

    ``at_once`` is how many deliveries of one webhook may be under way together: 1 keeps their order.
    While it is ``held`` nothing leaves but by hand.
    """

    now: Callable[[], datetime]
    board: MischiefBoard
    sender: Sender
    policy: RetryPolicy
    is_known: Callable[[int], bool]
    at_once: int = 1
    held: bool = False
    outbox: Outbox = field(default_factory=Outbox)
    ledger: Ledger = field(default_factory=Ledger)
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - a delay needs repetition, not secrecy
    _locks: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.Task[None] | None = None
    _rounds: set[asyncio.Task[None]] = field(default_factory=set)

    def accept(self, delivery: Delivery) -> None:
        """Take a delivery, or what the armed faults make of it."""
        made = self.board.strike(delivery, self.now())
        self.ledger.counts["accepted"] += 1
        self.put(made)

    def put(self, deliveries: Iterable[Delivery]) -> None:
        """Take deliveries as they are."""
        self.outbox.put(deliveries)
        self._news.set()

    @property
    def waiting(self) -> list[Delivery]:
        """What has not been delivered yet, in order; windows of reordering that are not full are left out."""
        return list(self.outbox)

    def start(self) -> None:
        """Begin to deliver what is due, by the clock of the world."""
        self._news = asyncio.Event()
        self._news.set()
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; what is under way is broken off."""
        tasks = [task for task in (self._loop, *self._rounds) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop = None
        self._rounds.clear()
        self._locks.clear()
        await self.sender.close()

    def hold(self) -> None:
        """Let nothing leave but by ``deliver_due`` and ``deliver_all``."""
        self.held = True

    def release(self) -> None:
        """Deliver again what is due."""
        self.held = False
        self._news.set()

    def clear(self) -> None:
        """Forget what waits, and begin to count at zero."""
        self.outbox.clear()
        self.ledger.clear()
        self.chance.seed(0)
        self.held = False

    async def deliver_due(self) -> None:
        """Deliver what is due by the clock of the world, and wait until it is done."""
        self.outbox.put(self.board.release(self.now(), patient=True))
        webhooks = self.outbox.webhooks(self.now()) | {w for w, lock in self._locks.items() if lock.locked()}
        await asyncio.gather(*(self._drain(webhook, everything=False) for webhook in webhooks))

    async def deliver_all(self) -> None:
        """Deliver everything, due or not, in order of time, and all retries that this brings."""
        self.outbox.put(self.board.release(self.now(), patient=False))
        while webhooks := self.outbox.webhooks(None) | {w for w, lock in self._locks.items() if lock.locked()}:
            await asyncio.gather(*(self._drain(webhook, everything=True) for webhook in webhooks))

    async def _run(self) -> None:
        while True:
            self._news.clear()
            if not self.held:
                self._begin_rounds()
            await self._wait()

    def _begin_rounds(self) -> None:
        self.outbox.put(self.board.release(self.now(), patient=True))
        for webhook in self.outbox.webhooks(self.now()):
            if not self._locks[webhook].locked():
                task = asyncio.create_task(self._drain(webhook, everything=False))
                self._rounds.add(task)
                task.add_done_callback(self._rounds.discard)

    async def _wait(self) -> None:
        timed = not self.held and (len(self.outbox) or self.board.keeps())
        try:
            await asyncio.wait_for(self._news.wait(), TICK if timed else None)
        except TimeoutError:
            return

    async def _drain(self, webhook: int, *, everything: bool) -> None:
        """Deliver for one webhook until nothing is due."""
        async with self._locks[webhook]:
            while batch := self.outbox.take(webhook, None if everything else self.now()):
                while batch:
                    now_sent, batch = batch[: self.at_once], batch[self.at_once :]
                    await asyncio.gather(*(self._deliver(delivery) for delivery in now_sent))

    async def _deliver(self, delivery: Delivery) -> None:
        if not self.is_known(delivery.webhook):
            self.ledger.counts["dropped"] += 1
            return
        attempt = await self.sender.post(delivery)
        self.ledger.note(attempt)
        if attempt.result is Result.SUCCESS:
            return
        if self.policy.applies(attempt):
            self.ledger.counts["retries"] += 1
            self.outbox.put([self._again(delivery)])
        else:
            self.ledger.counts["lost"] += 1

    def _again(self, delivery: Delivery) -> Delivery:
        seconds = self.chance.uniform(self.policy.shortest, self.policy.longest)
        retry = delivery.retry + 1
        headers = {**delivery.headers, RETRY: str(retry)}
        return replace(delivery, retry=retry, headers=headers, due=self.now() + timedelta(seconds=seconds))
