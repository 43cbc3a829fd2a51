"""The documented way to rename a project that two synchronizations are of, word for word: before and after Jira's rename."""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import AsyncClient

from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases.applying import apply
from backbone.simulator import Simulator
from backbone.simulator.world.moving import rename_project_key
from tests.parts.office import Office

CURRENT_PROJECT_KEY, NEW_PROJECT_KEY = "PUMP", "PAA"

LABORATORY = """
  - name: Pump Controller <> Laboratory
    first: {connection: northwind, project: PUMP, jql: "issuetype = Task"}
    second: {connection: lumen, project: LAB}
    start_with: all
    issue_types: [{first: Task, second: Task}]
    fields: [{first: summary, second: summary}]
"""


@pytest.fixture
async def both(here: Office) -> Office:
    """Two synchronizations that are of the project, both quiet."""
    jiras = here.jiras
    head, _, _ = jiras.declaration.partition("synchronizations:")
    text = f"{head}synchronizations:{LABORATORY}"
    text = text.replace("http://127.0.0.1:8081", jiras.first.url).replace("http://127.0.0.1:8082", jiras.second.url)
    declared = await resolve(declaration_from(text.encode(), "test.yaml"), jiras.trackers)
    await apply(here.store, declared, "test.yaml", here.system.now())
    await here.quiet()
    return here


def rename_in_jira(here: Office) -> None:
    project = here.jiras.first.world.find_project(CURRENT_PROJECT_KEY)
    assert project is not None
    rename_project_key(here.jiras.first.world, project, NEW_PROJECT_KEY)


def counts(here: Office) -> list[int]:
    return [len(one.world.issues) for one in (here.jiras.first, here.jiras.second)]


async def of_project(client: AsyncClient) -> list[dict[str, Any]]:
    """Step 4: the synchronizations of the project, by the key that it had."""
    answer = await client.get(f"integrations?projectKey={CURRENT_PROJECT_KEY}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def connectors_of(integrations: list[dict[str, Any]], *keys: str) -> list[str]:
    sides = [one[side] for one in integrations for side in ("firstConnector", "secondConnector")]
    return [side["connectorKey"] for side in sides if side["projectKey"] in keys]


async def switched(here: Office, client: AsyncClient, integration: str, how: str) -> None:
    task = await client.put(f"integrations/{integration}/{how}")
    assert task.status_code == 200, task.text
    async with here.turns() as turns:
        for _ in range(200):
            state = (await client.get(f"async-tasks/{task.json()['id']}")).json()
            if state["finished"]:
                assert not state["hasFailed"]
                return
            await turns.settle()
    raise AssertionError("the task never ended")


async def listed(client: AsyncClient, connector: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"connectors/{connector}/syncInformation")).json()
    return found


async def exported(client: AsyncClient, integrations: list[dict[str, Any]]) -> None:
    """Step 3: a backup of configuration and synchronized issues."""
    for one in integrations:
        assert (await client.get(f"integrations/{one['integrationKey']}")).status_code == 200
        for side in ("firstConnector", "secondConnector"):
            assert await listed(client, one[side]["connectorKey"])


async def renamed(client: AsyncClient, connectors: list[str]) -> None:
    """Step 6, by addresses that are opened."""
    for connector in connectors:
        answer = await client.get(f"connectors/{connector}/projectKey?newProjectKey={NEW_PROJECT_KEY}")
        assert (answer.status_code, answer.json()) == (200, {"projectKey": NEW_PROJECT_KEY})


async def goes_on(here: Office, client: AsyncClient, before: list[int]) -> None:
    """Edits travel both ways in both synchronizations, keys are the new ones, and nothing was created."""
    await here.quiet()
    integrations = await of_project(client)
    assert len(connectors_of(integrations, NEW_PROJECT_KEY)) == len(integrations) == 2
    pairs = [await _pair(client, one) for one in integrations]
    for key, _ in pairs:
        here.jiras.first.as_user("mara").edit(key, summary=f"{key}, there")
    await here.quiet()
    assert [_summary(here.jiras.second, partner) for _, partner in pairs] == [f"{key}, there" for key, _ in pairs]
    for key, partner in pairs:
        here.jiras.second.as_user("noor").edit(partner, summary=f"{key}, back")
    await here.quiet()
    assert [_summary(here.jiras.first, key) for key, _ in pairs] == [f"{key}, back" for key, _ in pairs]
    assert counts(here) == before


async def _pair(client: AsyncClient, one: dict[str, Any]) -> tuple[str, str]:
    """One pair of a synchronization, told alike at both connectors and by the new key."""
    entry = (await listed(client, one["firstConnector"]["connectorKey"]))[0]
    [mirror] = await _entry(client, one["secondConnector"]["connectorKey"], entry["remoteIssueKey"])
    assert entry["localIssueKey"].startswith(f"{NEW_PROJECT_KEY}-")
    assert mirror["remoteIssueKey"] == entry["localIssueKey"]
    return entry["localIssueKey"], entry["remoteIssueKey"]


def _summary(jira: Simulator, key: str) -> object:
    issue = jira.world.find_issue(key)
    return None if issue is None else issue.values["summary"]


async def _entry(client: AsyncClient, connector: str, key: str) -> list[dict[str, Any]]:
    answer = await client.get(f"connectors/{connector}/syncInformation", params={"localIssueKey": key})
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_the_procedure_begun_before_the_rename_in_jira(both: Office) -> None:
    before = counts(both)
    async with both.client() as client:
        integrations = await of_project(client)
        for one in integrations:
            await switched(both, client, one["integrationKey"], "stop")
        await exported(client, integrations)
        rename_in_jira(both)
        await renamed(client, connectors_of(integrations, CURRENT_PROJECT_KEY))
        for one in integrations:
            await switched(both, client, one["integrationKey"], "start")
        await goes_on(both, client, before)


async def test_the_procedure_begun_after_the_rename_in_jira(both: Office) -> None:
    before = counts(both)
    rename_in_jira(both)
    async with both.client() as client:
        integrations = await of_project(client)
        for one in integrations:
            await switched(both, client, one["integrationKey"], "stop")
        await exported(client, integrations)
        await renamed(client, connectors_of(integrations, CURRENT_PROJECT_KEY, NEW_PROJECT_KEY))
        for one in integrations:
            await switched(both, client, one["integrationKey"], "start")
        await goes_on(both, client, before)


async def test_a_rename_that_nobody_tells_of_changes_nothing_else(both: Office) -> None:
    before = counts(both)
    rename_in_jira(both)
    async with both.client() as client:
        await goes_on(both, client, before)


async def test_wrong_entries_are_deleted_at_both_connectors_and_nothing_comes_anew(both: Office) -> None:
    rename_in_jira(both)
    async with both.client() as client:
        [laboratory] = [one for one in await of_project(client) if "Laboratory" in one["summary"]]
        first, second = (laboratory[side]["connectorKey"] for side in ("firstConnector", "secondConnector"))
        wrong = (await listed(client, first))[0]
        [mirror] = await _entry(client, second, wrong["remoteIssueKey"])
        for connector, entry in ((first, wrong), (second, mirror)):
            gone = await client.delete(f"connectors/{connector}/syncInformation?syncInfoId={entry['id']}")
            assert gone.status_code == 200, gone.text
        both.jiras.second.as_user("noor").delete(wrong["remoteIssueKey"])
        before = counts(both)
        both.jiras.first.as_user("mara").edit(wrong["localIssueKey"], summary="Edited after its pair was deleted")
        await both.quiet()
        left = await listed(client, first)

    assert counts(both) == before
    assert wrong["id"] not in [one["id"] for one in left]
