"""A tour over every endpoint of a pretend Jira, refusals included.

The tour asserts nothing but what it needs for its next step: the answers are judged by their readers.
"""

from __future__ import annotations

from typing import Any

import aiohttp

from backbone.simulator import Simulator
from tests.simulator.asking import Asker
from tests.simulator.conformance.exchanges import Exchange, Traveller
from tests.simulator.conftest import still_clock
from tests.simulator.worlds import world_plan

Json = Any  # the tour picks ids out of answers whose shapes others check


def account(me: Traveller, name: str) -> dict[str, str]:
    """A user as requests name one."""
    if not me.cloud:
        return {"name": name}
    return {"accountId": _user(me, name).account_id}


def _user(me: Traveller, name: str) -> Json:
    return next(user for user in me.asker.simulator.world.users.values() if user.name == name)


def text(me: Traveller, words: str) -> object:
    """Rich text in the form of the version of the interface."""
    if me.asker.api != "3":
        return words
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": words}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def field_id(me: Traveller, name: str) -> str:
    """The id of a custom field."""
    return next(str(f.id) for f in me.asker.simulator.world.fields.values() if f.name == name)


def new_issue(summary: str, project: str = "PA", kind: str = "Bug", **fields: Json) -> dict[str, object]:
    """The body that creates an issue."""
    words = {"project": {"key": project}, "issuetype": {"name": kind}, "summary": summary, **fields}
    return {"fields": words}


async def visit_the_instance(me: Traveller) -> None:
    await me.like("").get("serverInfo")
    await me.get("myself")
    await me.like("").get("myself")
    permissions = "?permissions=EDIT_ISSUES,DELETE_ISSUES" if me.cloud else ""
    await me.get(f"mypermissions{permissions}")
    await me.get("mypermissions?projectKey=NONE")
    await me.get("permissions")


async def visit_the_lists(me: Traveller) -> None:
    for noun in ("status", "priority", "resolution", "issuetype"):
        listed = (await me.get(noun)).body
        await me.get(f"{noun}/{listed[0]['id']}")
        await me.get(f"{noun}/987654")
        if noun in {"priority", "resolution"}:
            await me.get(f"{noun}/search" if me.cloud else f"{noun}/page")
    await me.get("statuscategory")
    await me.get("issueLinkType")
    await me.get("attachment/meta")


async def visit_the_projects(me: Traveller) -> None:
    await me.get("project")
    await me.get("project?expand=description,lead,projectKeys")
    if me.cloud:
        await me.get("project/search?query=Project")
    for part in ("", "?expand=projectKeys", "/statuses", "/components", "/versions", "/securitylevel"):
        await me.get(f"project/PA{part}")
    await me.get("project/NONE")
    await me.get("project/SEC")


async def visit_the_fields(me: Traveller) -> None:
    await me.get("field")
    chief, severity = me.like("root"), field_id(me, "Severity")
    options = me.asker.simulator.world.contexts[severity][0].options
    await me.get(f"customFieldOption/{options[0].id}")
    await me.get("customFieldOption/987654")
    if not me.cloud:
        await me.get(f"customFields/{severity.removeprefix('customfield_')}/options")
        await me.get("customFields/987654/options")
        return
    await me.get("field/search?type=custom")
    contexts = (await chief.get(f"field/{severity}/context")).body
    await chief.get(f"field/{severity}/context/{contexts['values'][0]['id']}/option")
    await chief.get(f"field/{severity}/context/987654/option")
    await me.get(f"field/{severity}/context")


async def visit_the_people(me: Traveller) -> None:
    await me.get("user?" + ("accountId=" + _user(me, "anna").account_id if me.cloud else "username=anna"))
    await me.get("user?accountId=none" if me.cloud else "user?username=none")
    word = "query" if me.cloud else "username"
    await me.get(f"user/search?{word}=anna")
    await me.get("user/search")
    await me.get(f"user/assignable/search?project=PA&{word}=anna")
    await me.get("user/assignable/search")
    if me.cloud:
        await me.get(f"user/bulk?accountId={_user(me, 'anna').account_id}")


async def visit_what_can_be_created(me: Traveller) -> None:
    if me.asker.simulator.traits.paged_createmeta:
        types = (await me.get("issue/createmeta/PA/issuetypes")).body
        listed = types.get("values") or types["issueTypes"]
        await me.get(f"issue/createmeta/PA/issuetypes/{listed[0]['id']}")
        await me.get("issue/createmeta/NONE/issuetypes")
        await me.get("issue/createmeta/PA/issuetypes/987654")
    await me.get("issue/createmeta?projectKeys=PA&expand=projects.issuetypes.fields")


def every_value(me: Traveller) -> dict[str, Json]:
    """A value for every kind of field."""
    return {
        "description": text(me, "It does not run."),
        "labels": ["pump", "urgent"],
        "priority": {"name": "High"},
        "duedate": "2026-12-24",
        "assignee": account(me, "anna"),
        field_id(me, "Customer"): "Brandt",
        field_id(me, "Analysis"): text(me, "The seal leaks."),
        field_id(me, "Site"): "https://example.com/",
        field_id(me, "Points"): 2.5,
        field_id(me, "Start"): "2026-11-03",
        field_id(me, "Meeting"): "2026-11-03T10:00:00.000+0100",
        field_id(me, "Severity"): {"value": "Major"},
        field_id(me, "Answer"): {"value": "Yes"},
        field_id(me, "Colors"): [{"value": "Red"}, {"value": "Blue"}],
        field_id(me, "Teams"): [{"value": "A"}],
        field_id(me, "Place"): {"value": "EU", "child": {"value": "Oslo"}},
        field_id(me, "Tags"): ["one"],
        field_id(me, "Tester"): account(me, "bert"),
    }


async def create_issues(me: Traveller) -> str:
    """The key of an issue with a value in every field, which has a sub-task."""
    key = str((await me.post("issue", new_issue("The pump stands still", **every_value(me)))).body["key"])
    await me.post("issue", new_issue("Order a seal", kind="Sub-task", parent={"key": key}))
    await me.post("issue", new_issue("Nothing", project="NONE"))
    await me.post("issue", {"fields": {}})
    await me.post("issue", new_issue("x" * 300, customfield_99999="unknown"))
    await me.ask("POST", "issue", data=aiohttp.FormData({"a": "b"}))
    await me.post("issue/bulk", {"issueUpdates": [new_issue("One"), new_issue("", project="NONE")]})
    await me.post("issue/bulk", {"issueUpdates": [new_issue("", project="NONE")]})
    await me.post("issue/bulk", {"issueUpdates": []})
    return key


EXPAND = "renderedFields,names,schema,transitions.fields,operations,editmeta,changelog"


async def read_and_edit(me: Traveller, key: str) -> None:
    await me.put(f"issue/{key}", {"fields": {"summary": "The pump runs again"}, "update": {"labels": [{"add": "x"}]}})
    await me.put(f"issue/{key}", {"fields": {"priority": {"name": "Unheard of"}}})
    await me.put("issue/PA-999", {"fields": {"summary": "x"}})
    if me.cloud:
        await me.put(f"issue/{key}?returnIssue=true&expand=changelog", {"fields": {"summary": "Still running"}})
    await me.put(f"issue/{key}/assignee", account(me, "bert"))
    await me.put(f"issue/{key}/assignee", {"accountId" if me.cloud else "name": "nobody"})
    await me.get(f"issue/{key}/editmeta")
    await me.get(f"issue/{key}/watchers")
    await me.get(f"issue/{key}/votes")
    await me.get(f"issue/{key}/worklog")
    await me.get(f"issue/{key}/remotelink")
    await me.get("issue/PA-999")
    await me.like("").get(f"issue/{key}")
    await me.get(f"issue/{key}?fields=summary")


async def discuss(me: Traveller, key: str) -> None:
    created = (await me.post(f"issue/{key}/comment", {"body": text(me, "Look at the seal")})).body["id"]
    visible = {"type": "role", "value": "Developers"}
    await me.post(f"issue/{key}/comment", {"body": text(me, "Confidential"), "visibility": visible})
    await me.post(f"issue/{key}/comment", {"body": text(me, "")})
    await me.get(f"issue/{key}/comment")
    await me.get(f"issue/{key}/comment?expand=renderedBody&orderBy=-created")
    await me.get(f"issue/{key}/comment/{created}")
    await me.get(f"issue/{key}/comment/987654")
    await me.put(f"issue/{key}/comment/{created}", {"body": text(me, "I looked")})
    await me.like("anna").put(f"issue/{key}/comment/{created}", {"body": text(me, "mine now")})
    if me.cloud:
        await me.post("comment/list", {"ids": [int(created)]})
    await visit_the_properties(me, f"comment/{created}")
    await me.delete(f"issue/{key}/comment/{created}")
    await me.delete(f"issue/{key}/comment/{created}")


async def visit_the_properties(me: Traveller, owner: str) -> None:
    await me.put(f"{owner}/properties/mark", {"partner": "LUM-1"})
    await me.put(f"{owner}/properties/mark", {"partner": "LUM-2"})
    await me.get(f"{owner}/properties")
    await me.get(f"{owner}/properties/mark")
    await me.delete(f"{owner}/properties/mark")
    await me.get(f"{owner}/properties/mark")


async def attach_files(me: Traveller, key: str) -> None:
    form = aiohttp.FormData()
    form.add_field("file", b"%PDF", filename="seal.pdf", content_type="application/pdf")
    sent = await me.ask("POST", f"issue/{key}/attachments", data=form, headers={"X-Atlassian-Token": "no-check"})
    number = sent.body[0]["id"]
    refused = aiohttp.FormData()
    refused.add_field("file", b"x", filename="x.txt")
    await me.ask("POST", f"issue/{key}/attachments", data=refused)
    await me.get(f"attachment/{number}")
    await me.get("attachment/987654")
    if me.cloud:
        await me.get(f"attachment/content/{number}")
        await me.get(f"attachment/content/{number}?redirect=false")
    await me.get(f"issue/{key}?fields=*all&expand={EXPAND}&properties=*all")
    await me.like("anna").delete(f"attachment/{number}")
    await me.delete(f"attachment/{number}")


async def walk_the_workflow(me: Traveller, key: str) -> None:
    listed = (await me.get(f"issue/{key}/transitions?expand=transitions.fields")).body["transitions"]
    start = next(step["id"] for step in listed if step["name"] == "Start")
    await me.post(f"issue/{key}/transitions", {"transition": {"id": start}})
    await me.post(f"issue/{key}/transitions", {"transition": {"id": "987654"}})
    listed = (await me.get(f"issue/{key}/transitions?expand=transitions.fields")).body["transitions"]
    finish = next(step["id"] for step in listed if step["name"] == "Finish")
    await me.post(f"issue/{key}/transitions", {"transition": {"id": finish}})
    await me.post(
        f"issue/{key}/transitions", {"transition": {"id": finish}, "fields": {"resolution": {"name": "Done"}}}
    )


async def look_at_the_history(me: Traveller, key: str) -> None:
    if not me.cloud:
        return
    histories = (await me.get(f"issue/{key}/changelog")).body["values"]
    await me.post(f"issue/{key}/changelog/list", {"changelogIds": [int(histories[0]["id"])]})
    await me.post("changelog/bulkfetch", {"issueIdsOrKeys": [key], "maxResults": 1})
    await me.post("changelog/bulkfetch", {"issueIdsOrKeys": []})
    await me.post("issue/bulkfetch", {"issueIdsOrKeys": [key, "PA-999"], "fields": ["*all"], "expand": ["changelog"]})
    await me.post("issue/bulkfetch", {"issueIdsOrKeys": []})


async def search(me: Traveller) -> None:
    jql = "project = PA ORDER BY key"
    await me.get("search?jql=project%3DPA&maxResults=1&fields=*all&expand=names,schema,changelog")
    await me.post("search", {"jql": jql})
    await me.post("search", {"jql": "nonsense ="})
    if not me.cloud:
        return
    await me.get("search/jql?jql=project%3DPA&maxResults=1&fields=*all&expand=names,schema,changelog")
    await me.get("search/jql?jql=order+by+key")
    await me.post("search/jql", {"jql": jql, "fields": ["*all"]})
    await me.post("search/jql", {"jql": "project = NONE"})
    await me.post("search/approximate-count", {"jql": jql})


async def put_away(me: Traveller, key: str) -> None:
    root = me.like("root")
    created = (await me.post("issue", new_issue("Old"))).body["key"]
    await me.delete(f"issue/{created}")
    await root.delete(f"issue/{key}")
    if me.cloud:
        await me.put("issue/archive", {"issueIdsOrKeys": [created]})
        await root.put("issue/archive", {"issueIdsOrKeys": [created]})
        await root.put("issue/unarchive", {"issueIdsOrKeys": [created]})
    else:
        await me.put(f"issue/{created}/archive", None)
        await root.put(f"issue/{created}/archive", None)
    await root.delete(f"issue/{key}?deleteSubtasks=true")


NEEDED = (
    "CREATE_ISSUES EDIT_ISSUES ASSIGN_ISSUES TRANSITION_ISSUES ADD_COMMENTS EDIT_OWN_COMMENTS DELETE_OWN_COMMENTS "
    "CREATE_ATTACHMENTS DELETE_OWN_ATTACHMENTS DELETE_ISSUES"
).split()


async def be_forbidden(me: Traveller) -> None:
    """Everything again as somebody who may only look."""
    key = (await me.post("issue", new_issue("Seen by many"))).body["key"]
    comment = (await me.post(f"issue/{key}/comment", {"body": text(me, "Mine")})).body["id"]
    listed = (await me.get(f"issue/{key}/transitions")).body["transitions"]
    for permission in NEEDED:
        order = {"project": "PA", "permission": permission, "user": "sync", "held": False}
        await me.asker.ask("POST", "/__simulator__/permissions", order)
    await me.post("issue", new_issue("Not mine"))
    await me.put(f"issue/{key}", {"fields": {"summary": "Not mine"}})
    await me.put(f"issue/{key}/assignee", account(me, "anna"))
    await me.delete(f"issue/{key}")
    await me.get(f"issue/{key}/transitions")
    await me.post(f"issue/{key}/transitions", {"transition": {"id": listed[0]["id"]}})
    await me.post(f"issue/{key}/comment", {"body": text(me, "No longer")})
    await me.put(f"issue/{key}/comment/{comment}", {"body": text(me, "No longer")})
    await me.delete(f"issue/{key}/comment/{comment}")
    await me.put(f"issue/{key}/properties/mark", 1)
    form = aiohttp.FormData()
    form.add_field("file", b"x", filename="x.txt")
    await me.ask("POST", f"issue/{key}/attachments", data=form, headers={"X-Atlassian-Token": "no-check"})


async def travel(flavour: str, version: str, api: str) -> list[Exchange]:
    """The exchanges of the whole tour."""
    async with (
        aiohttp.ClientSession() as session,
        Simulator.of_plan(world_plan(flavour, version), still_clock()) as simulator,
    ):
        asker = Asker(simulator, session)
        asker.api = api
        me = Traveller(asker=asker)
        for visit in (
            visit_the_instance,
            visit_the_lists,
            visit_the_projects,
            visit_the_fields,
            visit_the_people,
            visit_what_can_be_created,
        ):
            await visit(me)
        key = await create_issues(me)
        await read_and_edit(me, key)
        await discuss(me, key)
        await visit_the_properties(me, f"issue/{key}")
        await attach_files(me, key)
        await walk_the_workflow(me, key)
        await look_at_the_history(me, key)
        await search(me)
        await put_away(me, key)
        await be_forbidden(me)
    return me.book
