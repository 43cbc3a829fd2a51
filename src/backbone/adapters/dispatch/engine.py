"""Procrastinate as we use it: two queues, one task, one lock a pair."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from psycopg import AsyncConnection

from backbone.core.model.keys import ConnectorKey, PairUid
from backbone.ports.records import ApplyManyTurn, ApplyTurn, CreateTurn, TaskId, TaskTurn, Turn

Connection: TypeAlias = AsyncConnection[tuple[Any, ...]]
TurnResult: TypeAlias = float | None
"""None: done. A number: the turn wants to be run again after so many seconds."""
RunTurn: TypeAlias = Callable[[Turn], Awaitable[TurnResult]]

QUEUE = "turns"
MANY_QUEUE = "turns-of-many"
"""Of these turns a worker takes less at a time, since each of them alone can fill its places for calls."""
TASK = "turn"
TASK_KIND = "task"
MANY_KIND = "pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnKey:
    """A turn as our table and the arguments of a job name it.

    ``pair`` is empty but for turns of pairs, the first of ``pairs`` for a turn of many; ``connector`` is the task's id
    for the turn of a task.
    """

    kind: str
    connector: str
    pair: str
    pairs: tuple[str, ...] = ()
    noting: bool = False

    @property
    def lock(self) -> str:
        """Jobs of one lock never run at the same time, and run in the order in which they were queued."""
        return f"{self.kind}:{self.connector}:{self.pair}" if self.pair else f"{self.kind}:{self.connector}"

    @property
    def queue(self) -> str:
        return MANY_QUEUE if self.pairs and not self.noting else QUEUE

    @property
    def turn(self) -> Turn:
        if self.kind == TASK_KIND:
            return TaskTurn(task=TaskId(self.connector))
        if self.pairs:
            pairs = tuple(PairUid(pair) for pair in self.pairs)
            return ApplyManyTurn(connector=ConnectorKey(self.connector), pairs=pairs, noting=self.noting)
        if self.pair:
            return ApplyTurn(connector=ConnectorKey(self.connector), pair=PairUid(self.pair))
        return CreateTurn(connector=ConnectorKey(self.connector))

    def arguments(self) -> dict[str, object]:
        named: dict[str, object] = {"kind": self.kind, "connector": self.connector, "pair": self.pair}
        return named | ({"pairs": list(self.pairs), "noting": self.noting} if self.pairs else {})


def key_of(turn: Turn) -> TurnKey:
    """How a turn is named in the database."""
    match turn:
        case ApplyTurn(connector=connector, pair=pair):
            return TurnKey(kind="pair", connector=connector, pair=pair)
        case ApplyManyTurn(connector=connector, pairs=pairs, noting=noting):
            return TurnKey(kind=MANY_KIND, connector=connector, pair=pairs[0], pairs=pairs, noting=noting)
        case CreateTurn(connector=connector):
            return TurnKey(kind="create", connector=connector, pair="")
        case TaskTurn(task=task):
            return TurnKey(kind=TASK_KIND, connector=task, pair="")
        case _:
            assert_never(turn)
