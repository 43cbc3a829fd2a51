"""A task in the hands of who does it: how far it came, what it remembers, and whether somebody wants it to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backbone.core.model.keys import Millis
from backbone.ports.administration import AdministrationStore
from backbone.ports.store import Fence
from backbone.ports.system import System
from backbone.ports.tasks import Task, TaskState

OFTEN = 1_000
"""Milliseconds between two times that progress is saved."""

SLICE = 8_000
"""Milliseconds after which a long task lets others have their turn."""


class TaskCancelled(Exception):
    """Somebody wants the task to end; raised between two of its steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The task is done. ``result`` is one sentence, ``resource`` the address of what was made."""

    result: str
    resource: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn:
    """The task has more to do and goes on after so many seconds."""

    after: float = 0.0


class TaskHandle:
    """One run of a task, under its lock."""

    def __init__(self, store: AdministrationStore, system: System, fence: Fence, task: Task) -> None:
        self._store = store
        self._system = system
        self._fence = fence
        self._begun = system.now()
        self._saved = Millis(0)
        self.task = task

    @property
    def arguments(self) -> Mapping[str, object]:
        return self.task.arguments

    @property
    def position(self) -> Mapping[str, object]:
        """What :meth:`remember` was given last, also in an earlier run; empty in the beginning."""
        return self.task.position

    @property
    def tired(self) -> bool:
        """Whether it is time to :meth:`remember` and to return GoOn, so that others have their turn."""
        return self._system.now() - self._begun >= SLICE

    async def step(self, *, progress: int | None = None, message: str | None = None) -> None:
        """Between two steps: show how far it came (percent). Raises TaskCancelled. Asks the database once a second."""
        self._show(progress, message)
        if self._system.now() - self._saved >= OFTEN:
            await self._save()

    async def remember(
        self, position: Mapping[str, object], *, progress: int | None = None, message: str | None = None
    ) -> None:
        """Remember at once how far it came: a run that is cut short is followed by one that begins here."""
        self._show(progress, message)
        self.task = replace(self.task, position=dict(position), cuts=0)
        await self._save()

    async def check(self) -> None:
        """Raise LockLost unless this run is still the one that does the task; to be asked before what can't be undone."""
        await self._fence.check()

    async def pause(self, message: str | None = None) -> None:
        """This run ends in good order, the task does not."""
        self._show(None, message)
        self.task = replace(self.task, cuts=0)
        await self._write(self.task)

    async def end(
        self, state: TaskState, *, result: str | None = None, failure: str | None = None, resource: str | None = None
    ) -> None:
        """The task has ended for good."""
        self.task = replace(
            self.task,
            state=state,
            completed=self._system.now(),
            result=result,
            failure=failure,
            resource=resource or self.task.resource,
            progress=100 if state is TaskState.DONE else self.task.progress,
        )
        await self._write(self.task, ended=True)

    def _show(self, progress: int | None, message: str | None) -> None:
        shown = self.task.progress if progress is None else max(0, min(100, progress))
        self.task = replace(self.task, progress=shown, message=self.task.message if message is None else message)

    async def _save(self) -> None:
        if await self._write(self.task):
            raise TaskCancelled

    async def _write(self, task: Task, *, ended: bool = False) -> bool:
        """Save; whether somebody wants the task to end."""
        async with self._store.administration() as unit:
            known = await unit.tasks.get(task.id)
            await unit.tasks.save(task)
            if ended:
                await unit.tasks.drop_items(task.id)
            await unit.commit(self._fence)
        self._saved = self._system.now()
        return known is None or known.cancel_wanted
