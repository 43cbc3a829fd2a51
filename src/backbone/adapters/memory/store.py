"""Units of work in memory, and where they come from."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from time import time

from backbone.adapters.memory.audit import MemoryAudit
from backbone.adapters.memory.channels import MemoryChannels
from backbone.adapters.memory.hints import MemoryHints
from backbone.adapters.memory.issues import MemoryCreations, MemoryDirty, MemoryStamps
from backbone.adapters.memory.locks import MemoryLocks
from backbone.adapters.memory.messages import MemoryInbox
from backbone.adapters.memory.outbox import MemoryOutbox
from backbone.adapters.memory.pairs import MemoryPairs
from backbone.adapters.memory.parcels import MemoryReceivedParcels, MemorySentParcels
from backbone.adapters.memory.pieces import MemoryPieces
from backbone.adapters.memory.records import MemoryCursors, MemoryJournal, MemoryProblems, MemoryRemovals
from backbone.adapters.memory.synchronizations import MemorySynchronizations
from backbone.adapters.memory.tables import Committed, LocalIssue, Session
from backbone.adapters.memory.turns import MemoryTurns, TurnQueue
from backbone.core.model.keys import Millis
from backbone.ports.store import Fence, UnitOfWork


def _wall_clock() -> Millis:
    return Millis(int(time() * 1000))


class MemoryStore:
    """A store for one process. ``now`` decides when pairs that are held back may be created.

    ``original`` is false for one that stands for a restored database.
    """

    def __init__(
        self, installation: str, incarnation: str, now: Callable[[], Millis] = _wall_clock, *, original: bool = True
    ) -> None:
        self.locks = MemoryLocks()
        self._installation = installation
        self._incarnation = incarnation
        self._now = now
        self._original = original
        self._committed = Committed()
        self.turns = TurnQueue(self._committed)
        self._stamp_locks: dict[LocalIssue, Lock] = {}
        self._new = Lock()

    @property
    def installation(self) -> str:
        return self._installation

    @property
    def incarnation(self) -> str:
        return self._incarnation

    @property
    def original(self) -> bool:
        return self._original

    def unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._unit()

    def hold(self, name: str) -> AbstractAsyncContextManager[Fence | None]:
        return self.locks.hold(name)

    def hold_all(self, names: Sequence[str]) -> AbstractAsyncContextManager[Mapping[str, Fence]]:
        return self.locks.hold_all(names)

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[UnitOfWork]:
        async with AsyncExitStack() as until_end:
            session = Session(self._committed)
            stamps = MemoryStamps(session, self._stamp_locks, until_end)
            synchronizations = MemorySynchronizations(session, self._new, until_end)
            yield MemoryUnit(session, stamps, synchronizations, self.locks, self._now)


class MemoryUnit:
    """One transaction."""

    def __init__(
        self,
        session: Session,
        stamps: MemoryStamps,
        synchronizations: MemorySynchronizations,
        locks: MemoryLocks,
        now: Callable[[], Millis],
    ) -> None:
        self._session = session
        self._locks = locks
        self.stamps = stamps
        self.pairs = MemoryPairs(session, now)
        self.dirty = MemoryDirty(session)
        self.inbox = MemoryInbox(session)
        self.turns = MemoryTurns(session)
        self.outbox = MemoryOutbox(session)
        self.channels = MemoryChannels(session)
        self.sent = MemorySentParcels(session)
        self.received = MemoryReceivedParcels(session)
        self.pieces = MemoryPieces(session)
        self.creations = MemoryCreations(session)
        self.cursors = MemoryCursors(session)
        self.problems = MemoryProblems(session)
        self.journal = MemoryJournal(session)
        self.removals = MemoryRemovals(session)
        self.hints = MemoryHints(session)
        self.synchronizations = synchronizations
        self.audit = MemoryAudit(session)

    async def commit(self, *fences: Fence, lasting: bool = True) -> None:
        del lasting  # memory forgets everything or nothing
        self._locks.require(fences)
        self._session.commit()
