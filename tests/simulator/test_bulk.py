"""Many issues in one call."""

from __future__ import annotations

from tests.simulator.asking import Asker


def update(summary: str | None = "x") -> dict[str, object]:
    fields = {"project": {"key": "PA"}, "issuetype": {"name": "Bug"}}
    return {"fields": fields | ({"summary": summary} if summary else {}), "properties": [{"key": "mark", "value": 1}]}


async def test_the_good_ones_are_created_and_the_others_named_by_position(either: Asker) -> None:
    reply = await either.post("issue/bulk", {"issueUpdates": [update("a"), update(None), update("c")]})
    assert reply.status == 201
    assert len(reply.body["issues"]) == 2
    error = reply.body["errors"][0]
    assert (error["failedElementNumber"], error["status"]) == (1, 400)
    assert "summary" in error["elementErrors"]["errors"]
    mark = await either.get(f"issue/{reply.body['issues'][1]['key']}/properties/mark")
    assert mark.body == {"key": "mark", "value": 1}


async def test_all_failed_is_a_bad_request_with_a_list(either: Asker) -> None:
    reply = await either.post("issue/bulk", {"issueUpdates": [update(None)]})
    assert (reply.status, reply.body["issues"], len(reply.body["errors"])) == (400, [], 1)


async def test_cloud_creates_fifty_at_most(either: Asker) -> None:
    reply = await either.post("issue/bulk", {"issueUpdates": [update()] * 51})
    assert reply.status == (400 if either.simulator.traits.is_cloud else 201)


async def test_bulkfetch_sorts_by_id_and_leaves_out_the_invisible(cloud: Asker) -> None:
    first, second = await cloud.create("a"), await cloud.create("b")
    hidden = cloud.simulator.as_user("bert").create("SEC", "Bug", "h")
    body = {"issueIdsOrKeys": [second, first, hidden.key, "PA-99"], "fields": ["summary"], "properties": ["*all"]}
    reply = await cloud.post("issue/bulkfetch", body)
    assert [issue["fields"]["summary"] for issue in reply.body["issues"]] == ["a", "b"]
    assert reply.body["issueErrors"] == []


async def test_bulkfetch_takes_a_hundred_heavy_or_a_thousand_light_issues(cloud: Asker) -> None:
    ids = [str(number) for number in range(20_000, 20_101)]
    assert (await cloud.post("issue/bulkfetch", {"issueIdsOrKeys": ids})).status == 400
    assert (await cloud.post("issue/bulkfetch", {"issueIdsOrKeys": ids, "fields": ["comment"]})).status == 400
    assert (await cloud.post("issue/bulkfetch", {"issueIdsOrKeys": ids, "fields": ["summary"]})).status == 200
