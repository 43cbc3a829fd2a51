"""The key of a connector's project over the API: read as Jira has it now, taken over only if it is that project's."""

from __future__ import annotations

from dataclasses import replace

from backbone.simulator.world.moving import rename_project_key
from tests.parts.office import ROOT, Office


def rename(here: Office, new: str, *, old: str = "PUMP") -> None:
    world = here.jiras.first.world
    project = world.find_project(old)
    assert project is not None
    rename_project_key(world, project, new)


def path(here: Office) -> str:
    return f"connectors/{here.jiras.halves[0].connector}/projectKey"


async def test_the_key_is_the_one_that_jira_has_now(here: Office) -> None:
    async with here.client() as client:
        before = await client.get(path(here))
        rename(here, "PUMPS")
        after = await client.get(path(here))
    assert (before.status_code, before.json()) == (200, {"projectKey": "PUMP"})
    assert (after.status_code, after.json()) == (200, {"projectKey": "PUMPS"})


async def test_the_key_is_told_while_jira_is_away(here: Office) -> None:
    await here.jiras.first.stop()
    async with here.client() as client:
        answer = await client.get(path(here))
        refused = await client.put(path(here), params={"newProjectKey": "PUMPS"})
    assert answer.json() == {"projectKey": "PUMP"}
    assert refused.status_code == 503


async def test_a_new_key_is_taken_over_each_documented_way(here: Office) -> None:
    rename(here, "PUMPS")
    async with here.client() as client:
        answers = [
            await client.get(path(here), params={"newProjectKey": "PUMPS"}),
            await client.put(path(here), params={"newProjectKey": "PUMPS"}),
            await client.put(path(here), json={"newProjectKey": "PUMPS"}),
            await client.put(path(here), json={"projectKey": "PUMPS"}),
        ]
    assert [(one.status_code, one.json()) for one in answers] == [(200, {"projectKey": "PUMPS"})] * 4


async def test_the_key_that_it_has_already_and_a_former_one_are_taken(here: Office) -> None:
    async with here.client() as client:
        same = await client.put(path(here), params={"newProjectKey": "PUMP"})
        rename(here, "PUMPS")
        former = await client.put(path(here), params={"newProjectKey": "PUMP"})
    assert (same.status_code, same.json()) == (200, {"projectKey": "PUMP"})
    assert (former.status_code, former.json()) == (200, {"projectKey": "PUMPS"})


async def test_the_key_of_another_project_or_of_none_is_refused(here: Office) -> None:
    async with here.client() as client:
        other = await client.put(path(here), params={"newProjectKey": "SERV"})
        none = await client.put(path(here), params={"newProjectKey": "NONE"})
        number = await client.put(path(here), params={"newProjectKey": here.jiras.halves[0].project})
        left = await client.get(path(here))
    assert [other.status_code, none.status_code, number.status_code] == [409, 409, 409]
    assert other.json()["errorMessages"] == [
        "SERV is the key of another project; the one of this connector is called PUMP."
    ]
    assert left.json() == {"projectKey": "PUMP"}


async def test_what_is_no_single_key_is_not_understood(here: Office) -> None:
    queries = ["?newProjectKey=", "?newProjectKey=A&newProjectKey=B", "?newKey=A", "?newProjectKey=..%2Fissue", ""]
    async with here.client() as client:
        statuses = [(await client.put(path(here) + query)).status_code for query in queries]
        twice = await client.put(path(here) + "?newProjectKey=A", json={"newProjectKey": "A"})
        both = await client.put(path(here), json={"newProjectKey": "A", "projectKey": "B"})
    assert [*statuses, twice.status_code, both.status_code] == [400] * 7


async def test_pairs_bear_the_new_key_at_once_although_nothing_runs(here: Office) -> None:
    await here.quiet()
    before = await here.jiras.partners()
    rename(here, "PUMPS")
    async with here.client() as client:
        await client.put(path(here), params={"newProjectKey": "PUMPS"})
    assert await here.jiras.partners() == {key.replace("PUMP-", "PUMPS-"): other for key, other in before.items()}


async def test_a_cookie_alone_is_asked_and_head_never_acts(here: Office) -> None:
    here.callers["browser"] = replace(ROOT, by_cookie=True)
    user = f"connectors/{here.jiras.halves[0].connector}/user"
    async with here.client("browser") as client:
        asked = await client.get(user, params={"newUser": "gero"})
        head = await client.head(user, params={"newUser": "gero"})
        before = await client.get(user)
        meant = await client.get(user, params={"newUser": "gero"}, headers={"X-Atlassian-Token": "no-check"})
    assert asked.headers["content-type"].startswith("text/html")
    assert (head.status_code, before.json()) == (405, {"user": "sync"})
    assert meant.json() == {"user": "gero"}
