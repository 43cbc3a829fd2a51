"""Waiting in the foreground until a task has ended: it is done here, unless a worker does it already."""

from __future__ import annotations

from collections.abc import Callable

from backbone.app.usecases.tasks.host import TaskHost
from backbone.app.usecases.tasks.running import run_task
from backbone.ports.records import TaskTurn
from backbone.ports.tasks import Task

_LONGEST = 5.0
_SHORTEST = 0.2


async def until_ended(host: TaskHost, task: Task, watch: Callable[[Task], None] = lambda _: None) -> Task:
    """The task once it has ended."""
    while task.completed is None:
        after = await run_task(host, TaskTurn(task=task.id))
        async with host.store.administration() as unit:
            task = await unit.tasks.get(task.id) or task
        watch(task)
        if task.completed is None:
            await host.system.sleep(min(max(after or 0.0, _SHORTEST), _LONGEST))
    return task
