"""The changelog in the shapes of both products."""

from __future__ import annotations

from datetime import timedelta

from tests.simulator.asking import Asker


def edit_often(asker: Asker, key: str, times: int) -> None:
    anna = asker.simulator.as_user("anna")
    for number in range(times):
        asker.simulator.world.clock.advance(timedelta(seconds=1))
        anna.edit(key, summary=f"s{number}")


async def test_data_center_shows_everything_oldest_first(data_center: Asker) -> None:
    key = await data_center.create()
    edit_often(data_center, key, 120)
    log = (await data_center.get(f"issue/{key}?expand=changelog")).body["changelog"]
    assert (log["total"], len(log["histories"])) == (120, 120)
    assert log["histories"][0]["items"][0]["toString"] == "s0"
    assert "fieldId" not in log["histories"][0]["items"][0]
    assert (await data_center.get(f"issue/{key}/changelog")).status == 404


async def test_cloud_cuts_off_what_it_expands_and_pages_the_rest(cloud: Asker) -> None:
    key = await cloud.create()
    edit_often(cloud, key, 120)
    single = (await cloud.get(f"issue/{key}?expand=changelog")).body["changelog"]
    assert (single["total"], len(single["histories"]), single["histories"][0]["items"][0]["toString"]) == (
        120,
        100,
        "s119",
    )
    found = await cloud.post("search/jql", {"jql": "project = PA", "fields": ["id"], "expand": "changelog"})
    assert len(found.body["issues"][0]["changelog"]["histories"]) == 40
    page = (await cloud.get(f"issue/{key}/changelog?startAt=100&maxResults=500")).body
    assert (page["maxResults"], len(page["values"]), page["isLast"]) == (100, 20, True)
    assert page["values"][0]["items"][0]["toString"] == "s100"
    ids = [int(page["values"][0]["id"])]
    listed = (await cloud.post(f"issue/{key}/changelog/list", {"changelogIds": ids})).body
    assert listed["histories"][0]["id"] == str(ids[0])


async def test_bulk_changelogs_tell_times_as_numbers_and_filter_fields(cloud: Asker) -> None:
    key = await cloud.create()
    edit_often(cloud, key, 3)
    cloud.simulator.as_user("anna").edit(key, labels=["x"])
    body = {"issueIdsOrKeys": [key], "fieldIds": ["summary"], "maxResults": 2}
    first = (await cloud.post("changelog/bulkfetch", body)).body
    histories = first["issueChangeLogs"][0]["changeHistories"]
    assert [entry["items"][0]["field"] for entry in histories] == ["summary", "summary"]
    assert isinstance(histories[0]["created"], int)
    second = (await cloud.post("changelog/bulkfetch", {**body, "nextPageToken": first["nextPageToken"]})).body
    assert len(second["issueChangeLogs"][0]["changeHistories"]) == 1
    assert "nextPageToken" not in second


async def test_items_read_as_jira_writes_them(either: Asker) -> None:
    key = await either.create(labels=["old"])
    anna = either.simulator.as_user("anna")
    anna.edit(key, labels=["new", "old"], priority="High", duedate="2026-12-24", assignee="bert")
    anna.edit(key, Points=1.5, Severity="Major", Colors=["Red", "Blue"], Place=["EU", "Rome"], Start="2026-01-02")
    histories = (await either.get(f"issue/{key}?expand=changelog")).body["changelog"]["histories"]
    items = {item["field"]: item for entry in histories for item in entry["items"]}
    bert = either.simulator.as_user("bert").user
    user_id = bert.account_id if either.simulator.traits.is_cloud else bert.key
    shown = {name: (item["to"], item["toString"]) for name, item in items.items()}
    assert shown["labels"] == (None, "new old")
    assert shown["priority"] == ("2", "High")
    assert shown["duedate"] == ("2026-12-24", "2026-12-24 00:00:00.0")
    assert shown["assignee"] == (user_id, "Bert Brecht")
    assert shown["Points"] == (None, "1.5")
    assert shown["Severity"][1] == "Major"
    assert shown["Colors"][1] == "Red,Blue"
    assert shown["Start"] == ("2026-01-02", "2/Jan/26")
    assert items["labels"]["fromString"] == "old"


async def test_a_move_is_told_by_project_and_key(either: Asker) -> None:
    key = await either.create()
    moved = either.simulator.as_user("anna").move(key, "OT")
    entry = (await either.get(f"issue/{moved.id}?expand=changelog")).body["changelog"]["histories"][0]
    assert [(item["field"], item["toString"]) for item in entry["items"]] == [("project", "Other"), ("Key", moved.key)]


async def test_history_metadata_comes_back_with_its_entry(either: Asker) -> None:
    key = await either.create()
    metadata = {"type": "sync", "generator": {"id": "backbone"}, "extraData": {"attempt": "7"}}
    body = {"fields": {"summary": "x"}, "historyMetadata": metadata}
    assert (await either.put(f"issue/{key}", body)).status == 204
    entry = (await either.get(f"issue/{key}?expand=changelog")).body["changelog"]["histories"][0]
    assert entry["historyMetadata"] == metadata
    assert (await either.put(f"issue/{key}", {**body, "historyMetadata": {"kind": 1}})).status == 400
