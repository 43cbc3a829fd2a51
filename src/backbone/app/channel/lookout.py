"""While a process serves, it listens at the mailboxes that tell of what comes, and hurries the step of the channel.

Every process listens by connections of its own, which are never those of the steps. So whichever steps a channel next
has heard itself that something came; one that died leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import structlog

from backbone.app.channel.looking import OFTEN, pause_between_looks
from backbone.app.channel.settings import Surroundings, receiving_of
from backbone.app.engine.context import Engine
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.core.protocol.delivering import FIRST_PAUSE, LONGEST_PAUSE, doubled
from backbone.ports.channels import StoredChannel
from backbone.ports.transport import Receiving, TellingReceiver

log = structlog.get_logger()

FOLLOW = 5.0
"""Seconds between looks at the settings of channels."""
LONGEST_WAIT = 600.0
"""Seconds after which something may have come though nobody told."""
BREATH = 1.0
"""Seconds at least between two times that a step is hurried, however often a server tells."""
PATIENCE = 5.0
"""Seconds for which a listener that has to end is waited for; one that is just connecting takes longer."""
_SLACK = 2_500
"""Milliseconds; a step that comes a little early looks, else the next one would be late."""


class Post(Surroundings, Protocol):
    """The process that listens."""

    @property
    def engine(self) -> Engine: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listener:
    of: Receiving
    receiver: TellingReceiver
    task: asyncio.Task[None]


class Lookout:
    """Which channels are listened at, and when each was looked at last. ``longest`` is in seconds."""

    def __init__(self, post: Post, *, longest: float = LONGEST_WAIT) -> None:
        self._post = post
        self._longest = longest
        self._listeners: dict[SynchronizationKey, _Listener] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._looked: dict[SynchronizationKey, tuple[Receiving, Millis]] = {}
        self._news: set[SynchronizationKey] = set()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Listen at all channels, in the background, as long as the block lasts."""
        following = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await self._end(list(self._listeners))

    def begin_look(self, stored: StoredChannel, receiving: Receiving, former: Receiving | None, now: Millis) -> bool:
        """Whether this step of the channel looks whether parcels came; it counts as a look then."""
        key = stored.synchronization
        pause = pause_between_looks(receiving, former, stored.channel, now, told=self._is_told(key, receiving))
        where, at = self._looked.get(key, (None, now))
        early = pause > OFTEN and where == receiving and 0 <= now - at < pause * 1000 - _SLACK
        if early and key not in self._news:
            return False
        self._news.discard(key)
        self._looked[key] = receiving, now
        return True

    def _is_told(self, key: SynchronizationKey, receiving: Receiving) -> bool:
        listener = self._listeners.get(key)
        return listener is not None and listener.of == receiving and listener.receiver.tells

    async def _follow(self) -> None:
        """Have the listeners that the settings want, as these change."""
        while True:
            try:
                await self._adjust()
            except Exception as error:  # noqa: BLE001  the database is away; who listens already goes on
                log.warning("channels-not-read", error=type(error).__name__)
            await self._post.engine.system.sleep(FOLLOW)

    async def _adjust(self) -> None:
        async with self._post.engine.store.unit() as uow:
            channels = await uow.channels.all()
        wanted = {one.synchronization: way for one in channels if (way := self._way_in(one)) is not None}
        await self._end([key for key, one in self._listeners.items() if wanted.get(key) != one.of])
        for key, of in wanted.items():
            if key not in self._listeners:
                self._begin(key, of)

    def _way_in(self, stored: StoredChannel) -> Receiving | None:
        """Where to listen; nowhere while steps can't receive, since they try again and tell people why."""
        if stored.channel.receiving.failures:
            return None
        try:
            return receiving_of(stored, self._post)
        except Mistake:
            return None

    def _begin(self, key: SynchronizationKey, of: Receiving) -> None:
        receiver = self._post.transports.receiver(of)
        if isinstance(receiver, TellingReceiver):
            task = asyncio.create_task(self._listen(key, receiver))
            self._listeners[key] = _Listener(of=of, receiver=receiver, task=task)

    async def _end(self, keys: Collection[SynchronizationKey]) -> None:
        tasks = [self._listeners.pop(key).task for key in keys]
        for task in tasks:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        if tasks:
            await asyncio.wait(tasks, timeout=PATIENCE)

    async def _listen(self, key: SynchronizationKey, receiver: TellingReceiver) -> None:
        failures = 0
        try:
            while True:
                pause = BREATH
                try:
                    await receiver.wait(self._longest)
                    failures = 0
                    await self._hurry(key)
                except Exception as error:  # noqa: BLE001  whatever it is, steps look by themselves, only less often
                    pause = doubled(FIRST_PAUSE, failures, LONGEST_PAUSE) / 1000
                    failures += 1
                    log.info("not-listening", channel=key, error=type(error).__name__, seconds=pause)
                await self._post.engine.system.sleep(pause)
        finally:
            await receiver.close()

    async def _hurry(self, key: SynchronizationKey) -> None:
        self._news.add(key)
        async with self._post.engine.store.unit() as uow:
            await uow.channels.hurry(key)
            await uow.commit(lasting=False)
