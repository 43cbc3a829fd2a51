"""How deliveries are made: after failures, by themselves, by hand, and to this machine only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from backbone.simulator.indexing import FixedLag
from backbone.simulator.webhooks import Webhooks
from backbone.simulator.webhooks.postoffice import RETRIED, RetryPolicy
from tests.simulator.webhooks.registering import SECRET, Hooked

MONTH = timedelta(days=30)
LONGEST_RETRY = timedelta(minutes=15)


@pytest.mark.parametrize("status", [*sorted(RETRIED), 500, 503])
async def test_cloud_tries_again_with_the_same_identifier_after_five_to_fifteen_minutes(
    cloud: Hooked, status: int
) -> None:
    await cloud.register(secret=SECRET)
    cloud.anna.create("PA", "Bug", "Pump leaks")
    cloud.receiver.answers = [status]

    [first] = await cloud.due()
    assert await cloud.due(timedelta(minutes=4, seconds=59)) == []
    [second] = await cloud.due(timedelta(minutes=10, seconds=2))
    assert second.raw == first.raw
    assert second.headers["X-Atlassian-Webhook-Retry"] == "1"
    assert "X-Atlassian-Webhook-Retry" not in first.headers
    for name in ("X-Atlassian-Webhook-Identifier", "X-Hub-Signature"):
        assert second.headers[name] == first.headers[name]
    assert cloud.simulator.webhooks.waiting == []


async def test_cloud_gives_up_after_five_retries(cloud: Hooked) -> None:
    await cloud.register()
    cloud.anna.create("PA", "Bug", "Pump leaks")
    cloud.receiver.answers = [503] * 10

    received = await cloud.deliver()
    assert [each.headers.get("X-Atlassian-Webhook-Retry") for each in received] == [None, "1", "2", "3", "4", "5"]
    counts = cloud.simulator.webhooks.ledger.counts
    assert (counts["retries"], counts["failure"], counts["lost"], counts["success"]) == (5, 6, 1, 0)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 302])
async def test_cloud_does_not_repeat_what_was_refused_for_good(cloud: Hooked, status: int) -> None:
    await cloud.register()
    cloud.anna.create("PA", "Bug", "Pump leaks")
    cloud.receiver.answers = [status]

    assert len(await cloud.deliver()) == 1
    assert cloud.simulator.webhooks.ledger.counts["lost"] == 1


async def test_cloud_reaches_a_receiver_that_was_down(cloud: Hooked) -> None:
    await cloud.register()
    await cloud.receiver.stop()
    issue = cloud.anna.create("PA", "Bug", "Pump leaks")
    assert await cloud.due() == []

    await cloud.receiver.start()
    [received] = await cloud.due(LONGEST_RETRY)
    assert received.body["issue"]["key"] == issue.key
    assert received.headers["X-Atlassian-Webhook-Retry"] == "1"


@pytest.mark.parametrize("jira", ["8.20.30", "10.3.17"], indirect=True)
async def test_data_center_loses_what_a_receiver_did_not_take(jira: Hooked) -> None:
    await jira.register()
    await jira.receiver.stop()
    jira.anna.create("PA", "Bug", "Lost while the receiver is down")
    await jira.deliver()
    await jira.receiver.start()
    jira.receiver.answers = [503]
    jira.anna.create("PA", "Bug", "Lost because it was refused")

    assert len(await jira.deliver()) == 1
    assert await jira.due(MONTH) == []
    counts = jira.simulator.webhooks.ledger.counts
    assert (counts["error"], counts["failure"], counts["lost"]) == (1, 1, 2)


async def test_what_got_past_the_registration_is_still_not_sent_to_other_machines(every: Hooked) -> None:
    number = await every.register()
    registry = every.simulator.webhooks.registry
    webhook = registry.find(number)
    assert webhook is not None
    registry.put(replace(webhook, url="http://hooks.example.com/"))
    every.anna.create("PA", "Bug", "Pump leaks")

    every.simulator.webhooks.office.policy = RetryPolicy(most=0)
    assert await every.deliver() == []
    [attempt] = every.simulator.webhooks.ledger.attempts
    assert (attempt.status, "loopback addresses only" in attempt.problem) == (0, True)


async def test_a_delivery_may_arrive_before_searches_find_the_issue(every: Hooked) -> None:
    every.simulator.index.lag = FixedLag(span=timedelta(seconds=30))
    await every.register()
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    path = f"{'search/jql' if every.simulator.traits.is_cloud else 'search'}?jql=project=PA"

    [received] = await every.due()
    assert received.body["issue"]["key"] == issue.key
    assert (await every.asker.get(f"issue/{received.body['issue']['id']}")).status == 200
    assert (await every.asker.get(path)).body["issues"] == []
    every.simulator.world.clock.advance(timedelta(seconds=31))
    assert len((await every.asker.get(path)).body["issues"]) == 1


async def test_redirects_are_not_followed(every: Hooked) -> None:
    await every.register(url=f"{every.receiver.url}")
    every.anna.create("PA", "Bug", "Pump leaks")
    every.receiver.answers = [307]

    assert [each.path for each in await every.deliver()] == ["/hook"]


async def test_deliveries_leave_by_themselves_while_the_simulator_runs(every: Hooked) -> None:
    await every.register()
    every.simulator.webhooks.release()
    every.anna.create("PA", "Bug", "Pump leaks")

    await asyncio.wait_for(every.receiver.arrived.wait(), 10)
    assert every.receiver.events == ["jira:issue_created"]


async def test_a_delivery_for_later_leaves_by_itself_when_the_clock_gets_there(cloud: Hooked) -> None:
    await cloud.register()
    cloud.receiver.answers = [503]
    cloud.anna.create("PA", "Bug", "Pump leaks")
    await cloud.due()
    cloud.simulator.webhooks.release()
    cloud.anna.create("PA", "Bug", "Told at once")
    await asyncio.wait_for(cloud.receiver.has(2), 10)
    await cloud.simulator.webhooks.deliver_due()

    cloud.simulator.world.clock.advance(LONGEST_RETRY)
    await asyncio.wait_for(cloud.receiver.has(3), 10)
    assert cloud.receiver.received[-1].headers["X-Atlassian-Webhook-Retry"] == "1"


async def test_what_waits_for_a_deleted_registration_is_dropped(every: Hooked) -> None:
    number = await every.register()
    every.anna.create("PA", "Bug", "Pump leaks")
    await every.root.delete(f"{every.path}/{number}")

    assert await every.deliver() == []
    assert every.simulator.webhooks.ledger.counts["dropped"] == 1


async def test_the_order_of_one_issue_is_kept_unless_told_otherwise(every: Hooked) -> None:
    await every.register()
    every.simulator.webhooks.office.at_once = 1
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    for number in range(5):
        every.anna.edit(issue.key, summary=f"Version {number}")

    told = [each.body["issue"]["fields"]["summary"] for each in await every.deliver()]
    assert told == ["Pump leaks", *(f"Version {number}" for number in range(5))]


async def test_a_receiver_that_takes_its_time_holds_up_nobody_else(every: Hooked) -> None:
    await every.register(url=f"{every.receiver.url}/slow")
    every.simulator.webhooks.release()
    every.anna.create("PA", "Bug", "Pump leaks")
    await asyncio.wait_for(every.receiver.arrived.wait(), 10)

    await every.register(url=f"{every.receiver.url}/quick")
    every.receiver.arrived.clear()
    every.anna.create("PA", "Bug", "Another")
    await asyncio.wait_for(every.receiver.arrived.wait(), 10)
    assert "/hook/quick" in [each.path for each in every.receiver.received]
    assert every.receiver.under_way > 0
    every.receiver.patience.set()


@pytest.mark.parametrize(("jira", "most"), [("8.20.30", 1), ("10.3.17", 4), ("cloud", 1)], indirect=["jira"])
async def test_only_data_center_10_makes_several_deliveries_of_a_webhook_together(jira: Hooked, most: int) -> None:
    await jira.register(url=f"{jira.receiver.url}/slow")
    for number in range(6):
        jira.anna.create("PA", "Bug", str(number))
    delivering = asyncio.create_task(jira.simulator.webhooks.deliver_all())
    await asyncio.wait_for(jira.receiver.has(most), 10)
    jira.receiver.patience.set()
    await delivering

    assert len(jira.receiver.received) == 6
    assert jira.receiver.most_under_way == most


@pytest.mark.parametrize("by_hand", [Webhooks.deliver_due, Webhooks.deliver_all])
async def test_delivering_by_hand_waits_for_what_is_already_under_way(
    modern: Hooked, by_hand: Callable[[Webhooks], Awaitable[None]]
) -> None:
    await modern.register(url=f"{modern.receiver.url}/slow")
    modern.simulator.webhooks.release()
    modern.anna.create("PA", "Bug", "Pump leaks")
    await asyncio.wait_for(modern.receiver.has(1), 10)

    delivering = asyncio.ensure_future(by_hand(modern.simulator.webhooks))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not delivering.done()
    modern.receiver.patience.set()
    await delivering
    assert modern.simulator.webhooks.ledger.counts["success"] == 1


async def test_what_waits_leaves_when_a_stopped_simulator_starts_again(every: Hooked) -> None:
    await every.register()
    every.anna.create("PA", "Bug", "Pump leaks")
    await every.simulator.stop()
    assert every.receiver.received == []

    every.simulator.webhooks.release()
    await every.simulator.start()
    await asyncio.wait_for(every.receiver.arrived.wait(), 10)
    assert every.receiver.events == ["jira:issue_created"]


async def test_a_reset_of_the_world_leaves_nothing_to_deliver_and_goes_on_telling(every: Hooked) -> None:
    await every.register()
    every.anna.create("PA", "Bug", "Before")
    await every.root.ask("POST", "/__simulator__/reset")
    assert await every.deliver() == []

    every.simulator.webhooks.hold()
    await every.register()
    every.anna.create("PA", "Bug", "After")
    assert [each.body["issue"]["fields"]["summary"] for each in await every.deliver()] == ["After"]
    assert every.simulator.webhooks.ledger.counts["accepted"] == 1


async def test_data_center_10_tells_how_deliveries_came_off(modern: Hooked) -> None:
    path = f"{modern.path}/{await modern.register()}"
    assert (await modern.root.get(f"{path}/latest")).status == 204

    modern.receiver.answers = [200, 503]
    issue = modern.anna.create("PA", "Bug", "Pump leaks")
    await modern.deliver()
    modern.anna.edit(issue.key, summary="Pump leaks oil")
    await modern.deliver()

    latest = (await modern.root.get(f"{path}/latest")).body
    assert (latest["event"], latest["result"]) == ("jira:issue_updated", {"description": "503", "outcome": "FAILURE"})
    success = (await modern.root.get(f"{path}/latest?outcome=success")).body
    assert (success["event"], success["request"]["method"]) == ("jira:issue_created", "POST")
    told = (await modern.root.get(f"{path}/statistics")).body
    counts = {name: told["counts"][name] for name in ("successes", "failures", "errors")}
    assert counts == {"successes": 1, "failures": 1, "errors": 0}
    summary = (await modern.root.get(f"{path}/statistics/summary")).body
    assert summary["jira:issue_updated"]["counts"]["failures"] == 1
    assert (await modern.root.get(f"{modern.path}?statistics=true")).body[0]["statistics"]["counts"]["successes"] == 1
