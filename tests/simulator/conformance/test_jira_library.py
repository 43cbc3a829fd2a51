"""The Python library ``jira`` gets on with the pretend Jira: Data Center of several versions, and Cloud."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import jira
import pytest

from backbone.simulator import Simulator
from tests.simulator.worlds import world_plan

Client = Any  # the library guesses its own types, and not always well
Attempt = Callable[[], object]


def log_in(url: str) -> Client:
    """The client of the account that may not delete issues."""
    return jira.JIRA(url, token_auth="sync-token", max_retries=0)


def create(client: Client, **fields: object) -> Client:
    return client.create_issue(
        fields={"project": {"key": "PA"}, "issuetype": {"name": "Bug"}, "summary": "Leak", **fields}
    )


def reads_what_it_created(url: str) -> None:
    client = log_in(url)
    issue = create(client, description="It leaks", labels=["pump"], duedate="2026-12-24")
    assert (issue.key, issue.fields.status.name, issue.fields.reporter.name) == ("PA-1", "Open", "sync")
    assert issue.fields.description == "It leaks"
    issue.update(summary="A small leak", update={"labels": [{"add": "seal"}]})
    issue.add_field_value("labels", "drop")
    assert (issue.fields.summary, client.issue("PA-1").fields.labels) == ("A small leak", ["drop", "pump", "seal"])
    client.assign_issue(issue, "anna")
    assert client.issue(issue.id, fields="assignee").fields.assignee.displayName == "Anna Arendt"
    child = create(client, issuetype={"name": "Sub-task"}, parent={"key": "PA-1"})
    assert [found.key for found in client.issue("PA-1").fields.subtasks] == [child.key]


def creates_many_and_finds_all(url: str) -> None:
    client = log_in(url)
    wishes = [{"project": "PA", "issuetype": {"name": kind}, "summary": kind} for kind in ("Bug", "Task", "Nonsense")]
    results = client.create_issues(wishes)
    assert [result["status"] for result in results] == ["Success", "Success", "Error"]
    for number in range(58):
        create(client, summary=f"Number {number}")
    found = client.search_issues("project = PA ORDER BY key", maxResults=0, fields="summary")
    assert [issue.key for issue in found] == [f"PA-{number}" for number in range(1, 61)]
    page = client.search_issues("summary ~ 'Number'", startAt=50, maxResults=50)
    assert (len(page), page.total) == (8, 58)
    assert client.search_issues("project = PA AND issuetype = Task", json_result=True)["total"] == 1


def moves_through_the_workflow(url: str) -> None:
    client = log_in(url)
    issue = create(client)
    client.transition_issue(issue, "Start", comment="Ignored: this transition has no screen")
    assert client.issue(issue.key).fields.status.name == "In Progress"
    finish = client.find_transitionid_by_name(issue, "Finish")
    shown = client.transitions(issue, id=finish, expand="transitions.fields")
    assert shown[0]["fields"]["resolution"]["required"] is True
    with pytest.raises(jira.JIRAError, match="Resolution is required"):
        client.transition_issue(issue, "Finish")
    client.transition_issue(issue, "Finish", resolution={"name": "Done"}, comment="There we are")
    done = client.issue(issue.key, expand="changelog")
    assert (done.fields.resolution.name, [c.body for c in done.fields.comment.comments]) == ("Done", ["There we are"])
    moves = [(i.fromString, i.toString) for h in done.changelog.histories for i in h.items if i.field == "status"]
    assert moves == [("Open", "In Progress"), ("In Progress", "Done")]


def comments_and_attaches(url: str) -> None:
    client = log_in(url)
    issue = create(client)
    visible = {"type": "role", "value": "Developers"}
    comment = client.add_comment(issue, "For few", visibility=visible)
    assert client.comment(issue, comment.id).visibility.value == "Developers"
    comment.update(body="For many")
    assert [(c.body, c.author.name) for c in client.comments(issue)] == [("For many", "sync")]
    comment.delete()
    assert client.comments(issue) == []
    client.add_attachment(issue, io.BytesIO(b"seal"), filename="größe.txt")
    (file,) = client.issue(issue.key).fields.attachment
    assert (file.filename, file.size, file.get()) == ("größe.txt", 4, b"seal")
    file.delete()
    assert client.issue(issue.key).fields.attachment == []
    assert client.attachment_meta()["enabled"] is True


def knows_the_metadata(url: str) -> None:
    client = log_in(url)
    issue = create(client)
    kinds = client.project_issue_types("PA")
    assert [kind.name for kind in kinds] == ["Bug", "Task", "Sub-task"]
    creatable = {field.name for field in client.project_issue_fields("PA", kinds[0].id)}
    assert {"Summary", "Customer", "Severity"} <= creatable <= {field["name"] for field in client.fields()}
    assert {"summary", "labels"} <= client.editmeta(issue)["fields"].keys()
    assert {project.key for project in client.projects()} == {"PA", "OT"}
    assert client.project("PA").lead.displayName == "Anna Arendt"
    assert {status.name for status in client.statuses()} == {"Open", "In Progress", "Done", "Locked"}
    assert len(client.priorities()) == 5
    assert len(client.resolutions()) == 4
    assert client.issue_link_types()
    assert client.statuscategories()
    assert client.my_permissions(projectKey="PA")["permissions"]["EDIT_ISSUES"]["havePermission"] is True


def finds_people_and_properties(url: str) -> None:
    client = log_in(url)
    issue = create(client)
    assert client.myself()["name"] == "sync"
    assert client.user("anna").displayName == "Anna Arendt"
    assert [user.name for user in client.search_users("anna")] == ["anna"]
    assert "anna" in {user.name for user in client.search_assignable_users_for_issues("anna", project="PA")}
    client.add_issue_property(issue, "mark", {"partner": "LUM-1"})
    assert client.issue_property(issue, "mark").value.partner == "LUM-1"
    assert [found.key for found in client.issue_properties(issue)] == ["mark"]
    client.issue_property(issue, "mark").delete()
    assert client.issue_properties(issue) == []
    assert (client.watchers(issue).watchCount, client.votes(issue).votes) == (0, 0)
    assert (client.worklogs(issue), client.remote_links(issue)) == ([], [])


def understands_refusals(url: str) -> None:
    client = log_in(url)
    issue = create(client)
    attempts: tuple[tuple[int, Attempt], ...] = (
        (404, lambda: client.issue("PA-999")),
        (400, lambda: issue.update(fields={"customfield_99999": 1})),
        (400, lambda: client.search_issues("nonsense =")),
        (403, issue.delete),
        (401, lambda: jira.JIRA(url, basic_auth=("sync", "wrong"), max_retries=0)),
    )
    for status, attempt in attempts:
        with pytest.raises(jira.JIRAError) as refused:
            attempt()
        assert refused.value.status_code == status


def logs_in_with_a_password(url: str) -> None:
    assert jira.JIRA(url, basic_auth=("sync", "sync"), max_retries=0).myself()["name"] == "sync"


def spends_a_day_at_cloud(url: str) -> None:
    client: Client = jira.JIRA(url, basic_auth=("sync@example.com", "sync-token"), max_retries=0)
    issue = create(client, description="It leaks")
    for _ in range(2):
        client.create_issues([{"project": "PA", "issuetype": {"name": "Bug"}, "summary": f"{n}"} for n in range(49)])
    found = client.enhanced_search_issues("project = PA ORDER BY key", maxResults=0, fields="summary")
    assert [one.key for one in found] == [f"PA-{number}" for number in range(1, 100)]
    assert client.approximate_issue_count("project = PA") == 99
    issue.update(summary="A small leak")
    client.transition_issue(issue, "Start")
    comment = client.add_comment(issue, "For many")
    assert client.comment(issue, comment.id).author.accountId == client.myself()["accountId"]
    client.add_attachment(issue, io.BytesIO(b"seal"), filename="größe.txt")
    shown = client.issue(issue.key, expand="changelog")
    assert shown.fields.attachment[0].get() == b"seal"
    assert {item.field for h in shown.changelog.histories for item in h.items} >= {"summary", "status", "Attachment"}
    (anna,) = client.search_assignable_users_for_issues(query="anna", project="PA")
    assert anna.displayName == "Anna Arendt"
    client.add_issue_property(issue, "mark", {"partner": "PUMP-1"})
    assert client.issue_property(issue, "mark").value.partner == "PUMP-1"
    with pytest.raises(jira.JIRAError) as refused:
        client.issue("PA-999")
    assert refused.value.status_code == 404


async def live(day: Callable[[str], None], flavour: str, version: str) -> None:
    async with Simulator.of_plan(world_plan(flavour, version)) as simulator:
        await asyncio.to_thread(day, simulator.url)


@pytest.mark.parametrize("version", ["8.20.30", "11.0.1"])
@pytest.mark.parametrize(
    "day",
    [
        reads_what_it_created,
        creates_many_and_finds_all,
        moves_through_the_workflow,
        comments_and_attaches,
        knows_the_metadata,
        finds_people_and_properties,
        understands_refusals,
    ],
)
async def test_the_library_jira_at_data_center(day: Callable[[str], None], version: str) -> None:
    await live(day, "data-center", version)


async def test_the_library_jira_with_a_password() -> None:
    await live(logs_in_with_a_password, "data-center", "10.3.17")


async def test_the_library_jira_at_cloud() -> None:
    await live(spends_a_day_at_cloud, "cloud", "")
