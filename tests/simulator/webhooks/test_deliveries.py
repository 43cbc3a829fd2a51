"""How deliveries are made: signed, addressed, repeated after failures, and by themselves."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from backbone.simulator.indexing import FixedLag
from backbone.simulator.webhooks import Webhooks
from backbone.simulator.webhooks.addresses import fill_in
from backbone.simulator.webhooks.postoffice import RETRIED, RetryPolicy
from tests.simulator.webhooks.receiver import Received
from tests.simulator.webhooks.registering import CLASSIC, SECRET, Hooked

MONTH = timedelta(days=30)
LONGEST_RETRY = timedelta(minutes=15)


def proof(received: Received, secret: str = SECRET, method: str = "sha256") -> str:
    return f"{method}={hmac.new(secret.encode(), received.raw, method).hexdigest()}"


@pytest.mark.parametrize("jira", ["10.3.17", "cloud"], indirect=True)
async def test_a_secret_signs_the_raw_body(jira: Hooked) -> None:
    await jira.register(secret=SECRET)
    jira.anna.create("PA", "Bug", "Pump läuft über")

    [received] = await jira.deliver()
    assert received.headers["X-Hub-Signature"] == proof(received)
    assert received.headers["X-Hub-Signature"] != proof(received, "another secret")


async def test_data_center_10_ignores_a_secret_outside_the_configuration(modern: Hooked) -> None:
    reply = await modern.root.post(modern.path, modern.body() | {"secret": SECRET})
    assert reply.status == 201
    modern.anna.create("PA", "Bug", "Pump leaks")

    [received] = await modern.deliver()
    assert "X-Hub-Signature" not in received.headers


async def test_an_update_of_data_center_10_without_the_secret_takes_it_away(modern: Hooked) -> None:
    number = await modern.register(secret=SECRET)
    await modern.root.put(f"{modern.path}/{number}", modern.body())
    modern.anna.create("PA", "Bug", "Pump leaks")

    [received] = await modern.deliver()
    assert "X-Hub-Signature" not in received.headers


async def test_data_center_before_10_signs_nothing(old: Hooked) -> None:
    await old.register(secret=SECRET)
    old.anna.create("PA", "Bug", "Pump leaks")

    [received] = await old.deliver()
    assert "X-Hub-Signature" not in received.headers


async def test_clouds_method_of_signing_can_be_another(cloud: Hooked) -> None:
    await cloud.register(secret=SECRET)
    await cloud.root.ask("PUT", "/__simulator__/webhooks", {"method": "sha512"})
    cloud.anna.create("PA", "Bug", "Pump leaks")

    [received] = await cloud.deliver()
    assert received.headers["X-Hub-Signature"] == proof(received, method="sha512")
    assert (await cloud.root.ask("PUT", "/__simulator__/webhooks", {"method": "rot13"})).status == 400


async def test_cloud_numbers_its_deliveries_and_says_which_lane_they_take(cloud: Hooked) -> None:
    issue = cloud.anna.create("PA", "Bug", "Pump leaks")
    cloud.anna.comment(issue.key, "Which one?")
    await cloud.register()
    cloud.anna.delete(issue.key)

    received = await cloud.deliver()
    lanes = {each.event: each.headers["X-Atlassian-Webhook-Flow"] for each in received}
    assert lanes == {"jira:issue_deleted": "Primary", "comment_deleted": "Secondary"}
    assert len({each.headers["X-Atlassian-Webhook-Identifier"] for each in received}) == len(received)
    assert not any("X-Atlassian-Webhook-Retry" in each.headers for each in received)


async def test_data_center_sends_few_headers(modern: Hooked) -> None:
    await modern.register()
    modern.anna.create("PA", "Bug", "Pump leaks")

    [received] = await modern.deliver()
    assert not [name for name in received.headers if name.startswith("X-")]
    assert received.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("jira", "filled"),
    [("8.20.30", "${issue.key}"), ("10.3.17", "{issue.key}"), ("cloud", "{issue.key}")],
    indirect=["jira"],
)
async def test_the_address_is_filled_in(jira: Hooked, filled: str) -> None:
    base = jira.receiver.url
    await jira.register(url=f"{base}/{filled}?project={filled.replace('issue', 'project')}")
    issue = jira.anna.create("PA", "Bug", "Pump leaks")

    [received] = await jira.deliver()
    assert received.path == f"/hook/{issue.key}?project=PA"


def test_what_is_filled_in_cannot_change_the_rest_of_the_address() -> None:
    filled = fill_in("http://127.0.0.1/{modifiedUser.name}", {"modifiedUser.name": "../a?b=c#d"}, with_dollar=False)

    assert filled == "http://127.0.0.1/..%2Fa%3Fb%3Dc%23d"


async def test_a_variable_of_the_old_form_stays_odd_since_10(modern: Hooked) -> None:
    await modern.register(url=f"{modern.receiver.url}/${{issue.key}}")
    issue = modern.anna.create("PA", "Bug", "Pump leaks")

    [received] = await modern.deliver()
    assert received.path == f"/hook/${issue.key}"


async def test_the_body_can_be_left_out(every: Hooked) -> None:
    word = {"configuration": {"EXCLUDE_BODY": "true"}} if every.simulator.webhooks.is_modern else {"excludeBody": True}
    await every.register(**word)
    every.anna.create("PA", "Bug", "Pump leaks")

    [received] = await every.deliver()
    assert received.raw == b""


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


async def test_a_dynamic_webhook_carries_a_token_of_the_app_and_the_ids_that_matched(cloud: Hooked) -> None:
    asked = {"user": "anna", "url": cloud.receiver.url, "events": ["jira:issue_created"], "secret": SECRET}
    first = (await cloud.root.ask("POST", "/__simulator__/webhooks/dynamic", asked | {"jql": "project = PA"})).body[
        "id"
    ]
    second = (await cloud.root.ask("POST", "/__simulator__/webhooks/dynamic", asked)).body["id"]
    cloud.anna.create("PA", "Bug", "Pump leaks")

    [received] = await cloud.deliver()
    assert received.body["matchedWebhookIds"] == [first, second]
    assert "X-Hub-Signature" not in received.headers
    head, claims, signature = received.headers["Authorization"].removeprefix("Bearer ").split(".")
    digest = hmac.digest(SECRET.encode(), f"{head}.{claims}".encode(), "sha256")
    assert base64.urlsafe_b64decode(signature + "=") == digest
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["exp"] > cloud.simulator.world.clock().timestamp()


async def test_a_dynamic_webhook_is_silent_after_thirty_days_unless_refreshed(cloud: Hooked) -> None:
    asked = {"user": "anna", "url": cloud.receiver.url, "events": ["jira:issue_created"]}
    number = (await cloud.root.ask("POST", "/__simulator__/webhooks/dynamic", asked)).body["id"]
    cloud.simulator.world.clock.advance(MONTH - timedelta(seconds=1))
    cloud.anna.create("PA", "Bug", "Still told")
    assert len(await cloud.deliver()) == 1

    cloud.simulator.world.clock.advance(timedelta(seconds=1))
    cloud.anna.create("PA", "Bug", "Not told")
    assert await cloud.deliver() == []

    await cloud.root.ask("PUT", "/__simulator__/webhooks/dynamic", {"webhook": number})
    cloud.anna.create("PA", "Bug", "Told again")
    assert len(await cloud.deliver()) == 1


async def test_apps_may_not_ask_for_everything(cloud: Hooked) -> None:
    asked = {"user": "anna", "url": cloud.receiver.url, "events": ["jira:issue_created"]}

    async def refused(**words: object) -> str:
        reply = await cloud.root.ask("POST", "/__simulator__/webhooks/dynamic", asked | words)
        assert reply.status == 400
        return str(reply.body["error"])

    assert "attachment_created" in await refused(events=["attachment_created"])
    assert "loopback" in await refused(url="https://example.com")
    await cloud.root.ask("POST", "/__simulator__/webhooks/dynamic", asked)
    assert "single URL" in await refused(url=f"{cloud.receiver.url}/other")
    assert (await cloud.root.get(f"{CLASSIC}/1")).status == 404
