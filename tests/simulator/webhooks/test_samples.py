"""Deliveries against those recorded at real Jiras: the same keys, with values of the same types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.conformance.defects import reason_for
from tests.simulator.conformance.shapes import Shape, differences, from_json, shape_of
from tests.simulator.webhooks.registering import Hooked

SHAPES = Path(__file__).parent / "samples" / "shapes.json"
ROLES = ("author", "updateAuthor", "assignee", "creator", "reporter", "user")
EVERY_FIELD: dict[str, Any] = {
    "description": "It leaks",
    "environment": "Hall 3",
    "labels": ["oil"],
    "duedate": "2026-12-24",
    "assignee": "bert",
}


async def tour(jira: Hooked) -> list[dict[str, Any]]:
    """Let everything happen that is told, and return what was told."""
    await jira.register()
    anna = jira.anna
    issue = anna.create("PA", "Bug", "Pump leaks", **EVERY_FIELD)
    anna.edit(issue.key, labels=["oil", "water"], Customer="Northwind")
    anna.edit(issue.key, assignee="anna")
    comment = anna.comment(issue.key, "Which one?")
    anna.attach(issue.key, "photo.png", b"png")
    anna.create("PA", "Sub-task", "Buy a pump", parent=issue.key)
    anna.transition(issue.key, "Start")
    anna.transition(issue.key, "Finish", resolution="Done")
    anna.delete_comment(issue.key, comment.id)
    anna.comment(issue.key, "The last word")
    anna.delete(issue.key)
    await jira.root.ask("POST", "/__simulator__/project/rename", {"project": "OT", "key": "OTHER"})
    return [received.body for received in await jira.deliver()]


def told(bodies: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    """The deliveries of an event and a kind, or of an event with a changelog where no kind is named."""
    name, _, kind = event.partition(" ")
    return [
        body
        for body in bodies
        if body["webhookEvent"] == name
        and (
            body.get("issue_event_type_name") == kind
            if kind
            else "issue_comment" not in str(body.get("issue_event_type_name"))
        )
    ]


def recorded(name: str) -> Shape:
    return from_json(json.loads(SHAPES.read_text())[name])


OLD_NAMES = "recorded before Cloud took the names of accounts away (2019)"
EXPLAINED = {
    **{f"*.{role}.{name}: missing": OLD_NAMES for role in ROLES for name in ("key", "name")},
    "$.issue.fields.security: missing": "security levels are not simulated",
    "$.issue.fields.statuscategorychangedate: missing": "this field of Cloud is not simulated",
    "$.timestamp: number instead of string": "the log of the recording program wrote the times of some events as text",
}


@pytest.mark.parametrize(
    ("jira", "event"),
    [
        (product, event)
        for product, events in {
            "8.20.30": "server",
            "10.3.17": "server",
            "cloud": "cloud",
        }.items()
        for event in sorted(
            name.partition(" ")[2] for name in json.loads(SHAPES.read_text()) if name.startswith(events)
        )
    ],
    indirect=["jira"],
)
async def test_deliveries_have_the_shape_of_recorded_ones(jira: Hooked, event: str) -> None:
    name = f"{'cloud' if jira.simulator.traits.is_cloud else 'server'} {event}"
    bodies = told(await tour(jira), event.replace("project_created", "project_updated"))
    assert bodies
    found = differences(shape_of(bodies, {}), recorded(name))
    explained = EXPLAINED if jira.simulator.traits.is_cloud else {}
    assert sorted(text for text in found if reason_for(text, explained) is None) == []


TOP: dict[str, set[str]] = {
    "comment_created": {"comment"},
    "comment_deleted": {"comment"},
    "attachment_created": {"attachment"},
    "jira:issue_created issue_created": {"issue_event_type_name", "user", "issue"},
    "jira:issue_updated issue_updated": {"issue_event_type_name", "user", "issue", "changelog"},
    "jira:issue_updated issue_commented": {"issue_event_type_name", "user", "issue", "comment"},
    "jira:issue_updated issue_comment_deleted": {"issue_event_type_name", "user", "issue"},
    "jira:issue_deleted": {"user", "issue"},
    "project_updated": {"project"},
}
ONLY_THERE = {
    "server": {"comment_deleted": {"user"}},
    "cloud": {
        "comment_created": {"issue"},
        "comment_deleted": {"issue"},
        "jira:issue_created issue_created": {"changelog"},
    },
}


async def test_deliveries_have_nothing_beside_what_was_recorded(every: Hooked) -> None:
    bodies = await tour(every)
    product = "cloud" if every.simulator.traits.is_cloud else "server"
    for event, keys in TOP.items():
        wanted = {"timestamp", "webhookEvent"} | keys | ONLY_THERE[product].get(event, set())
        assert {frozenset(body) for body in told(bodies, event)} == {frozenset(wanted)}, event


async def test_cloud_embeds_comments_and_worklogs_only_in_the_last_state_of_a_deleted_issue(every: Hooked) -> None:
    bodies = [body for body in await tour(every) if body["webhookEvent"].startswith("jira:issue_")]
    for body in bodies:
        embedded = {"comment", "worklog"} & body["issue"]["fields"].keys()
        shown = not every.simulator.traits.is_cloud or body["webhookEvent"] == "jira:issue_deleted"
        assert embedded == ({"comment", "worklog"} if shown else set()), body["webhookEvent"]


async def test_the_issue_of_a_comment_stands_in_its_address(every: Hooked) -> None:
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    await every.register(events=["comment_created"])
    comment = every.anna.comment(issue.key, "Which one?")

    [received] = await every.deliver()
    assert received.body["comment"]["self"].endswith(f"/rest/api/2/issue/{issue.id}/comment/{comment.id}")
    slim = received.body.get("issue")
    assert (slim is not None) == every.simulator.traits.is_cloud
    if slim is not None:
        assert (slim["id"], slim["key"]) == (str(issue.id), issue.key)
        assert set(slim["fields"]) == {"summary", "issuetype", "project", "assignee", "priority", "status"}


async def test_the_time_is_in_milliseconds_of_the_jiras_own_clock(every: Hooked) -> None:
    await every.register()
    every.anna.create("PA", "Bug", "Pump leaks")

    [received] = await every.deliver()
    assert received.body["timestamp"] == int(every.simulator.world.clock().timestamp() * 1000)


async def test_addresses_in_a_delivery_are_those_of_the_jira(every: Hooked) -> None:
    await every.register()
    issue = every.anna.create("PA", "Bug", "Pump leaks")

    [received] = await every.deliver()
    link = received.body["issue"]["self"]
    assert link == f"{every.simulator.url}/rest/api/2/issue/{issue.id}"
    assert (await every.asker.ask("GET", link.removeprefix(every.simulator.url))).body["key"] == issue.key
