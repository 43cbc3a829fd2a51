"""The port to asynchronous tasks: what a person has asked for and what takes longer than an answer may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.ports.records import TaskId

MANY_CUTS = 20
"""A task that was cut short so often without getting anywhere takes its process with it: it is given up."""


class TaskState(StrEnum):
    """How a task stands: under way (or waiting for its turn), or ended in one of three ways."""

    UNDER_WAY = "under-way"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as it stands.

    ``kind`` says which function does it, with ``arguments`` that JSON can hold. ``owner`` is the name of who asked.
    ``progress`` is in percent. ``position`` is what its kind remembers of how far it came, so that it goes on there
    after a restart. ``cuts`` counts how often it was cut short since it last came forward.
    """

    id: TaskId
    kind: str
    arguments: Mapping[str, object]
    owner: str
    synchronization: SynchronizationKey | None
    started: Millis
    message: str
    state: TaskState = TaskState.UNDER_WAY
    completed: Millis | None = None
    progress: int = 0
    result: str | None = None
    failure: str | None = None
    resource: str | None = None
    position: Mapping[str, object] = field(default_factory=dict)
    cancel_wanted: bool = False
    cuts: int = 0


class Tasks(Protocol):
    async def get(self, task: TaskId) -> Task | None: ...

    async def save(self, task: Task) -> None:
        """Insert or replace, except for the wish to cancel."""

    async def want_cancelled(self, task: TaskId) -> None:
        """Somebody wishes that the task ends. One that has ended stays as it is."""

    async def of_synchronization(self, key: SynchronizationKey) -> list[Task]:
        """Its tasks that have not ended, oldest first."""

    async def add_items(self, task: TaskId, items: Sequence[str]) -> None:
        """What the task has to do, each once however often it is added."""

    async def items(self, task: TaskId, after: int, limit: int) -> Mapping[str, int]:
        """Items that have no fate yet, with their numbers, which are greater than ``after``; in that order."""

    async def settle_item(self, task: TaskId, item: str, fate: str) -> None:
        """What became of an item."""

    async def fates(self, task: TaskId) -> Mapping[str, int]:
        """How many items met each fate; ``""`` counts those that met none yet."""

    async def drop_items(self, task: TaskId) -> None: ...

    async def forget(self, before: Millis) -> None:
        """Remove tasks that ended before then."""
