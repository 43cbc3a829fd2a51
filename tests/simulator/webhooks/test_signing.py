"""What a delivery looks like on its way: signature, headers, address."""

from __future__ import annotations

import hmac

import pytest

from backbone.simulator.webhooks.addresses import fill_in
from tests.simulator.webhooks.receiver import Received
from tests.simulator.webhooks.registering import SECRET, Hooked


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
