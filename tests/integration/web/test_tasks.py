"""Asynchronous tasks: they end as done, failed or cancelled, or go on; and who may see them."""

from __future__ import annotations

import asyncio

import pytest

from backbone.adapters.dispatch.recovery import queue_turns_without_job
from backbone.adapters.store.pool import open_pool
from backbone.app.access.caller import Caller
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.tasks.forgetting import TASKS_KEPT, forget_old
from backbone.app.usecases.tasks.handle import Done, GoOn, TaskHandle
from backbone.app.usecases.tasks.host import DoTask, TaskHost
from backbone.app.usecases.tasks.running import run_task
from backbone.app.usecases.tasks.starting import TaskOrder, start
from backbone.core.model.keys import Millis
from backbone.ports.records import TaskTurn
from backbone.ports.tasks import MANY_CUTS, Task, TaskState
from backbone.ports.tracker import TransientError
from tests.parts.office import Office

ORDER = TaskOrder(kind="test", owner="local:root", message="Starting")


async def _start(here: Office, order: TaskOrder = ORDER) -> Task:
    async with here.store.administration() as unit:
        task = await start(unit, here.system, order)
        await unit.commit()
    return task


async def _get(here: Office, task: Task) -> Task:
    async with here.store.administration() as unit:
        found = await unit.tasks.get(task.id)
    assert found is not None
    return found


async def _run(here: Office, task: Task, do: DoTask) -> float | None:
    return await run_task(here, TaskTurn(task=task.id), {"test": do})


async def _raise(error: Exception) -> Done:
    raise error


def _failing(error: Exception) -> DoTask:
    return lambda _host, _handle: _raise(error)


async def _done(_: TaskHost, __: TaskHandle) -> Done:
    return Done(result="Well done.")


async def test_a_task_is_shown_with_every_documented_field(here: Office) -> None:
    task = await _start(here)
    async with here.client() as client:
        before = (await client.get(f"async-tasks/{task.id}")).json()
        assert await _run(here, task, _done) is None
        after = (await client.get(f"async-tasks/{task.id}")).json()
    assert before.keys() == {"id", "startTimestamp", "finished", "cancelled", "hasFailed", "progress", "message"}
    assert len(before["id"]) == 32
    assert before["id"] == before["id"].upper()
    assert (before["finished"], before["progress"], before["message"]) == (False, 0, "Starting")
    assert after.keys() == before.keys() | {"completionTimestamp", "result"}
    assert (after["finished"], after["progress"], after["result"]) == (True, 100, "Well done.")


async def test_a_task_of_a_kind_that_this_version_does_not_know_fails_clearly(here: Office) -> None:
    task = await _start(here, TaskOrder(kind="brew-coffee", owner="local:root", message=""))
    async with here.turns() as turns:
        await turns.settle()
    async with here.client() as client:
        answer = (await client.get(f"async-tasks/{task.id}")).json()
    assert answer["finished"]
    assert answer["hasFailed"]
    assert not answer["cancelled"]
    assert "brew-coffee" in answer["failureMessage"]
    assert "message" not in answer


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Mistake("jql", "it is odd", "Mend it"), "jql: it is odd. Mend it."),
        (KeyError("a secret summary"), "KeyError"),
    ],
)
async def test_what_goes_wrong_ends_the_task_as_failed(here: Office, error: Exception, words: str) -> None:
    task = await _start(here)
    assert await _run(here, task, _failing(error)) is None
    ended = await _get(here, task)
    assert ended.state is TaskState.FAILED
    assert ended.failure is not None
    assert words in ended.failure
    assert "secret" not in ended.failure


async def test_what_nobody_is_to_blame_for_lets_the_task_go_on_later(here: Office) -> None:
    task = await _start(here)
    assert await _run(here, task, _failing(TransientError("the Jira is away", retry_after=7))) == 7
    waiting = await _get(here, task)
    assert waiting.state is TaskState.UNDER_WAY
    assert "the Jira is away" in waiting.message
    assert await _run(here, task, _done) is None
    assert (await _get(here, task)).state is TaskState.DONE


async def test_a_task_that_was_cut_short_goes_on_where_it_remembered_to_be(here: Office) -> None:
    begun: list[object] = []

    async def count(_: TaskHost, handle: TaskHandle) -> Done | GoOn:
        begun.append(handle.position.get("at", 0))
        if len(begun) == 1:
            await handle.remember({"at": 5})
            raise asyncio.CancelledError  # as when the process is told to stop
        if len(begun) == 2:
            await handle.remember({"at": 9}, progress=50)
            return GoOn()
        return Done(result="counted")

    task = await _start(here)
    with pytest.raises(asyncio.CancelledError):
        await _run(here, task, count)
    assert await _run(here, task, count) is not None
    assert await _run(here, task, count) is None
    assert begun == [0, 5, 9]


async def test_a_task_that_takes_its_process_with_it_each_time_is_given_up(here: Office) -> None:
    async def die(_: TaskHost, __: TaskHandle) -> Done:
        raise asyncio.CancelledError

    task = await _start(here)
    for _ in range(MANY_CUTS):
        with pytest.raises(asyncio.CancelledError):
            await _run(here, task, die)
    assert await _run(here, task, die) is None
    assert (await _get(here, task)).state is TaskState.FAILED


async def test_cancelling_is_noticed_between_two_steps(here: Office) -> None:
    steps: list[int] = []

    async def plod(_: TaskHost, handle: TaskHandle) -> Done:
        for number in range(1_000):
            steps.append(number)
            if number == 3:
                async with here.client() as client:
                    answer = await client.delete(f"async-tasks/{handle.task.id}")
                assert not answer.json()["finished"]
                await handle.remember({})
            await handle.step()
        return Done(result="never")

    task = await _start(here)
    assert await _run(here, task, plod) is None
    async with here.client() as client:
        answer = (await client.get(f"async-tasks/{task.id}")).json()
    assert answer["finished"]
    assert answer["cancelled"]
    assert not answer["hasFailed"]
    assert len(steps) == 4


async def test_a_task_that_waits_is_cancelled_at_once_and_never_done(here: Office) -> None:
    task = await _start(here)
    async with here.client() as client:
        answer = (await client.delete(f"async-tasks/{task.id}")).json()
        again = (await client.delete(f"async-tasks/{task.id}")).json()
    assert answer["finished"]
    assert answer["cancelled"]
    assert answer == again
    assert await _run(here, task, _failing(AssertionError("it was done"))) is None
    assert (await _get(here, task)).state is TaskState.CANCELLED


async def test_a_task_that_lost_its_job_gets_another_one(here: Office) -> None:
    task = await _start(here, TaskOrder(kind="nothing known", owner="local:root", message=""))
    async with open_pool(here.dsn, 2) as pool:
        async with pool.connection() as connection:
            await connection.execute("delete from procrastinate_jobs")
            await connection.execute("update turn set queued = false")
        async with here.turns() as turns:
            await turns.settle()
            assert (await _get(here, task)).completed is None
            await queue_turns_without_job(pool, 0.0)
            await turns.settle()
    assert (await _get(here, task)).state is TaskState.FAILED


async def test_a_task_is_forgotten_a_month_after_its_end(here: Office) -> None:
    task, open_one = await _start(here), await _start(here)
    await _run(here, task, _done)
    ended = (await _get(here, task)).completed
    assert ended is not None
    await forget_old(here.store, Millis(ended + TASKS_KEPT))
    assert (await _get(here, task)).completed == ended
    await forget_old(here.store, Millis(ended + TASKS_KEPT + 1))
    async with here.store.administration() as unit:
        assert await unit.tasks.get(task.id) is None
        assert await unit.tasks.get(open_one.id) is not None


# --- who may see it ---------------------------------------------------------------------------------------------------


def _callers(here: Office) -> dict[str, Caller]:
    [first, second] = here.jiras.halves
    ours, foreign = (first.connection, first.project), (second.connection, "99999")
    return {
        "anna": Caller(name="jira:anna", shown="anna", projects=frozenset({ours})),
        "bert": Caller(name="jira:bert", shown="bert", projects=frozenset({ours})),
        "carl": Caller(name="jira:carl", shown="carl", projects=frozenset({foreign})),  # type: ignore[arg-type]  # as text
        "ines": Caller(name="jira:ines", shown="ines", instances=frozenset({first.connection})),
    }


async def test_one_sees_ones_own_tasks_and_administrators_all_of_theirs(here: Office) -> None:
    here.callers |= _callers(here)
    synchronization = here.jiras.halves[0].synchronization
    order = TaskOrder(kind="test", owner="jira:anna", message="", synchronization=synchronization)
    task, plain = await _start(here, order), await _start(here, TaskOrder(kind="test", owner="x", message=""))

    async def status(name: str, one: Task, **headers: str) -> int:
        async with here.client(name) as client:
            return (await client.get(f"async-tasks/{one.id}", headers=headers)).status_code

    assert await status("root", task) == 200
    assert await status("ines", task) == 200
    assert await status("anna", task, prj="PUMP") == 200
    assert await status("anna", task) == 400
    assert await status("anna", task, prj="OTHER") == 404
    assert await status("bert", task, prj="PUMP") == 404
    assert await status("carl", task, prj="PUMP") == 404
    assert await status("ines", plain) == 404
    assert await status("root", plain) == 200
    async with here.client() as client:
        assert (await client.get("async-tasks/0123")).status_code == 404


async def test_who_may_not_see_a_task_can_not_cancel_it(here: Office) -> None:
    here.callers |= _callers(here)
    task = await _start(here, TaskOrder(kind="test", owner="jira:anna", message=""))
    async with here.client("bert") as client:
        assert (await client.delete(f"async-tasks/{task.id}", headers={"prj": "PUMP"})).status_code == 404
    assert not (await _get(here, task)).cancel_wanted
