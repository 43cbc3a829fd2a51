"""What a task is done with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from backbone.app.engine.context import Engine
from backbone.app.usecases.tasks.handle import Done, GoOn, TaskHandle
from backbone.ports.administration import AdministrationStore
from backbone.ports.system import System


class TaskHost(Protocol):
    """The process that does tasks."""

    @property
    def store(self) -> AdministrationStore: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def system(self) -> System: ...

    async def open_connections(self) -> bool:
        """Open the stored connections that are new or were applied again; whether there were any."""


DoTask: TypeAlias = Callable[[TaskHost, TaskHandle], Awaitable[Done | GoOn]]
"""Does the tasks of one kind; it may be cut short anywhere, and then begins again with what the handle remembers.

What it raises ends the task as failed: Mistake and AccessError in their own words, everything else as a defect. Only
TransientError does not: then it goes on later.
"""
