"""Looking at tasks and cancelling them: one's own, or as an administrator those of the projects that one administers."""

from __future__ import annotations

from backbone.app.access.caller import Caller
from backbone.app.usecases.choosing import halves_of
from backbone.app.usecases.projects import projects_named
from backbone.app.usecases.tasks.handle import TaskHandle
from backbone.core.model.configuration import HalfConfiguration
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import TaskId
from backbone.ports.system import System
from backbone.ports.tasks import Task, TaskState


class ProjectNotNamed(Exception):
    """Who administers projects only has to name the one that the task concerns."""


async def find_task(store: AdministrationStore, caller: Caller, task: TaskId, project: str | None) -> Task | None:
    """The task, if it is there and the caller may see it. Raises ProjectNotNamed.

    ``project`` is the key of the project that the caller says the task to concern.
    """
    async with store.administration() as unit:
        return await _visible(unit, caller, task, project)


async def cancel_task(
    store: AdministrationStore, system: System, caller: Caller, task: TaskId, project: str | None
) -> Task | None:
    """Ask a task to end, as far as the caller may see it; the task as it is now. What was done stays done.

    One that waits for its turn ends at once, one under way between two of its steps. Raises ProjectNotNamed.
    """
    async with store.administration() as unit:
        found = await _visible(unit, caller, task, project)
        if found is None or found.completed is not None:
            return found
        await unit.tasks.want_cancelled(task)
        await unit.commit()
    async with store.hold(f"task:{task}") as fence:
        if fence is not None:
            idle = await _idle(store, task)
            if idle is not None:
                handle = TaskHandle(store, system, fence, idle)
                await handle.end(TaskState.CANCELLED)
    async with store.administration() as unit:
        return await unit.tasks.get(task)


async def _idle(store: AdministrationStore, task: TaskId) -> Task | None:
    async with store.administration() as unit:
        known = await unit.tasks.get(task)
    return known if known is not None and known.completed is None else None


async def _visible(unit: AdministrationUnit, caller: Caller, task: TaskId, project: str | None) -> Task | None:
    if not caller.administrator and not project:
        raise ProjectNotNamed
    found = await unit.tasks.get(task)
    if found is None or caller.everything:
        return found
    halves = await _halves(unit, found)
    if caller.administrator:
        return found if found.owner == caller.name or caller.sees(halves) else None
    named = await projects_named(unit, project or "")
    concerned = any(caller.administers(half) and (half.connection, half.project) in named for half in halves)
    return found if found.owner == caller.name and (concerned or not halves) else None


async def _halves(unit: AdministrationUnit, task: Task) -> list[HalfConfiguration]:
    """What the task concerns; nothing when its synchronization is gone."""
    known = await unit.synchronizations.get(task.synchronization) if task.synchronization is not None else None
    return await halves_of(unit, [known]) if known is not None else []
