"""Webhooks of apps of Cloud: a token, the ids that matched, and thirty days."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta

from tests.simulator.webhooks.registering import CLASSIC, SECRET, Hooked

MONTH = timedelta(days=30)


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
