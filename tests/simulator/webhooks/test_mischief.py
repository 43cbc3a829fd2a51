"""What goes wrong with deliveries can be brought about at will."""

from __future__ import annotations

import hmac
from datetime import timedelta

import pytest

from backbone.simulator.webhooks import How
from tests.simulator.webhooks.receiver import Received
from tests.simulator.webhooks.registering import SECRET, Hooked


def told(received: list[Received]) -> list[str]:
    """The summaries that arrived, in order."""
    return [each.body["issue"]["fields"]["summary"] for each in received]


def is_genuine(received: Received) -> bool:
    digest = hmac.new(SECRET.encode(), received.raw, "sha256").hexdigest()
    return received.headers.get("X-Hub-Signature") == f"sha256={digest}"


async def test_deliveries_are_doubled(every: Hooked) -> None:
    await every.register()
    every.simulator.webhooks.faults.arm({"fault": "webhook-repeated", "copies": 2, "seconds": 60})
    every.anna.create("PA", "Bug", "Pump leaks")

    [first] = await every.due()
    [second] = await every.due(timedelta(seconds=60))
    [third] = await every.due(timedelta(seconds=60))
    assert first.raw == second.raw == third.raw
    names = ("X-Atlassian-Webhook-Identifier", "X-Atlassian-Webhook-Retry")
    seen = [[each.headers.get(name) for name in names] for each in (first, second, third)]
    same = first.headers.get(names[0])
    is_cloud = every.simulator.traits.is_cloud
    assert seen == ([[same, None], [same, "1"], [same, "2"]] if is_cloud else [[None, None]] * 3)


async def test_deliveries_are_late_up_to_half_an_hour_and_overtaken(every: Hooked) -> None:
    await every.register()
    every.simulator.webhooks.faults.arm({"fault": "webhook-late", "shortest": 1700, "times": 1})
    every.anna.create("PA", "Bug", "First")
    every.anna.create("PA", "Bug", "Second")

    assert told(await every.due()) == ["Second"]
    assert await every.due(timedelta(minutes=28)) == []
    assert told(await every.due(timedelta(minutes=2))) == ["First"]


async def test_deliveries_are_lost_by_chance_the_same_ones_for_a_seed(modern: Hooked) -> None:
    await modern.register()
    summaries = [f"Issue {number}" for number in range(30)]

    async def arrived(seed: int) -> list[str]:
        modern.simulator.webhooks.faults.clear()
        modern.simulator.webhooks.faults.arm({"fault": "webhook-lost", "probability": 0.5, "seed": seed})
        for summary in summaries:
            modern.anna.create("PA", "Bug", summary)
        return sorted(told(await modern.deliver()))

    first = await arrived(1)
    assert 0 < len(first) < len(summaries)
    assert await arrived(1) == first
    assert await arrived(2) != first


async def test_deliveries_arrive_in_reverse(every: Hooked) -> None:
    await every.register()
    every.simulator.webhooks.office.at_once = 1
    every.simulator.webhooks.faults.arm({"fault": "webhooks-reordered", "window": 3})
    for number in range(5):
        every.anna.create("PA", "Bug", str(number))

    assert told(await every.due()) == ["2", "1", "0"]
    assert await every.due(timedelta(seconds=59)) == []
    assert told(await every.due(timedelta(seconds=1))) == ["4", "3"]


async def test_what_waits_to_be_reordered_is_not_forgotten(every: Hooked) -> None:
    await every.register()
    every.simulator.webhooks.faults.arm({"fault": "webhooks-reordered", "window": 3})
    every.anna.create("PA", "Bug", "Delivered by hand")
    assert told(await every.deliver()) == ["Delivered by hand"]

    every.anna.create("PA", "Bug", "Pardoned")
    await every.root.ask("DELETE", "/__simulator__/webhooks/faults")
    assert told(await every.deliver()) == ["Pardoned"]


@pytest.mark.parametrize("how", [How.UNSIGNED, How.WRONG_SIGNATURE, How.TAMPERED])
@pytest.mark.parametrize("jira", ["10.3.17", "cloud"], indirect=True)
async def test_forgeries_without_the_secret_do_not_pass_a_check(jira: Hooked, how: How) -> None:
    await jira.register(secret=SECRET)
    jira.simulator.webhooks.faults.arm({"fault": "webhook-forged", "how": how})
    jira.anna.create("PA", "Bug", "Pump leaks")

    received = await jira.deliver()
    assert [is_genuine(each) for each in received].count(True) == 1
    assert len(received) == 2
    assert all(each.event == "jira:issue_created" for each in received)
    assert jira.simulator.webhooks.ledger.counts["forged"] == 1


@pytest.mark.parametrize("how", [How.UNKNOWN_ISSUE, How.FOREIGN_HOST])
@pytest.mark.parametrize("jira", ["10.3.17", "cloud"], indirect=True)
async def test_forgeries_with_a_stolen_secret_pass_it_but_name_nothing_true(jira: Hooked, how: How) -> None:
    number = await jira.register(secret=SECRET)
    issue = jira.anna.create("PA", "Bug", "Pump leaks")
    await jira.deliver()
    jira.simulator.webhooks.forge(number, how)

    [forged] = await jira.deliver()
    assert is_genuine(forged)
    body = forged.body["issue"]
    if how is How.UNKNOWN_ISSUE:
        assert (await jira.root.get(f"issue/{body['id']}")).status == 404
        assert (await jira.root.get(f"issue/{body['key']}")).status == 404
        assert body["self"].endswith(f"/issue/{body['id']}")
    else:
        assert body["id"] == str(issue.id)
        assert not body["self"].startswith(jira.simulator.url)


async def test_forgeries_are_not_tried_again(cloud: Hooked) -> None:
    number = await cloud.register(secret=SECRET)
    cloud.anna.create("PA", "Bug", "Pump leaks")
    await cloud.deliver()
    cloud.receiver.answers = [503]
    cloud.simulator.webhooks.forge(number, How.UNSIGNED)

    assert len(await cloud.deliver()) == 1


async def test_a_fault_strikes_only_what_it_names(every: Hooked) -> None:
    issue = every.anna.create("PA", "Bug", "Pump leaks")
    first = await every.register()
    second = await every.register(url=f"{every.receiver.url}/second")
    every.simulator.webhooks.faults.arm(
        {"fault": "webhook-lost", "event": "comment_*", "issue": issue.key, "webhook": second, "skip": 1, "times": 1}
    )
    for number in range(3):
        every.anna.comment(issue.key, f"Comment {number}")

    received = await every.deliver()
    comments = [each.path for each in received if each.event == "comment_created"]
    assert (first != second, comments.count("/hook"), comments.count("/hook/second")) == (True, 3, 2)
    assert len([each for each in received if each.event == "jira:issue_updated"]) == 6


async def test_faults_are_armed_listed_and_cleared_over_the_control_interface(every: Hooked) -> None:
    root = every.root
    armed = await root.ask("POST", "/__simulator__/webhooks/faults", {"fault": "webhook-lost", "times": 1})
    assert armed.status == 201
    await every.register()
    every.anna.create("PA", "Bug", "Lost")
    every.anna.create("PA", "Bug", "Told")

    listed = (await root.ask("GET", "/__simulator__/webhooks/faults")).body["faults"]
    assert [(each["id"], each["fitting"], each["struck"]) for each in listed] == [(armed.body["id"], 2, 1)]
    assert told(await every.deliver()) == ["Told"]
    one = f"/__simulator__/webhooks/faults/{armed.body['id']}"
    assert (await root.ask("DELETE", one)).body == {"faults": []}
    assert (await root.ask("DELETE", one)).status == 400


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ({"fault": "webhook-eaten"}, "webhook-repeated"),
        ({"fault": "webhook-lost", "probability": 2}, "probability"),
        ({"fault": "webhooks-reordered", "window": 1}, "window"),
        ({"fault": "webhook-late", "hours": 1}, "hours"),
    ],
)
async def test_a_fault_that_cannot_be_is_refused_with_a_reason(modern: Hooked, spec: object, word: str) -> None:
    reply = await modern.root.ask("POST", "/__simulator__/webhooks/faults", spec)

    assert (reply.status, word in reply.body["error"]) == (400, True)


async def test_the_control_interface_holds_delivers_forges_and_counts(every: Hooked) -> None:
    root = every.root
    number = await every.register()
    early = await root.ask("POST", "/__simulator__/webhooks/forgeries", {"webhook": number})
    assert (early.status, "nothing was sent" in early.body["error"]) == (400, True)
    every.anna.create("PA", "Bug", "Pump leaks")

    seen = (await root.ask("GET", "/__simulator__/webhooks")).body
    assert (seen["held"], [each["event"] for each in seen["waiting"]]) == (True, ["jira:issue_created"])
    assert (await root.ask("POST", "/__simulator__/webhooks/deliver", {"everything": True})).body == {"attempts": 1}
    await root.ask("POST", "/__simulator__/webhooks/forgeries", {"webhook": number, "how": "unsigned"})
    assert (await root.ask("POST", "/__simulator__/webhooks/deliver")).body == {"attempts": 1}

    seen = (await root.ask("GET", "/__simulator__/webhooks")).body
    assert [(each["status"], each["forged"]) for each in seen["attempts"]] == [(200, ""), (200, "unsigned")]
    assert (seen["waiting"], seen["events"]) == ([], {"jira:issue_created": 2})
    assert (seen["counts"]["attempts"], seen["counts"]["forged"]) == (2, 1)
    assert (await root.ask("PUT", "/__simulator__/webhooks", {"held": False, "at_once": 7})).body["at_once"] == 7
    assert (await root.ask("POST", "/__simulator__/webhooks/deliver", {"what": 1})).status == 400
