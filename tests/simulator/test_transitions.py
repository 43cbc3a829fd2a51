"""Transitions over REST."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.simulator.asking import Asker


async def offered(asker: Asker, key: str) -> dict[str, str]:
    reply = await asker.get(f"issue/{key}/transitions")
    return {step["name"]: step["id"] for step in reply.body["transitions"]}


async def test_only_what_starts_here_and_what_conditions_allow_is_offered(either: Asker) -> None:
    key = await either.create()
    assert set(await offered(either, key)) == {"Start", "Lock"}
    assert set(await offered(either.like("bert" if not cloud_of(either) else "anna"), key)) >= {"Start", "Lock"}
    if not cloud_of(either):
        assert "Close at once" in await offered(either.like("bert"), key)


def cloud_of(asker: Asker) -> bool:
    return asker.simulator.traits.is_cloud


async def test_a_transition_runs_its_post_functions_in_one_entry(either: Asker) -> None:
    key = await either.create()
    step = (await offered(either, key))["Start"]
    assert (await either.post(f"issue/{key}/transitions", {"transition": {"id": step}})).status == 204
    reply = await either.get(f"issue/{key}?expand=changelog")
    assert reply.body["fields"]["status"]["name"] == "In Progress"
    assert reply.body["fields"]["assignee"]["displayName"] == "Sync"
    history = reply.body["changelog"]["histories"]
    assert [item["field"] for item in history[0]["items"]] == ["assignee", "status"]


async def test_a_transition_that_does_not_start_here_is_refused(either: Asker) -> None:
    key = await either.create()
    for wrong in ("21", "999", "x"):
        assert (await either.post(f"issue/{key}/transitions", {"transition": {"id": wrong}})).status == 400


async def test_the_screen_of_a_transition_decides_what_it_takes(either: Asker) -> None:
    key = await either.create()
    either.simulator.as_user("anna").transition(key, "Start")
    step = (await offered(either, key))["Finish"]
    path = f"issue/{key}/transitions"
    missing = await either.post(path, {"transition": {"id": step}})
    assert (missing.status, list(missing.body["errors"])) == (400, ["resolution"])
    off = await either.post(
        path, {"transition": {"id": step}, "fields": {"resolution": {"name": "Done"}, "summary": "x"}}
    )
    assert (off.status, list(off.body["errors"])) == (400, ["summary"])
    done = await either.post(
        path,
        {
            "transition": {"id": step},
            "fields": {"resolution": {"name": "Done"}},
            "update": {"comment": [{"add": {"body": "finished"}}]},
        },
    )
    assert done.status == 204
    fields = await either.fields(key)
    assert fields["resolution"]["name"] == "Done"
    assert fields["resolutiondate"] is not None
    assert fields["comment"]["total"] == 1


async def test_transition_fields_are_told_when_asked_for(either: Asker) -> None:
    key = await either.create()
    either.simulator.as_user("anna").transition(key, "Start")
    reply = await either.get(f"issue/{key}/transitions?expand=transitions.fields")
    finish = next(step for step in reply.body["transitions"] if step["name"] == "Finish")
    assert finish["fields"]["resolution"]["required"] is True
    assert finish["fields"]["resolution"]["allowedValues"][0]["name"] == "Done"
    assert "changelog" not in (await either.get(f"issue/{key}?expand=transitions")).body


async def test_without_the_permission_nothing_is_offered(either: Asker) -> None:
    key = await either.create()
    order = {"project": "PA", "permission": "TRANSITION_ISSUES", "user": "sync", "held": False}
    assert (await either.ask("POST", "/__simulator__/permissions", order)).status == 200
    assert await offered(either, key) == {}
    assert (await offered(either.like("anna"), key)) != {}


async def test_a_status_can_forbid_edits_but_not_comments(either: Asker) -> None:
    key = await either.create()
    either.simulator.as_user("anna").transition(key, "Lock")
    assert (await either.put(f"issue/{key}", {"fields": {"summary": "x"}})).status == 400
    assert (await either.get(f"issue/{key}/editmeta")).body == {"fields": {}}
    assert (await either.post(f"issue/{key}/comment", {"body": "still possible"})).status == 201


async def test_cloud_refuses_a_second_transition_at_the_same_time(cloud: Asker) -> None:
    key = await cloud.create()
    steps = await offered(cloud, key)
    entered, leave = asyncio.Event(), asyncio.Event()

    async def wait(_request: web.Request, _operation: str) -> None:
        entered.set()
        await leave.wait()

    remove = cloud.simulator.faults.on_before_write(wait)
    first = asyncio.create_task(cloud.post(f"issue/{key}/transitions", {"transition": {"id": steps["Start"]}}))
    await entered.wait()
    second = await cloud.post(f"issue/{key}/transitions", {"transition": {"id": steps["Lock"]}})
    leave.set()
    remove()
    assert ((await first).status, second.status) == (204, 409)


async def test_cloud_ignores_a_status_in_an_edit_and_data_center_refuses_it(either: Asker) -> None:
    key = await either.create()
    reply = await either.put(f"issue/{key}", {"fields": {"status": {"name": "Done"}}})
    assert reply.status == (204 if cloud_of(either) else 400)
    assert (await either.fields(key))["status"]["name"] == "Open"


async def test_a_transition_without_a_screen_ignores_fields_and_comments(either: Asker) -> None:
    key = await either.create()
    body = {
        "transition": {"id": (await offered(either, key))["Start"]},
        "fields": {"summary": "ignored"},
        "update": {"comment": [{"add": {"body": "ignored"}}]},
    }
    assert (await either.post(f"issue/{key}/transitions", body)).status == 204
    fields = await either.fields(key)
    assert (fields["summary"], fields["comment"]["total"]) == ("It is broken", 0)


async def test_the_workflow_can_be_replaced_while_running(either: Asker) -> None:
    key = await either.create()
    workflow = {"name": "new", "initial": "Open", "transitions": [{"name": "Jump", "start": ["Open"], "to": "Done"}]}
    reply = await either.ask("POST", "/__simulator__/workflow", {"project": "PA", "workflow": workflow})
    assert reply.status == 200
    assert set(await offered(either, key)) == {"Jump"}
