"""Logging in, rights, the instance itself."""

from __future__ import annotations

import aiohttp
import pytest

from backbone.simulator import Simulator
from tests.simulator.asking import Asker, basic
from tests.simulator.worlds import world_plan


async def test_the_instance_tells_what_it_is_to_anybody(either: Asker) -> None:
    reply = await either.like("").get("serverInfo")
    cloud = either.simulator.traits.is_cloud
    assert reply.body["deploymentType"] == ("Cloud" if cloud else "Server")
    assert reply.body["versionNumbers"][0] == (1001 if cloud else 10)


async def test_myself_tells_the_groups_that_are_asked_for(either: Asker) -> None:
    shown = (await either.get("myself")).body["groups"]
    asked = (await either.get("myself?expand=groups")).body["groups"]

    assert (shown["size"], shown["items"]) == (1, [])
    assert [group["name"] for group in asked["items"]] == ["jira-users"]


async def test_myself_names_the_account_by_the_words_of_the_product(either: Asker) -> None:
    me = (await either.get("myself")).body
    assert me["timeZone"] == "Europe/Berlin"
    if either.simulator.traits.is_cloud:
        assert ("name" in me, "key" in me, me["accountType"]) == (False, False, "atlassian")
    else:
        assert (me["name"], me["key"].startswith("JIRAUSER")) == ("sync", True)
    assert (await either.like("").get("myself")).status == 401


async def test_wrong_passwords_end_in_a_captcha_that_the_right_one_does_not_lift(data_center: Asker) -> None:
    wrong = basic("sync", "wrong")
    for _ in range(3):
        reply = await data_center.like("").ask("GET", "myself", headers=wrong)
        assert (reply.status, reply.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")
    denied = await data_center.get("myself")
    assert denied.status == 403
    assert denied.headers["X-Authentication-Denied-Reason"].startswith("CAPTCHA_CHALLENGE; login-url=")
    order = {"user": "sync", "forget_wrong_passwords": True}
    await data_center.ask("POST", "/__simulator__/user", order)
    assert (await data_center.get("myself")).status == 200


async def test_a_bad_bearer_token_makes_an_anonymous_caller_on_data_center(data_center: Asker) -> None:
    await data_center.create()
    nobody = data_center.like("")
    good = await nobody.ask("GET", "myself", headers={"Authorization": "Bearer sync-token"})
    assert (good.status, good.headers["X-AUSERNAME"]) == (200, "sync")
    bad = {"Authorization": "Bearer nonsense"}
    search = await nobody.ask("GET", "search?jql=", headers=bad)
    assert (search.status, search.body["total"], search.headers["X-AUSERNAME"]) == (200, 0, "anonymous")
    assert (await nobody.ask("GET", "myself", headers=bad)).status == 401


@pytest.mark.parametrize(
    ("version", "basic_status", "token_status"), [("8.13.0", 200, 401), ("8.20.0", 200, 200), ("11.0.1", 401, 200)]
)
async def test_versions_differ_in_what_they_accept(
    session: aiohttp.ClientSession, version: str, basic_status: int, token_status: int
) -> None:
    async with Simulator.of_plan(world_plan("data-center", version)) as simulator:
        asker = Asker(simulator, session)
        assert (await asker.get("myself")).status == basic_status
        bearer = {"Authorization": "Bearer sync-token"}
        assert (await asker.like("").ask("GET", "myself", headers=bearer)).status == token_status


async def test_cloud_takes_a_mail_address_and_a_token_only(cloud: Asker) -> None:
    nobody = cloud.like("")
    for name, secret in (("sync", "sync"), ("sync@example.com", "sync"), ("sync@example.com", "wrong")):
        assert (await nobody.ask("GET", "myself", headers=basic(name, secret))).status == 401
    assert (await cloud.get("myself")).status == 200


async def test_permissions_must_be_named_on_cloud(either: Asker) -> None:
    cloud = either.simulator.traits.is_cloud
    bare = await either.get("mypermissions")
    assert bare.status == (400 if cloud else 200)
    words = "projectKey=PA" + ("&permissions=DELETE_ISSUES,EDIT_ISSUES" if cloud else "")
    held = (await either.get(f"mypermissions?{words}")).body["permissions"]
    assert (held["DELETE_ISSUES"]["havePermission"], held["EDIT_ISSUES"]["havePermission"]) == (False, True)


@pytest.mark.parametrize("permission", ["BROWSE_PROJECTS", "EDIT_ISSUES", "CREATE_ISSUES", "ADD_COMMENTS"])
async def test_a_withdrawn_permission_is_felt_at_once(either: Asker, permission: str) -> None:
    key = await either.create()
    order = {"project": "PA", "permission": permission, "user": "sync", "held": False}
    await either.ask("POST", "/__simulator__/permissions", order)
    fields = {"project": {"key": "PA"}, "issuetype": {"name": "Bug"}, "summary": "x"}
    replies = {
        "BROWSE_PROJECTS": await either.get(f"issue/{key}"),
        "EDIT_ISSUES": await either.put(f"issue/{key}", {"fields": {"summary": "x"}}),
        "CREATE_ISSUES": await either.post("issue", {"fields": fields}),
        "ADD_COMMENTS": await either.post(f"issue/{key}/comment", {"body": "x"}),
    }
    cloud = either.simulator.traits.is_cloud
    statuses = {"BROWSE_PROJECTS": 404, "EDIT_ISSUES": 403, "ADD_COMMENTS": 400}
    assert replies[permission].status == statuses.get(permission, 403 if cloud else 400)


async def test_writes_that_look_like_a_browser_are_refused(either: Asker) -> None:
    key = await either.create()
    browser = {"User-Agent": "Mozilla/5.0"}
    body = {"fields": {"summary": "x"}}
    assert (await either.ask("PUT", f"issue/{key}", body, headers=browser)).status == 403
    allowed = {**browser, "X-Atlassian-Token": "no-check"}
    assert (await either.ask("PUT", f"issue/{key}", body, headers=allowed)).status == 204


async def test_times_are_told_in_the_zone_of_the_caller(either: Asker) -> None:
    key = await either.create()
    berlin, utc = await either.fields(key), await either.like("anna").fields(key)
    assert berlin["created"].startswith("2026-11-02T10:15:30")
    assert berlin["created"].endswith("+0100")
    assert utc["created"].endswith("+0000")


async def test_a_context_path_stands_in_every_link(session: aiohttp.ClientSession) -> None:
    async with Simulator.of_plan(world_plan("data-center"), context="/jira") as simulator:
        asker = Asker(simulator, session)
        key = await asker.create()
        assert (await asker.get(f"issue/{key}")).body["self"].startswith(simulator.url + "/rest/api/2/issue/")
        assert simulator.url.endswith("/jira")
