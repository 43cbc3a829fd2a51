"""One step of one channel: its lock is held, and every commit names it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from backbone.app.channel.host import ChannelHost, Means
from backbone.core.model.keys import ConnectorKey, Millis, SynchronizationKey
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.parcels import Passing
from backbone.ports.channels import StoredChannel
from backbone.ports.store import Fence, UnitOfWork


def channel_lock(key: SynchronizationKey) -> str:
    """The lock under which everything of a channel happens; also the name of its tick."""
    return f"channel:{key}"


@dataclass(slots=True, kw_only=True)
class Desk:
    """What the parts of a step share. ``passing`` is to be said at the end of the step, and may get lost.

    ``stored`` is the channel as it is stored: nobody else changes it while its lock is held.
    """

    host: ChannelHost
    fence: Fence
    key: SynchronizationKey
    connector: ConnectorKey
    running: bool
    means: Means
    stored: StoredChannel
    passing: list[Passing] = field(default_factory=list)

    def now(self) -> Millis:
        return self.host.engine.system.now()

    @property
    def channel(self) -> Channel:
        return self.stored.channel

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[tuple[UnitOfWork, StoredChannel]]:
        """A transaction, and the channel as it is stored."""
        async with self.host.engine.store.unit() as uow:
            yield uow, await channel_of(uow, self.key)

    async def commit(self, uow: UnitOfWork, stored: StoredChannel, *fences: Fence) -> StoredChannel:
        """Make what was done permanent, together with the channel."""
        await uow.channels.save(stored)
        await uow.commit(self.fence, *fences)
        self.stored = stored
        return stored

    async def change(self, step: Callable[[Channel], Channel]) -> StoredChannel:
        """Change the channel and nothing else."""
        async with self.unit() as (uow, stored):
            return await self.commit(uow, replace(stored, channel=step(stored.channel)))


async def channel_of(uow: UnitOfWork, key: SynchronizationKey) -> StoredChannel:
    """A channel that has to be there, since its lock is held."""
    found = await uow.channels.get(key)
    if found is None:
        raise LookupError(f"channel {key} is gone")
    return found
