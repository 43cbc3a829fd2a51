"""Starting a task in the transaction of whoever asks for it: state, task and job become visible together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backbone.core.model.keys import SynchronizationKey
from backbone.ports.administration import AdministrationUnit
from backbone.ports.records import TaskId, TaskTurn
from backbone.ports.system import System
from backbone.ports.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOrder:
    """What is to be done: ``kind`` is a key of :data:`~backbone.app.usecases.tasks.kinds.KINDS`.

    ``arguments`` are what JSON can hold. ``owner`` is the ``name`` of the caller; ``message`` is shown until the task
    says something else; ``resource`` is the address of what the task is about.
    """

    kind: str
    owner: str
    message: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    synchronization: SynchronizationKey | None = None
    resource: str | None = None


async def start(unit: AdministrationUnit, system: System, order: TaskOrder) -> Task:
    """Start a task. The caller commits the unit; a worker does the task as soon as it is committed."""
    task = Task(
        id=TaskId(system.new_id().upper()),
        kind=order.kind,
        arguments=order.arguments,
        owner=order.owner,
        synchronization=order.synchronization,
        started=system.now(),
        message=order.message,
        resource=order.resource,
    )
    await unit.tasks.save(task)
    await unit.turns.wake(TaskTurn(task=task.id))
    return task
