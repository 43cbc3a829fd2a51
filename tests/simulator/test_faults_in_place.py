"""Faults, limits and the index in front of a whole pretend Jira, armed over its control interface."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode

import aiohttp
import pytest

from backbone.simulator.faults import fault_names
from backbone.simulator.indexing import FixedLag
from tests.simulator.asking import Asker

JQL = "project = PA ORDER BY key"


async def arm(asker: Asker, **spec: object) -> None:
    assert (await asker.ask("POST", "/__simulator__/faults", spec)).status == 201


async def fill(asker: Asker, count: int) -> list[str]:
    return [await asker.create(f"n{number}") for number in range(count)]


async def at_once(seconds: float) -> None:
    assert seconds > 0


async def token_pages(cloud: Asker, method: str) -> list[list[str]]:
    """All pages of Cloud, by either method."""
    found: list[list[str]] = []
    token = ""
    while len(found) < 20:
        given = {"jql": JQL, "fields": "key", "maxResults": "3"} | ({"nextPageToken": token} if token else {})
        keys, token = await token_page(cloud, method, given)
        found.append(keys)
        if not token:
            break
    return found


async def token_page(cloud: Asker, method: str, given: Mapping[str, str]) -> tuple[list[str], str]:
    """The keys of a page and the token of the next one."""
    if method == "GET":
        reply = await cloud.get(f"search/jql?{urlencode(given)}")
    else:
        reply = await cloud.post("search/jql", {**given, "fields": ["key"], "maxResults": int(given["maxResults"])})
    assert reply.status == 200
    return [issue["key"] for issue in reply.body["issues"]], reply.body.get("nextPageToken", "")


@pytest.mark.parametrize("name", fault_names())
async def test_every_fault_lets_the_site_recover_when_it_is_disarmed(either: Asker, name: str) -> None:
    key = await either.create("steady")
    either.simulator.faults.sleep = at_once
    await arm(either, fault=name)
    with suppress(aiohttp.ClientError, ValueError):  # some faults break the answer itself
        await either.get(f"issue/{key}")

    await either.ask("DELETE", "/__simulator__/faults")

    assert (await either.get(f"issue/{key}?fields=summary")).body["fields"] == {"summary": "steady"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("spec", "sizes"),
    [
        ({"fault": "page-size-clamp", "sizes": [1, 2]}, [1, 2, 1, 1]),
        ({"fault": "empty-page", "times": 1}, [0, 3, 2]),
        ({"fault": "repeated-page-token"}, [3, 2, 2]),
    ],
)
async def test_pages_of_cloud_go_wrong_and_lose_nothing(
    cloud: Asker, method: str, spec: dict[str, object], sizes: list[int]
) -> None:
    keys = await fill(cloud, 5)
    await arm(cloud, **spec)

    found = await token_pages(cloud, method)

    assert [len(page) for page in found] == sizes
    assert list(dict.fromkeys(key for page in found for key in page)) == keys


async def test_pages_of_data_center_are_cut_and_say_so(data_center: Asker) -> None:
    await fill(data_center, 5)
    await arm(data_center, fault="page-size-clamp", sizes=[2])

    got = await data_center.get(f"search?{urlencode({'jql': JQL, 'maxResults': 1000})}")
    posted = await data_center.post("search", {"jql": JQL, "maxResults": 1000})

    for reply in (got, posted):
        assert (len(reply.body["issues"]), reply.body["maxResults"], reply.body["total"]) == (2, 2, 5)


async def test_answer_to_a_create_is_lost_and_the_issue_exists(either: Asker) -> None:
    await arm(either, fault="answer-lost", method="POST", path="/rest/api/*/issue", times=1)

    with pytest.raises(aiohttp.ClientConnectionError):
        await either.create("lost")

    assert [issue.values["summary"] for issue in either.simulator.world.issues.values()] == ["lost"]


async def test_bulk_create_fails_in_part(either: Asker) -> None:
    await arm(either, fault="partial-bulk-create", elements=[1], field="summary")
    fields = {"project": {"key": "PA"}, "issuetype": {"name": "Bug"}}
    updates = [{"fields": {**fields, "summary": name}} for name in ("a", "b", "c")]

    reply = await either.post("issue/bulk", {"issueUpdates": updates})

    assert reply.status == 201
    assert [error["failedElementNumber"] for error in reply.body["errors"]] == [1]
    assert [issue.values["summary"] for issue in either.simulator.world.issues.values()] == ["a", "c"]


async def test_index_that_lags_hides_an_issue_until_it_is_reconciled_or_time_has_passed(cloud: Asker) -> None:
    simulator = cloud.simulator
    simulator.index.lag = FixedLag(span=timedelta(seconds=30))
    await cloud.create("late")
    (issue_id,) = simulator.world.issues

    async def found(**more: object) -> int:
        return len((await cloud.post("search/jql", {"jql": JQL, **more})).body["issues"])

    assert await found() == 0
    assert await found(reconcileIssues=[issue_id]) == 1
    simulator.world.clock.advance(timedelta(seconds=30))
    assert await found() == 1


async def test_limits_are_arranged_and_read_over_the_control_interface(data_center: Asker) -> None:
    limits = {"limits": {"data_center": {"limit": 2, "fill_rate": 1}}}
    assert (await data_center.ask("PUT", "/__simulator__/limits", limits)).status == 200

    statuses = [(await data_center.get("myself")).status for _ in range(3)]
    usage = await data_center.ask("GET", "/__simulator__/limits")

    assert statuses == [200, 200, 429]
    assert "'granted': 2, 'refused': 1" in str(usage.body)


async def test_missing_id_refuses_the_whole_query_as_in_jira(either: Asker) -> None:
    await either.create()
    (issue_id,) = either.simulator.world.issues
    path = "search/jql" if either.simulator.traits.is_cloud else "search"

    reply = await either.post(path, {"jql": f"id in ({issue_id}, 4711) AND (project = PA)"})

    assert reply.status == 400
    assert reply.body["errorMessages"] == ["A value with ID '4711' does not exist for the field 'id'."]
