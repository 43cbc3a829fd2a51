"""Webhooks are registered as each product and version wants it, by administrators only."""

from __future__ import annotations

import pytest

from tests.simulator.webhooks.registering import CLASSIC, FILTER, MODERN, SECRET, Hooked


async def test_a_registration_can_be_read_changed_and_deleted(every: Hooked) -> None:
    number = await every.register(jql="project = PA")
    path = f"{every.path}/{number}"

    read = await every.root.get(path)
    assert (read.status, read.body["name"], read.body["url"]) == (200, "a hook", every.receiver.url)
    assert [each["name"] for each in (await every.root.get(every.path)).body] == ["a hook"]

    changed = await every.root.put(path, every.body(name="another", events=["comment_created"]))
    assert (changed.status, changed.body["name"], changed.body["events"]) == (200, "another", ["comment_created"])

    assert (await every.root.delete(path)).status == 204
    assert (await every.root.get(path)).status == 404
    assert (await every.root.get(every.path)).body == []


async def test_only_administrators_see_and_make_registrations(every: Hooked) -> None:
    number = await every.register()
    for method, path in (("GET", every.path), ("POST", every.path), ("DELETE", f"{every.path}/{number}")):
        body = every.body() if method == "POST" else None
        assert (await every.asker.like("anna").ask(method, path, body)).status == 403
        assert (await every.asker.like("").ask(method, path, body)).status == 401
    assert len(every.simulator.webhooks.registry) == 1


async def test_each_version_has_one_address_and_the_other_is_not_there(every: Hooked) -> None:
    other = CLASSIC if every.path == MODERN else MODERN
    assert (await every.root.get(other)).status == 404
    assert (await every.root.post(other, every.body())).status == 404


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/x",
        "http://10.0.0.7:8080/",
        "http://169.254.169.254/",
        "http://[::2]/",
        "ftp://localhost/",
    ],
)
async def test_addresses_beyond_this_machine_are_refused_with_a_reason(every: Hooked, url: str) -> None:
    reply = await every.post(url=url)

    assert reply.status == 400
    assert (
        "loopback addresses only" in reply.body["errorMessages"][0]
        or "not a valid URL" in reply.body["errorMessages"][0]
    )
    assert len(every.simulator.webhooks.registry) == 0


@pytest.mark.parametrize(
    "url", ["http://localhost:9/a", "http://127.8.0.1:9/a", "http://[::1]:9/a", "https://localhost/a"]
)
async def test_every_loopback_address_is_allowed(every: Hooked, url: str) -> None:
    assert (await every.post(url=url)).status == 201


async def test_a_query_that_is_wrong_is_refused(every: Hooked) -> None:
    reply = await every.post(jql="nonsense = PA")

    assert reply.status == 400
    assert "nonsense" in reply.body["errorMessages"][0]


async def test_unknown_events_filters_and_words_are_refused(every: Hooked) -> None:
    assert (await every.post(events=["jira:issue_sneezed"])).status == 400
    assert (await every.post(filters={"other-section": "x"})).status == 400
    assert (await every.post(colour="red")).status == 400
    assert (await every.post(name="")).status == 400


async def test_events_that_never_happen_here_may_be_asked_for(every: Hooked) -> None:
    assert (await every.post(events=["worklog_created", "issuelink_deleted"])).status == 201


async def test_cloud_tells_whether_a_secret_is_set_but_never_the_secret(cloud: Hooked) -> None:
    signed = await cloud.post(secret=SECRET)
    plain = await cloud.post()

    assert (signed.body["isSigned"], plain.body["isSigned"]) == (True, False)
    assert SECRET not in str(signed.body)


async def test_cloud_keeps_a_secret_that_an_update_does_not_name(cloud: Hooked) -> None:
    path = f"{CLASSIC}/{await cloud.register(secret=SECRET)}"

    assert (await cloud.root.put(path, {"name": "renamed"})).body["isSigned"] is True
    assert (await cloud.root.put(path, {"secret": ""})).body["isSigned"] is False


async def test_data_center_10_shows_its_configuration_without_the_secret(modern: Hooked) -> None:
    reply = await modern.post(configuration={"SECRET": SECRET, "EXCLUDE_BODY": "false"}, sslVerificationRequired=False)

    assert reply.body["configuration"] == {"EXCLUDE_BODY": "false"}
    assert (reply.body["active"], reply.body["scopeType"], reply.body["sslVerificationRequired"]) == (
        True,
        "global",
        False,
    )
    assert isinstance(reply.body["id"], int)


async def test_old_data_center_names_who_changed_it_last(old: Hooked) -> None:
    reply = await old.post(jql="project = PA")

    assert reply.body["lastUpdatedDisplayName"] == "Root"
    assert reply.body["filters"] == {FILTER: "project = PA"}
    assert "isSigned" not in reply.body


async def test_dynamic_webhooks_refuse_accounts_with_an_api_token(cloud: Hooked) -> None:
    asked = {"url": cloud.receiver.url, "webhooks": [{"events": ["jira:issue_created"], "jqlFilter": "project = PA"}]}
    for caller in (cloud.root, cloud.root.version("3"), cloud.asker):
        reply = await caller.post("webhook", asked)
        assert (reply.status, "Only Connect and OAuth 2.0 apps" in reply.body["errorMessages"][0]) == (403, True)
        assert (await caller.get("webhook")).status == 403
        assert (await caller.put("webhook/refresh", {"webhookIds": [1]})).status == 403


async def test_dynamic_webhooks_want_strangers_to_log_in(cloud: Hooked) -> None:
    assert (await cloud.asker.like("").get("webhook")).status == 401


async def test_data_center_has_no_dynamic_webhooks(modern: Hooked) -> None:
    assert (await modern.root.get("webhook")).status == 404


async def test_calls_are_counted_under_their_own_names(every: Hooked) -> None:
    await every.register()

    assert every.simulator.calls.of(f"POST {every.path.lstrip('/')}") == 1


async def test_a_reset_forgets_registrations(every: Hooked) -> None:
    await every.register()
    await every.root.ask("POST", "/__simulator__/reset")

    assert (await every.root.get(every.path)).body == []
