"""Starting and stopping by tasks, and the status that follows from how things are."""

from __future__ import annotations

from httpx2 import AsyncClient, Response

from backbone.app.access.caller import Caller, Scope
from backbone.app.usecases.at_work import CURE, say_at_work
from backbone.core.model.problems import Code, Holds, Problem
from tests.parts.office import Office


async def ended(here: Office, client: AsyncClient, answer: Response) -> dict[str, object]:
    """The task that was answered, once it has ended."""
    assert answer.status_code == 200, answer.text
    async with here.turns() as turns:
        for _ in range(200):
            task: dict[str, object] = (await client.get(f"async-tasks/{answer.json()['id']}")).json()
            if task["finished"]:
                return task
            await turns.settle()
    raise AssertionError("the task never ended")


async def status(client: AsyncClient) -> object:
    return (await client.get("integrations/INT-1/status")).json()["status"]


async def test_stop_and_start_are_tasks_by_post_and_by_put(here: Office) -> None:
    async with here.client() as client:
        stopped = await ended(here, client, await client.post("integrations/INT-1/stop"))
        assert await status(client) == "STOPPED"
        started = await ended(here, client, await client.post("integrations/INT-1/start"))
        assert await status(client) == "RUNNING"
        await ended(here, client, await client.put("integrations/INT-1/stop"))
        assert await status(client) == "STOPPED"
        await ended(here, client, await client.put("integrations/INT-1/start"))
        assert await status(client) == "RUNNING"

    assert stopped["result"] == "Successfully stopped the integration."
    assert started["result"] == "Successfully started the integration."
    assert not stopped["hasFailed"]
    assert str(stopped["resourceLocation"]).endswith("/integrations/INT-1")


async def test_a_status_comes_with_whether_somebody_is_at_work(here: Office) -> None:
    async with here.client() as client:
        alone = (await client.get("integrations/INT-1/status")).json()
        await say_at_work(here.engine)
        served = (await client.get("integrations/INT-1/status")).json()

    assert "'backbone serve'" in alone.pop("reason")
    assert alone == {"status": "RUNNING", "cure": CURE, "mendsItself": False}
    assert served == {"status": "RUNNING"}


async def test_who_stops_starts_and_resyncs_is_in_the_audit_log(here: Office) -> None:
    resync = f"connectors/{here.jiras.halves[0].connector}/resync"
    async with here.client() as client:
        await ended(here, client, await client.post("integrations/INT-1/stop"))
        await ended(here, client, await client.post("integrations/INT-1/start"))
        asked = {"jql": f'labels != "{"x" * 600}"', "fieldMappings": []}
        assert (await client.post(resync, json=asked)).status_code == 200

    async with here.store.administration() as unit:
        entries = [one for one in await unit.audit.page() if one.what.startswith("integration.")]
    assert [one.what for one in entries[:3]] == ["integration.resync", "integration.start", "integration.stop"]
    assert {(one.who, one.about) for one in entries[:3]} == {("local:root", "INT-1")}
    jql = str(entries[0].after["jql"])
    assert (jql[:6], len(jql), jql[-1]) == ("labels", 500, "…")


async def test_stopping_what_is_stopped_is_no_failure(here: Office) -> None:
    async with here.client() as client:
        await ended(here, client, await client.post("integrations/INT-1/stop"))
        again = await ended(here, client, await client.post("integrations/INT-1/stop"))

    assert again["result"] == "Successfully stopped the integration."


async def test_several_are_switched_by_one_task_or_none_is(here: Office) -> None:
    async with here.client() as client:
        refused = await client.post("integrations/stop", json={"integrationKeys": ["INT-1", "INT-9"]})
        assert await status(client) == "RUNNING"
        done = await ended(here, client, await client.post("integrations/stop", json={"integrationKeys": ["INT-1"]}))
        assert await status(client) == "STOPPED"
        misspelt = await client.post("integrations/start", json={"integrationKey": ["INT-1"]})

    assert (refused.status_code, misspelt.status_code) == (404, 400)
    assert done["finished"]


async def test_a_token_for_reading_switches_nothing(here: Office) -> None:
    here.callers["reader"] = Caller(name="local:root", shown="root", everything=True, scope=Scope.READ)
    async with here.client("reader") as client:
        refused = await client.post("integrations/INT-1/stop")
        assert await status(client) == "RUNNING"

    assert refused.status_code == 403


async def test_what_hinders_the_whole_asks_for_a_restart_and_says_what_mends_it(here: Office) -> None:
    problem = Problem(
        code=Code.LOGIN_REFUSED,
        connector=here.jiras.halves[0].connector,
        occurred_in=None,
        cause="northwind refuses our log-in",
        remedy="Give new credentials.",
        holds=Holds(thing="connection"),
    )
    async with here.store.unit() as uow:
        await uow.problems.report(problem, here.system.now())
        await uow.commit()
    await say_at_work(here.engine)
    async with here.client() as client:
        asked = (await client.get("integrations/INT-1/status")).json()
        await ended(here, client, await client.post("integrations/INT-1/stop"))
        await ended(here, client, await client.post("integrations/INT-1/start"))

        assert asked == {
            "status": "RESTART REQUIRED",
            "reason": "northwind refuses our log-in",
            "cure": "Give new credentials.",
            "mendsItself": False,
        }
        assert await status(client) == "RUNNING"
