"""Whose turn it is: the flags of a unit of work, and the queue that somebody runs."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from backbone.adapters.memory.tables import Committed, Session, Tables
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.ports.records import ConnectorTurn, TaskTurn, Turn


@dataclass(frozen=True, slots=True)
class TurnQueue:
    """Turns in the order in which they were queued, with their delay in seconds.

    It is filled by commits only. A scheduler takes turns by :meth:`pop`; a turn that was popped and had no chance to
    tell that it begun (its worker died) goes back by :meth:`put_back`.
    """

    committed: Committed

    @property
    def waiting(self) -> MappingProxyType[ConnectorTurn, float]:
        """Queued turns with their delays."""
        return MappingProxyType(self.committed.tables.jobs)

    def ready(self) -> list[ConnectorTurn]:
        """All queued turns, the delayed ones included: who simulates time looks at :attr:`waiting`."""
        return list(self.committed.tables.jobs)

    def pop(self, turn: ConnectorTurn) -> None:
        """Take a turn out to run it."""
        del self.committed.tables.jobs[turn]
        self.committed.version += 1

    def put_back(self, turn: ConnectorTurn, *, after: float = 0.0) -> None:
        """Run a turn again whose worker died or failed."""
        self.committed.tables.jobs.setdefault(turn, after)
        self.committed.version += 1


class MemoryTurns:
    """The flags: a turn is queued at most once until it has begun. Tasks are not kept in memory."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def wake(self, turn: Turn, *, after: float = 0.0) -> None:
        turn = _of_connector(turn)

        def operation(tables: Tables) -> None:
            if turn not in tables.queued:
                tables.queued[turn] = None
                tables.jobs.setdefault(turn, after)
            if turn in tables.jobs:
                tables.jobs[turn] = min(after, tables.jobs[turn])

        self._session.change(operation, "queued", "jobs")

    async def begun(self, turn: Turn) -> None:
        turn = _of_connector(turn)

        def operation(tables: Tables) -> None:
            tables.queued.pop(turn, None)

        self._session.change(operation, "queued")

    async def queued(self) -> int:
        return len(self._session.view.queued)

    async def due_since(self, connector: ConnectorKey) -> Millis | None:
        """Never: time is told by whoever runs the turns."""
        del connector
        return None

    async def many_due(self, connector: ConnectorKey) -> int:
        """None: they are run one after the other, so that none would begin while somebody waits for it."""
        del connector
        return 0


def _of_connector(turn: Turn) -> ConnectorTurn:
    if isinstance(turn, TaskTurn):
        raise TypeError("there are no tasks in memory")
    return turn
