"""The Python library ``atlassian-python-api`` gets on with the pretend Data Center."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from atlassian import Jira
from requests import HTTPError

from backbone.simulator import Simulator
from tests.simulator.worlds import world_plan

Client = Any  # the library has no types
Attempt = Callable[[], object]


def log_in(url: str, password: str = "sync") -> Client:
    """The client of the account that may not delete issues."""
    return Jira(url=url, username="sync", password=password)


def create(client: Client, **fields: object) -> str:
    words = {"project": {"key": "PA"}, "issuetype": {"name": "Bug"}, "summary": "Leak", **fields}
    return str(client.create_issue(fields=words)["key"])


def writes_and_finds(client: Client, folder: Path) -> None:
    del folder
    key = create(client, labels=["pump"])
    client.update_issue_field(key, {"summary": "A small leak"})
    client.edit_issue(key, {"labels": [{"add": "seal"}]})
    assert client.issue_field_value(key, "summary") == "A small leak"
    assert client.get_issue(key, fields=["labels"])["fields"] == {"labels": ["pump", "seal"]}
    client.assign_issue(key, "anna")
    assert client.issue(key)["fields"]["assignee"]["name"] == "anna"
    assert (client.issue_exists(key), client.issue_exists("PA-999")) == (True, False)
    made = client.create_issues(
        [{"fields": {**client.issue(key, fields="project,issuetype")["fields"], "summary": "2"}}]
    )
    assert client.jql("project = PA ORDER BY key", limit=1)["total"] == 2
    assert [found["key"] for found in client.jql_get_list_of_tickets("project = PA ORDER BY key")] == [
        key,
        made["issues"][0]["key"],
    ]
    changes = client.get_issue_changelog(key)["histories"]
    assert {item["field"] for change in changes for item in change["items"]} == {"summary", "labels", "assignee"}


def moves(client: Client, folder: Path) -> None:
    del folder
    key = create(client)
    assert {(step["name"], step["to"]) for step in client.get_issue_transitions(key)} >= {("Start", "In Progress")}
    client.set_issue_status(key, "In Progress")
    assert client.get_issue_status(key) == "In Progress"
    client.set_issue_status(key, "Done", fields={"resolution": {"name": "Done"}})
    assert client.issue(key)["fields"]["resolution"]["name"] == "Done"


def comments_and_attaches(client: Client, folder: Path) -> None:
    key = create(client)
    comment = client.issue_add_comment(key, "For few", visibility={"type": "role", "value": "Developers"})
    assert client.issue_get_comment(key, comment["id"])["visibility"]["value"] == "Developers"
    assert client.issue_get_comments(key)["total"] == 1
    sent = folder / "größe.txt"
    sent.write_bytes(b"seal")
    client.add_attachment(key, str(sent))
    (named,) = client.get_attachments_ids_from_issue(key)
    assert named["filename"] == "größe.txt"
    assert client.get_attachment(named["attachment_id"])["size"] == 4
    assert client.get_attachment_content(named["attachment_id"]) == b"seal"
    client.remove_attachment(named["attachment_id"])
    assert client.get_attachments_ids_from_issue(key) == []
    client.set_issue_property(key, "mark", {"partner": "LUM-1"})
    assert [found["key"] for found in client.get_issue_property_keys(key)["keys"]] == ["mark"]


def knows_the_metadata(client: Client, folder: Path) -> None:
    del folder
    key = create(client)
    kinds = client.issue_createmeta_issuetypes("PA")["values"]
    fields = client.issue_createmeta_fieldtypes("PA", kinds[0]["id"])["values"]
    assert {field["fieldId"] for field in fields} == client.issue_editmeta(key)["fields"].keys() ^ {
        "project",
        "comment",
    }
    assert len(client.get_all_custom_fields()) == 14
    assert client.project("PA")["lead"]["name"] == "anna"
    assert {project["key"] for project in client.projects()} == {"PA", "OT"}
    assert [kind["name"] for kind in client.get_status_for_project("PA")] == ["Bug", "Task", "Sub-task"]
    assert {status["name"] for status in client.get_all_statuses()} == {"Open", "In Progress", "Done", "Locked"}
    assert (len(client.get_all_priorities()), len(client.get_all_resolutions()), len(client.get_issue_types())) == (
        5,
        4,
        3,
    )
    assert client.user("anna")["displayName"] == "Anna Arendt"
    assert [user["name"] for user in client.user_find_by_user_string(username="anna")] == ["anna"]
    assert "anna" in {user["name"] for user in client.get_assignable_users_for_issue(key)}
    assert client.get_server_info()["deploymentType"] == "Server"


def understands_refusals(client: Client, folder: Path) -> None:
    del folder
    key = create(client)
    attempts: tuple[tuple[int, Attempt], ...] = (
        (404, lambda: client.issue("PA-999")),
        (400, lambda: client.update_issue_field(key, {"customfield_99999": 1})),
        (400, lambda: client.jql("nonsense =")),
        (403, lambda: client.delete_issue(key)),
        (401, lambda: log_in(client.url, "wrong").myself()),
    )
    for status, attempt in attempts:
        with pytest.raises(HTTPError) as refused:
            attempt()
        assert refused.value.response is not None
        assert refused.value.response.status_code == status
    bearer: Client = Jira(url=client.url, token="sync-token")
    assert bearer.myself()["name"] == "sync"


def is_told_of_parameters_that_data_center_does_not_have(client: Client, folder: Path) -> None:
    """These calls bring words of Cloud along; a real Data Center would overlook the last two."""
    del folder
    key = create(client)
    comment = client.issue_add_comment(key, "Leak")["id"]
    attempts: tuple[tuple[Attempt, str], ...] = (
        (lambda: client.issue_update(key, fields={"summary": "x"}), "notifyUsers"),
        (lambda: client.issue_edit_comment(key, comment, "x"), "notifyUsers"),
        (lambda: client.get_permissions("EDIT_ISSUES"), "permissions"),
    )
    for attempt, word in attempts:
        with pytest.raises(HTTPError, match=f"{word}.*the simulator refuses"):
            attempt()


@pytest.mark.parametrize(
    "day",
    [
        writes_and_finds,
        moves,
        comments_and_attaches,
        knows_the_metadata,
        understands_refusals,
        is_told_of_parameters_that_data_center_does_not_have,
    ],
)
async def test_the_library_atlassian(day: Callable[[Client, Path], None], tmp_path: Path) -> None:
    async with Simulator.of_plan(world_plan("data-center")) as simulator:
        await asyncio.to_thread(lambda: day(log_in(simulator.url), tmp_path))
