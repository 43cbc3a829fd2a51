"""Asynchronous tasks: how far they are, what they came to, and cancelling them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request

from backbone.app.access.caller import Scope
from backbone.app.usecases.tasks.viewing import ProjectNotNamed, cancel_task, find_task
from backbone.ports.records import TaskId
from backbone.ports.tasks import Task, TaskState
from backbone.web.access import Rule, SignedIn, allowed
from backbone.web.api.documents import Shown
from backbone.web.errors import Refused, not_found
from backbone.web.front import BASE, address_of
from backbone.web.installation import installation_of
from backbone.web.instants import task_instant

router = APIRouter(tags=["Asynchronous tasks"])

TaskPath = Annotated[
    str, Path(alias="task_id", description="The `id` of the task, as the request that started it answered.")
]
Project = Annotated[
    str | None,
    Header(
        alias="prj",
        description="Key of the project that the task concerns. Who administers projects only has to send it.",
        max_length=255,
    ),
]


class TaskDocument(Shown):
    """An asynchronous task; what is not known yet is absent."""

    id: str
    """32 hexadecimal digits in capitals."""
    start_timestamp: str
    """When it was started, such as `Apr 25, 2019 -- 07:17 AM`."""
    completion_timestamp: str | None = None
    """When it ended, however it did."""
    result: str | None = None
    """What it came to, once it is done."""
    finished: bool
    """Whether it ended: done, failed or cancelled."""
    cancelled: bool
    """Whether it ended because somebody cancelled it."""
    has_failed: bool
    """Whether it ended without doing what it was asked for."""
    failure_message: str | None = None
    """Why it failed, and what to do about it."""
    progress: int
    """In percent."""
    message: str | None = None
    """What it is doing, or did last."""
    resource_location: str | None = None
    """Address of what the task made or is about."""


@router.get("/async-tasks/{task_id}", dependencies=[allowed(Rule.SIGNED_IN)], response_model_exclude_none=True)
async def async_task(request: Request, caller: SignedIn, task_id: TaskPath, prj: Project = None) -> TaskDocument:
    """An asynchronous task: how far it is, or what it came to. Tasks are kept for 30 days after they ended.

    Everybody sees the tasks that they started themselves, administrators also those of others.
    """
    with _named():
        found = await find_task(installation_of(request).store, caller, TaskId(task_id), prj)
    return _shown(request, task_id, found)


@router.delete(
    "/async-tasks/{task_id}",
    dependencies=[allowed(Rule.SIGNED_IN, Scope.OPERATE)],
    response_model_exclude_none=True,
)
async def cancel_async_task(request: Request, caller: SignedIn, task_id: TaskPath, prj: Project = None) -> TaskDocument:
    """Cancel an asynchronous task. What it did already stays done.

    One that waits for its turn ends at once. One under way ends before its next step: ask again until it is
    `finished`. One that has ended stays as it is.
    """
    installation = installation_of(request)
    with _named():
        found = await cancel_task(installation.store, installation.system, caller, TaskId(task_id), prj)
    return _shown(request, task_id, found)


def task_document(request: Request, task: Task) -> TaskDocument:
    """The task as the public interface shows it: what every request answers that starts one."""
    zone = installation_of(request).time_zone
    return TaskDocument(
        id=task.id,
        start_timestamp=task_instant(task.started, zone),
        completion_timestamp=task_instant(task.completed, zone) if task.completed is not None else None,
        result=task.result,
        finished=task.completed is not None,
        cancelled=task.state is TaskState.CANCELLED,
        has_failed=task.state is TaskState.FAILED,
        failure_message=task.failure,
        progress=task.progress,
        message=task.message or None,
        resource_location=address_of(request, BASE + task.resource) if task.resource else None,
    )


def _shown(request: Request, task_id: str, task: Task | None) -> TaskDocument:
    if task is None:
        raise not_found(f"task {task_id[:64]}")
    return task_document(request, task)


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except ProjectNotNamed:
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "Administrators of projects have to say which project the task concerns.",
            "Send its key in the header prj.",
        ) from None
