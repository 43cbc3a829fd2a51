"""Doing a task: what a job of the queue does where its turn is a task's. It ends as done, failed or cancelled, or goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

import structlog

from backbone.app.engine.guarded import SHORTEST_PAUSE, is_outage, run_turn_guarded, where_it_failed
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.tasks.handle import Done, GoOn, TaskCancelled, TaskHandle
from backbone.app.usecases.tasks.host import DoTask, TaskHost
from backbone.app.usecases.tasks.kinds import KINDS
from backbone.ports.records import TaskTurn, Turn
from backbone.ports.store import Fence, LockLost
from backbone.ports.tasks import MANY_CUTS, Task, TaskState
from backbone.ports.tracker import AccessError, TransientError

log = structlog.get_logger()

TAKEN = 1.0
"""Seconds after which a turn comes again whose task is being done by somebody else."""


async def run_turn_or_task(host: TaskHost, turn: Turn) -> float | None:
    """Run any turn; None when it is done, else the seconds after which it has to come again."""
    if isinstance(turn, TaskTurn):
        return await run_task(host, turn)
    return await run_turn_guarded(host.engine, turn)


async def run_task(host: TaskHost, turn: TaskTurn, kinds: Mapping[str, DoTask] = KINDS) -> float | None:
    """Go on with a task. Raises only what says that the database is away."""
    try:
        async with host.store.hold(f"task:{turn.task}") as fence:
            if fence is None:
                return TAKEN
            task = await _begin(host, turn, fence)
            if task is None:
                return None
            return await _guarded(host, TaskHandle(host.store, host.system, fence, task), kinds)
    except LockLost:
        return TAKEN


async def _begin(host: TaskHost, turn: TaskTurn, fence: Fence) -> Task | None:
    """The task, counted as cut short until this run says something else; None if there is nothing to do."""
    async with host.store.administration() as unit:
        await unit.turns.begun(turn)
        task = await unit.tasks.get(turn.task)
        if task is not None and task.completed is None:
            await unit.tasks.save(replace(task, cuts=task.cuts + 1))
        await unit.commit(fence)
    return task if task is not None and task.completed is None else None


async def _guarded(host: TaskHost, handle: TaskHandle, kinds: Mapping[str, DoTask]) -> float | None:
    """Whatever goes wrong is told to who asked for the task, and never in words that may hold an issue's content."""
    try:
        return await _run(host, handle, kinds)
    except TaskCancelled:
        await handle.end(TaskState.CANCELLED)
    except Mistake as mistake:
        await handle.end(TaskState.FAILED, failure=str(mistake))
    except AccessError as error:
        await handle.end(TaskState.FAILED, failure=f"{error.cause}. {error.remedy}")
    except TransientError as error:
        await handle.pause(f"Waiting to go on: {error}")
        return max(error.retry_after, SHORTEST_PAUSE)
    except LockLost:
        raise
    except Exception as error:
        if is_outage(error):
            raise
        await _defect(handle, error)
    return None


async def _defect(handle: TaskHandle, error: Exception) -> None:
    name, where = type(error).__name__, where_it_failed(error)
    log.error("task-failed", task=handle.task.id, kind=handle.task.kind, error=name, where=where)
    failure = f"The program failed with {name} in {where}. Report this line to the makers of Backbone."
    await handle.end(TaskState.FAILED, failure=failure)


async def _run(host: TaskHost, handle: TaskHandle, kinds: Mapping[str, DoTask]) -> float | None:
    task = handle.task
    if task.cancel_wanted:
        raise TaskCancelled
    if task.cuts >= MANY_CUTS:
        await handle.end(TaskState.FAILED, failure=f"It was cut short {task.cuts} times without getting anywhere.")
        return None
    do = kinds.get(task.kind)
    if do is None:
        await handle.end(TaskState.FAILED, failure=f"This version of Backbone has no tasks of the kind '{task.kind}'.")
        return None
    outcome = await do(host, handle)
    match outcome:
        case Done(result=result, resource=resource):
            await handle.end(TaskState.DONE, result=result, resource=resource)
            return None
        case GoOn(after=after):
            await handle.pause()
            return max(after, SHORTEST_PAUSE)
        case _:
            assert_never(outcome)
