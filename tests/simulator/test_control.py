"""The control interface."""

from __future__ import annotations

import pytest

from tests.simulator.asking import Asker, Reply

CONTROL = "/__simulator__/"


async def order(asker: Asker, method: str, path: str, body: object = None) -> Reply:
    return await asker.ask(method, CONTROL + path, body)


async def test_calls_are_counted_by_endpoint_and_control_is_not(either: Asker) -> None:
    key = await either.create()
    await either.get(f"issue/{key}")
    await either.version("latest").get(f"issue/{key}")
    await either.get("issue/PA-99")
    counted = (await order(either, "GET", "calls")).body
    assert counted["endpoints"] == {"GET issue/{issue}": 3, "POST issue": 1}
    assert counted["statuses"]["GET issue/{issue}"] == {"200": 2, "404": 1}
    assert (await order(either, "DELETE", "calls")).body["total"] == 0


async def test_a_reset_brings_the_world_of_the_plan_back(either: Asker) -> None:
    key = await either.create()
    await order(either, "POST", "faults", {"fault": "server-error"})
    assert (await order(either, "POST", "reset")).body == {"issues": 0}
    assert (await either.get(f"issue/{key}")).status == 404
    assert (await order(either, "GET", "state")).body["projects"] == ["PA", "OT", "SEC"]


async def test_people_act_past_the_rest_interface(either: Asker) -> None:
    made = await order(
        either, "POST", "edit", {"user": "anna", "action": "create", "project": "PA", "type": "Bug", "summary": "x"}
    )
    key = made.body["key"]
    for body in (
        {"action": "edit", "issue": key, "fields": {"priority": "High", "Severity": "Major"}},
        {"action": "transition", "issue": key, "transition": "Start"},
        {"action": "comment", "issue": key, "body": "hello"},
        {"action": "attach", "issue": key, "filename": "a.txt", "body": "text"},
    ):
        assert (await order(either, "POST", "edit", {"user": "anna", **body})).status == 200
    fields = await either.fields(key)
    assert (fields["priority"]["name"], fields["status"]["name"]) == ("High", "In Progress")
    assert (fields["comment"]["total"], len(fields["attachment"])) == (1, 1)
    assert (await order(either, "POST", "edit", {"user": "anna", "action": "delete", "issue": key})).status == 200
    assert (await either.get(f"issue/{key}")).status == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("edit", {"user": "nobody", "action": "edit", "issue": "PA-1"}),
        ("edit", {"user": "anna", "action": "dance"}),
        ("permissions", {"project": "PA", "permission": "FLY", "user": "sync", "held": True}),
        ("screens", {"project": "PA", "remove": ["Nothing"]}),
        ("faults", {"fault": "unknown"}),
        ("user", {"user": "sync", "colour": "red"}),
    ],
)
async def test_a_bad_order_is_refused_with_a_sentence(either: Asker, path: str, body: object) -> None:
    reply = await order(either, "POST", path, body)
    assert reply.status == 400
    assert reply.body["error"]


async def test_a_field_taken_off_the_screen_refuses_the_request(either: Asker) -> None:
    key = await either.create()
    await order(either, "POST", "screens", {"project": "PA", "remove": ["duedate"], "required": ["summary", "labels"]})
    reply = await either.put(f"issue/{key}", {"fields": {"duedate": "2026-01-01", "labels": []}})
    assert set(reply.body["errors"]) == {"duedate", "labels"}
    assert (
        await either.put(f"issue/{key}", {"fields": {"summary": "untouched labels are not asked for"}})
    ).status == 204


async def test_a_validator_refuses_one_poisoned_issue(either: Asker) -> None:
    body = {"message": "Not on a Friday.", "summary_contains": "poison"}
    await order(either, "POST", "refusals", body)
    good = await either.create("fine")
    fields = {"project": {"key": "PA"}, "issuetype": {"name": "Bug"}, "summary": "poison"}
    refused = await either.post("issue", {"fields": fields})
    assert (refused.status, refused.body["errorMessages"]) == (400, ["Not on a Friday."])
    assert (await either.put(f"issue/{good}", {"fields": {"labels": ["a"]}})).status == 204


async def test_a_lagging_index_hides_new_issues_from_searches_only(either: Asker) -> None:
    either.simulator.world.clock.release()
    await order(either, "PUT", "index", {"lag": 3600})
    key = await either.create()
    issue_id = (await either.get(f"issue/{key}")).body["id"]
    cloud = either.simulator.traits.is_cloud
    path, query = ("search/jql", {"jql": "project = PA"}) if cloud else ("search", {"jql": "project = PA"})
    assert (await either.post(path, query)).body["issues"] == []
    if cloud:
        reconciled = await either.post(path, {**query, "reconcileIssues": [int(issue_id)]})
        assert [issue["id"] for issue in reconciled.body["issues"]] == [issue_id]
    await order(either, "PUT", "clock", {"advance": 3601})
    assert len((await either.post(path, query)).body["issues"]) == 1
    await order(either, "PUT", "index", {"reindex": 60})
    assert (await either.post(path, query)).status == 503


async def test_an_armed_fault_strikes_and_is_disarmed(either: Asker) -> None:
    armed = await order(either, "POST", "faults", {"fault": "server-error", "path": "**/myself"})
    assert armed.status == 201, armed.body
    assert (await either.get("myself")).status >= 500
    assert (await order(either, "DELETE", f"faults/{armed.body['id']}")).body == {"faults": []}
    assert (await either.get("myself")).status == 200


async def test_limits_are_set_and_told(data_center: Asker) -> None:
    limits = {"data_center": {"limit": 2, "fill_rate": 1, "interval_seconds": 60}}
    assert (await order(data_center, "PUT", "limits", {"limits": limits})).status == 200
    statuses = [(await data_center.get("myself")).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    usage = (await order(data_center, "GET", "limits")).body["usage"][0]
    assert (usage["granted"], usage["refused"]) == (2, 1)


async def test_archived_issues_are_read_only_and_not_found(data_center: Asker) -> None:
    key = await data_center.create()
    await order(data_center, "POST", "archive", {"issue": key})
    assert (await data_center.get(f"issue/{key}")).status == 200
    assert (await data_center.put(f"issue/{key}", {"fields": {"summary": "x"}})).status == 403
    assert (await data_center.get("search?jql=project=PA")).body["total"] == 0


async def test_an_option_can_be_disabled(either: Asker) -> None:
    key = await either.create()
    ids = {f.name: f.id for f in either.simulator.world.fields.values()}
    await either.put(f"issue/{key}", {"fields": {ids["Severity"]: {"value": "Major"}}})
    await order(either, "POST", "option", {"field": "Severity", "option": "Major", "disabled": True})
    assert (await either.fields(key))[ids["Severity"]]["value"] == "Major"
    reply = await either.put(f"issue/{key}", {"fields": {ids["Severity"]: {"value": "Major"}}})
    assert reply.status == 400


async def test_errors_speak_the_language_of_the_account_but_name_fields_alike(either: Asker) -> None:
    key = await either.create()
    await order(either, "POST", "user", {"user": "sync", "locale": "de_DE"})
    reply = await either.put(f"issue/{key}", {"fields": {"customfield_1": 1}})
    assert reply.body["errors"]["customfield_1"].startswith("Das Feld 'customfield_1' kann nicht")
    english = await either.like("anna").put(f"issue/{key}", {"fields": {"customfield_1": 1}})
    assert list(english.body["errors"]) == list(reply.body["errors"])


async def test_cloud_may_write_the_same_document_otherwise_tomorrow(either: Asker) -> None:
    key = await either.create(description="one - two\n\nthree")
    await order(either, "PUT", "settings", {"wiki_dialect": 1})
    reply = (await either.get(f"issue/{key}?expand=changelog")).body
    cloud = either.simulator.traits.is_cloud
    assert reply["fields"]["description"] == ("one \\- two\n\n\nthree" if cloud else "one - two\n\nthree")
    assert reply["changelog"]["total"] == 0


async def test_latency_is_added_to_calls(either: Asker) -> None:
    assert (await order(either, "PUT", "latency", {"seconds": 0.01})).body == {"seconds": 0.01}
    assert either.simulator.site.latency == 0.01


async def test_nodes_of_a_cluster_take_turns_unless_the_cookie_is_returned(data_center: Asker) -> None:
    data_center.simulator.world.clock.release()
    await order(data_center, "PUT", "index", {"nodes": 2, "behind": {"1": 3600}})
    await data_center.create()
    seen = []
    for cookie in ("", "", "AWSALB=node0", "AWSALB=node0", "AWSALB=node1"):
        headers = {"Cookie": cookie} if cookie else {}
        reply = await data_center.ask("GET", "search?jql=project=PA", headers=headers)
        seen.append((reply.headers["X-ANODEID"], reply.body["total"]))
    assert sorted(seen[:2]) == [("node0", 1), ("node1", 0)]
    assert seen[2:] == [("node0", 1), ("node0", 1), ("node1", 0)]


async def test_the_control_interface_describes_itself(either: Asker) -> None:
    commands = (await order(either, "GET", "commands")).body["commands"]
    by_path = {(command["method"], command["path"]): command for command in commands}
    assert "captcha_after" in by_path["PUT", "settings"]["body"]
    assert all(command["does"] for command in commands)
