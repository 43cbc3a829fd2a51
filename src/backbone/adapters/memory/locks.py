"""Locks by name, each with an epoch that rises whenever it is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from backbone.ports.store import Fence, LockLost


@dataclass(slots=True)
class MemoryLocks:
    """Who holds what. ``held`` maps names to the epoch of their holder."""

    epochs: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[Fence | None]:
        if name in self.held:
            yield None
            return
        fence = MemoryFence(name=name, epoch=self.epochs.get(name, 0) + 1, locks=self)
        self.epochs[name] = self.held[name] = fence.epoch
        try:
            yield fence
        finally:
            if self.held.get(name) == fence.epoch:
                del self.held[name]

    @asynccontextmanager
    async def hold_all(self, names: Sequence[str]) -> AsyncIterator[Mapping[str, Fence]]:
        async with AsyncExitStack() as until_end:
            fences = [await until_end.enter_async_context(self.hold(name)) for name in names]
            yield {fence.name: fence for fence in fences if fence is not None}

    def lose(self, name: str) -> None:
        """What a lost connection to the database does: the holder goes on, but the lock is free."""
        self.held.pop(name, None)

    def require(self, fences: Iterable[Fence]) -> None:
        """Raise LockLost unless all are held."""
        for fence in fences:
            if self.held.get(fence.name) != fence.epoch:
                raise LockLost(f"the lock {fence.name} is not ours any more")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFence:
    """A held lock."""

    name: str
    epoch: int
    locks: MemoryLocks = field(repr=False, compare=False)

    async def check(self) -> None:
        self.locks.require([self])
