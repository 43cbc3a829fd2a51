"""Issues over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from tests.simulator.asking import Asker


async def test_a_created_issue_is_read_back_with_defaults(either: Asker) -> None:
    reply = await either.post(
        "issue", {"fields": {"project": {"key": "PA"}, "issuetype": {"name": "Bug"}, "summary": " Broken "}}
    )
    assert reply.status == 201
    assert set(reply.body) == {"id", "key", "self"}
    fields = await either.fields(reply.body["key"])
    assert fields["summary"] == "Broken"
    assert fields["status"]["name"] == "Open"
    assert fields["priority"]["name"] == "Medium"
    assert fields["labels"] == []
    assert fields["description"] is None


async def test_values_of_every_kind_survive_a_round_trip(either: Asker) -> None:
    written: dict[str, Any] = {
        "Customer": "ACME",
        "Analysis": "two\nlines",
        "Site": "https://example.org/x",
        "Points": 12.5,
        "Start": "2026-01-31",
        "Meeting": "2026-01-31T10:00:00.000+0100",
        "Severity": {"value": "Major"},
        "Answer": {"value": "Yes"},
        "Colors": [{"value": "Red"}, {"value": "Blue"}],
        "Teams": [{"value": "A"}],
        "Place": {"value": "EU", "child": {"value": "Oslo"}},
        "Tags": ["b", "a"],
    }
    ids = {f.name: f.id for f in either.simulator.world.fields.values()}
    key = await either.create(**{ids[name]: value for name, value in written.items()})
    fields = await either.fields(key)
    shown = {name: fields[ids[name]] for name in written}
    assert shown["Customer"] == "ACME"
    assert shown["Analysis"] == "two\nlines"
    assert shown["Points"] == 12.5
    assert shown["Start"] == "2026-01-31"
    assert shown["Meeting"] == "2026-01-31T10:00:00.000+0100"
    assert shown["Severity"]["value"] == "Major"
    assert [o["value"] for o in shown["Colors"]] == ["Red", "Blue"]
    assert (shown["Place"]["value"], shown["Place"]["child"]["value"]) == ("EU", "Oslo")
    assert shown["Tags"] == ["a", "b"]


async def test_one_bad_field_refuses_the_whole_request(either: Asker) -> None:
    key = await either.create()
    reply = await either.put(
        f"issue/{key}", {"fields": {"summary": "new", "customfield_99999": 1, "labels": ["two words"]}}
    )
    assert reply.status == 400
    assert reply.body["errorMessages"] == []
    assert set(reply.body["errors"]) == {"customfield_99999", "labels"}
    assert "cannot be set" in reply.body["errors"]["customfield_99999"]
    assert (await either.fields(key))["summary"] == "It is broken"


BAD_VALUES = [
    ("summary", "x" * 256),
    ("summary", "two\nlines"),
    ("summary", None),
    ("description", "x" * 32_768),
    ("labels", "text"),
    ("priority", {"name": "Urgent"}),
    ("duedate", "31/01/2026"),
    ("Points", "12"),
    ("Site", "no address"),
    ("Meeting", "2026-01-31T10:00:00.000Z"),
    ("Severity", {"value": "Gone"}),
    ("Severity", {"value": "Unknown"}),
    ("Only OT", "x"),
    ("created", "2026-01-31T10:00:00.000+0100"),
]


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
async def test_a_value_that_jira_cannot_take_is_named_in_errors(either: Asker, name: str, value: object) -> None:
    key = await either.create()
    ids = {f.name: f.id for f in either.simulator.world.fields.values()}
    field = ids.get(name, name)
    reply = await either.put(f"issue/{key}", {"fields": {field: value}})
    assert reply.status == 400
    assert list(reply.body["errors"]) == [field]


async def test_add_and_remove_leave_the_rest_of_a_list_alone(either: Asker) -> None:
    key = await either.create(labels=["kept", "gone"])
    reply = await either.put(f"issue/{key}", {"update": {"labels": [{"add": "new"}, {"remove": "gone"}]}})
    assert reply.status == 204
    assert (await either.fields(key))["labels"] == ["kept", "new"]


async def test_an_edit_without_difference_leaves_no_trace(either: Asker) -> None:
    key = await either.create(labels=["a"])
    before = await either.fields(key)
    either.simulator.world.clock.advance(timedelta(minutes=1))
    assert (await either.put(f"issue/{key}", {"fields": {"labels": ["a"], "summary": "It is broken"}})).status == 204
    after = await either.get(f"issue/{key}?expand=changelog")
    assert after.body["fields"]["updated"] == before["updated"]
    assert after.body["changelog"]["total"] == 0


async def test_data_center_keeps_issue_times_to_the_second_and_history_to_the_millisecond(data_center: Asker) -> None:
    key = await data_center.create()
    await data_center.put(f"issue/{key}", {"fields": {"summary": "new"}})
    reply = await data_center.get(f"issue/{key}?expand=changelog")
    assert reply.body["fields"]["updated"] == "2026-11-02T10:15:30.000+0100"
    assert reply.body["changelog"]["histories"][0]["created"] == "2026-11-02T10:15:30.123+0100"


async def test_cloud_answers_an_edit_with_the_issue_if_asked(cloud: Asker) -> None:
    key = await cloud.create()
    reply = await cloud.put(f"issue/{key}?returnIssue=true&expand=changelog", {"fields": {"summary": "new"}})
    assert reply.status == 200
    assert reply.body["fields"]["summary"] == "new"
    item = reply.body["changelog"]["histories"][0]["items"][0]
    assert (item["fieldId"], item["fromString"], item["toString"]) == ("summary", "It is broken", "new")


async def test_an_invisible_issue_is_answered_like_a_missing_one(either: Asker) -> None:
    secret = either.simulator.as_user("bert").create("SEC", "Bug", "hidden")
    hidden, missing = await either.get(f"issue/{secret.key}"), await either.get("issue/PA-999")
    assert hidden.status == missing.status == 404
    assert hidden.body == missing.body


async def test_a_former_key_is_resolved_silently(either: Asker) -> None:
    key = await either.create()
    moved = either.simulator.as_user("anna").move(key, "OT")
    reply = await either.get(f"issue/{key}")
    assert (reply.status, reply.body["key"], reply.body["id"]) == (200, moved.key, str(moved.id))


async def test_only_administrators_edit_quietly(either: Asker) -> None:
    key = await either.create()
    reply = await either.put(f"issue/{key}?notifyUsers=false", {"fields": {"summary": "quiet"}})
    ignored = either.simulator.traits.is_cloud
    assert reply.status == (204 if ignored else 403)
    assert (await either.fields(key))["summary"] == "It is broken"
    assert (await either.like("root").put(f"issue/{key}?notifyUsers=false", {"fields": {"summary": "q"}})).status == 204


async def test_unknown_words_are_refused(either: Asker) -> None:
    key = await either.create()
    assert (await either.get(f"issue/{key}?field=summary")).status == 400
    assert (await either.get(f"issue/{key}?expand=changelogs")).status == 400
    assert (await either.get(f"issue/{key}?fields=sumary")).status == 400
    assert set((await either.get(f"issue/{key}?fields=*all,-comment")).body["fields"]) >= {"summary", "timetracking"}
    assert set((await either.get(f"issue/{key}?fields=summary,key")).body["fields"]) == {"summary"}
    assert (await either.put(f"issue/{key}", {"field": {}})).status == 400
    assert (await either.get("isue/1")).status == 404
    assert (await either.ask("PATCH", f"issue/{key}")).status == 405


async def test_deleting_needs_the_permission_and_a_word_about_subtasks(either: Asker) -> None:
    key = await either.create()
    child = either.simulator.as_user("anna").create("PA", "Sub-task", "part", parent=key)
    assert (await either.delete(f"issue/{key}")).status == 403
    root = either.like("root")
    assert (await root.delete(f"issue/{key}")).status == 400
    assert (await root.delete(f"issue/{key}?deleteSubtasks=true")).status == 204
    assert (await root.get(f"issue/{child.key}")).status == 404


async def test_an_edit_that_races_with_a_users_edit_is_applied_to_what_he_left(either: Asker) -> None:
    key = await either.create(labels=["old"])
    anna = either.simulator.as_user("anna")

    async def intervene(_request: web.Request, _operation: str) -> None:
        anna.edit(key, labels=["old", "hers"], summary="hers")

    remove = either.simulator.faults.on_before_write(intervene)
    body = {"fields": {"summary": "mine"}, "update": {"labels": [{"add": "mine"}]}}
    assert (await either.put(f"issue/{key}", body)).status == 204
    remove()
    reply = await either.get(f"issue/{key}?expand=changelog")
    assert reply.body["fields"]["labels"] == ["hers", "mine", "old"]
    entries = sorted(reply.body["changelog"]["histories"], key=lambda entry: int(entry["id"]))
    summaries = [item["fromString"] for entry in entries for item in entry["items"] if item["field"] == "summary"]
    assert summaries == ["It is broken", "hers"]


async def test_an_issue_deleted_between_check_and_write_is_not_found(either: Asker) -> None:
    key = await either.create()

    async def intervene(_request: web.Request, _operation: str) -> None:
        either.simulator.as_user("anna").delete(key)

    remove = either.simulator.faults.on_before_write(intervene)
    assert (await either.put(f"issue/{key}", {"fields": {"summary": "late"}})).status == 404
    remove()


async def test_a_type_of_another_shape_is_refused(either: Asker) -> None:
    key = await either.create()
    assert (await either.put(f"issue/{key}", {"fields": {"issuetype": {"name": "Task"}}})).status == 204
    assert (await either.fields(key))["issuetype"]["name"] == "Task"
    refused = await either.put(f"issue/{key}", {"fields": {"issuetype": {"name": "Sub-task"}}})
    assert list(refused.body["errors"]) == ["issuetype"]


@pytest.mark.parametrize("path", ["watchers", "votes", "worklog", "remotelink"])
async def test_what_is_not_simulated_yet_is_empty_to_readers_and_closed_to_writers(either: Asker, path: str) -> None:
    key = await either.create()
    assert (await either.get(f"issue/{key}/{path}")).status == 200
    assert (await either.post(f"issue/{key}/{path}", {})).status == 405


async def test_data_center_refuses_a_body_over_its_limit(data_center: Asker) -> None:
    key = await data_center.create()
    data_center.simulator.world.settings.body_limit = 1000
    assert (await data_center.put(f"issue/{key}", {"fields": {"description": "x" * 2000}})).status == 413


async def test_an_issue_may_be_created_with_its_first_transition(cloud: Asker) -> None:
    fields = {"project": {"key": "PA"}, "issuetype": {"name": "Bug"}, "summary": "x"}
    made = await cloud.post("issue", {"fields": fields, "transition": {"id": "11"}})
    assert (await cloud.fields(made.body["key"]))["status"]["name"] == "In Progress"
    assert (await cloud.post("issue", {"fields": fields, "transition": {"id": "21"}})).status == 400


async def test_cloud_archives_and_restores_many_issues(cloud: Asker) -> None:
    key = await cloud.create()
    body = {"issueIdsOrKeys": [key]}
    assert (await cloud.put("issue/archive", body)).status == 403
    root = cloud.like("root")
    assert (await root.put("issue/archive", body)).body["numberOfIssuesUpdated"] == 1
    assert (await cloud.put(f"issue/{key}", {"fields": {"summary": "x"}})).status == 403
    assert (await root.put("issue/unarchive", body)).status == 200
    assert (await cloud.put(f"issue/{key}", {"fields": {"summary": "x"}})).status == 204
    assert (await root.put("issue/archive", {"issueIdsOrKeys": ["1"] * 1001})).status == 412
