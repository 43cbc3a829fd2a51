"""Metadata over REST: createmeta, editmeta, fields, lists, projects."""

from __future__ import annotations

import aiohttp
import pytest

from backbone.simulator import Simulator
from tests.simulator.asking import Asker
from tests.simulator.worlds import world_plan


async def test_each_product_has_its_own_envelope_of_createmeta(either: Asker) -> None:
    types = (await either.get("issue/createmeta/PA/issuetypes")).body
    bug = (types.get("issueTypes") or types.get("values"))[0]
    fields = (await either.get(f"issue/createmeta/PA/issuetypes/{bug['id']}?maxResults=3")).body
    if either.simulator.traits.is_cloud:
        assert set(types) == {"issueTypes", "maxResults", "startAt", "total"}
        assert set(fields) == {"fields", "maxResults", "startAt", "total"}
        assert {"fieldId", "key"} <= set(fields["fields"][0])
    else:
        assert set(types) == {"values", "maxResults", "startAt", "total", "isLast"}
        assert (fields["isLast"], len(fields["values"])) == (False, 3)
        assert "key" not in fields["values"][0]


@pytest.mark.parametrize(
    ("version", "old", "paged"), [("8.3.1", 200, 404), ("8.20.30", 200, 200), ("9.12.1", 404, 200)]
)
async def test_the_old_createmeta_goes_with_version_nine(
    session: aiohttp.ClientSession, version: str, old: int, paged: int
) -> None:
    async with Simulator.of_plan(world_plan("data-center", version)) as simulator:
        asker = Asker(simulator, session)
        assert (await asker.get("issue/createmeta?projectKeys=PA&expand=projects.issuetypes.fields")).status == old
        assert (await asker.get("issue/createmeta/PA/issuetypes")).status == paged


async def test_allowed_values_leave_out_what_is_disabled(either: Asker) -> None:
    key = await either.create()
    fields = (await either.get(f"issue/{key}/editmeta")).body["fields"]
    by_name = {meta["name"]: meta for meta in fields.values()}
    assert [value["value"] for value in by_name["Severity"]["allowedValues"]] == ["Minor", "Major"]
    assert [child["value"] for child in by_name["Place"]["allowedValues"][0]["children"]] == ["Rome", "Oslo"]
    assert by_name["Labels"]["operations"] == ["add", "set", "remove"]
    assert by_name["Summary"]["required"] is True
    assert "allowedValues" not in by_name["Summary"]
    assert "Only OT" not in by_name


async def test_fields_tell_their_kind(either: Asker) -> None:
    fields = {field["name"]: field for field in (await either.get("field")).body}
    prefix = "com.atlassian.jira.plugin.system.customfieldtypes:"
    assert fields["Colors"]["schema"]["custom"] == prefix + "multiselect"
    assert (fields["Colors"]["schema"]["type"], fields["Colors"]["schema"]["items"]) == ("array", "option")
    assert fields["Summary"]["schema"] == {"type": "string", "system": "summary"}
    assert ("key" in fields["Summary"]) is either.simulator.traits.is_cloud


async def test_options_are_listed_for_those_who_may(cloud: Asker) -> None:
    page = (await cloud.get("field/search?type=custom&query=Place")).body
    field = page["values"][0]["id"]
    assert (await cloud.get(f"field/{field}/context")).status == 403
    root = cloud.like("root")
    context = (await root.get(f"field/{field}/context")).body["values"][0]["id"]
    options = (await root.get(f"field/{field}/context/{context}/option")).body["values"]
    assert [option["value"] for option in options] == ["EU", "Rome", "Oslo"]
    assert options[1]["optionId"] == options[0]["id"]


async def test_options_of_data_center_know_their_children(data_center: Asker) -> None:
    ids = {field["name"]: field["id"] for field in (await data_center.get("field")).body}
    number = ids["Place"].removeprefix("customfield_")
    reply = (await data_center.get(f"customFields/{number}/options?maxResults=10")).body
    assert (reply["total"], len(reply["options"][0]["childrenIds"])) == (1, 2)


@pytest.mark.parametrize("path", ["status", "priority", "resolution", "issuetype", "statuscategory", "project"])
async def test_short_lists_are_arrays_with_links(either: Asker, path: str) -> None:
    reply = await either.get(path)
    assert reply.status == 200
    assert all(entry["self"].startswith(either.simulator.url) for entry in reply.body)
    one = await either.get(f"{path}/{reply.body[0]['id']}") if path != "statuscategory" else reply
    assert one.status == 200


async def test_missing_things_are_not_found(either: Asker) -> None:
    for path in ("status/x", "priority/99", "resolution/99", "issuetype/99", "project/NO", "attachment/9"):
        assert (await either.get(path)).status == 404


async def test_a_project_lists_its_former_keys(either: Asker) -> None:
    key = await either.create()
    order = {"project": "PA", "key": "NEW"}
    assert (await either.ask("POST", "/__simulator__/project/rename", order)).status == 200
    project = await either.get("project/PA?expand=projectKeys")
    assert (project.body["key"], project.body["projectKeys"]) == ("NEW", ["NEW", "PA"])
    issue = await either.get(f"issue/{key}?expand=changelog")
    assert (issue.body["key"], issue.body["changelog"]["total"]) == ("NEW-1", 0)


async def test_statuses_are_listed_by_type(either: Asker) -> None:
    reply = await either.get("project/PA/statuses")
    assert [status["name"] for status in reply.body[0]["statuses"]] == ["Open", "In Progress", "Done", "Locked"]


async def test_priorities_are_paged(either: Asker) -> None:
    path = "priority/search" if either.simulator.traits.is_cloud else "priority/page"
    reply = (await either.get(f"{path}?maxResults=2")).body
    assert (len(reply["values"]), reply["total"], reply["isLast"]) == (2, 5, False)
    assert "startAt=2" in reply["nextPage"]


async def test_cloud_searches_projects_in_pages(cloud: Asker) -> None:
    reply = (await cloud.get("project/search?maxResults=1&expand=issueTypes")).body
    assert (len(reply["values"]), reply["total"]) == (1, 2)
    assert reply["values"][0]["issueTypes"][0]["name"] == "Bug"
