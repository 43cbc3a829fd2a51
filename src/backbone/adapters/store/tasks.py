"""Asynchronous tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backbone.adapters.store.codec import Codec
from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.ports.records import TaskId
from backbone.ports.tasks import Task

_TASK = Codec[Task](Task)
_SAVE = """
    insert into task (id, owner, synchronization, started, completed, document)
    values (%(id)s, %(owner)s, %(synchronization)s, %(started)s, %(completed)s, %(document)s)
    on conflict (id) do update set completed = excluded.completed, document = excluded.document
"""
_OPEN_OF = """
    select document, cancel_wanted from task where synchronization = %s and completed is null order by started, id
"""
_ADD_ITEMS = "insert into task_item (task, item) select %s, unnest(%s::text[]) on conflict do nothing"
_ITEMS = """
    select item, number from task_item where task = %s and fate is null and number > %s order by number limit %s
"""
_FORGET_TURNS = """
    delete from turn where kind = 'task' and connector in (select id from task where completed < %s)
"""


class PostgresTasks:
    """Tasks of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, task: TaskId) -> Task | None:
        row = await self._rows.one("select document, cancel_wanted from task where id = %s", (task,))
        return _task(*row) if row else None

    async def save(self, task: Task) -> None:
        parameters = {
            "id": task.id,
            "owner": task.owner,
            "synchronization": task.synchronization,
            "started": task.started,
            "completed": task.completed,
            "document": _TASK.encode(task),
        }
        await self._rows.run(_SAVE, parameters)

    async def want_cancelled(self, task: TaskId) -> None:
        await self._rows.run("update task set cancel_wanted = true where id = %s and completed is null", (task,))

    async def of_synchronization(self, key: SynchronizationKey) -> list[Task]:
        return [_task(*row) for row in await self._rows.all(_OPEN_OF, (key,))]

    async def add_items(self, task: TaskId, items: Sequence[str]) -> None:
        await self._rows.run(_ADD_ITEMS, (task, list(items)))

    async def items(self, task: TaskId, after: int, limit: int) -> Mapping[str, int]:
        return dict(await self._rows.all(_ITEMS, (task, after, limit)))

    async def settle_item(self, task: TaskId, item: str, fate: str) -> None:
        await self._rows.run("update task_item set fate = %s where task = %s and item = %s", (fate, task, item))

    async def fates(self, task: TaskId) -> Mapping[str, int]:
        statement = "select coalesce(fate, ''), count(*) from task_item where task = %s group by 1"
        return dict(await self._rows.all(statement, (task,)))

    async def drop_items(self, task: TaskId) -> None:
        await self._rows.run("delete from task_item where task = %s", (task,))

    async def forget(self, before: Millis) -> None:
        await self._rows.run(_FORGET_TURNS, (before,))
        await self._rows.run("delete from task where completed < %s", (before,))


def _task(document: bytes, cancel_wanted: bool) -> Task:  # noqa: FBT001  a row's column
    return replace(_TASK.decode(document), cancel_wanted=cancel_wanted)
