"""``/rest/webhooks/1.0/webhook``: administrators' webhooks of Data Center up to 9 and of Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from backbone.simulator.rest.call import Body, Call, answer, no_content
from backbone.simulator.rest.endpoints import Endpoint, both
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.times import epoch_milliseconds
from backbone.simulator.webhooks.input import (
    administrator,
    events_of,
    filters_of,
    text_of,
    url_of,
    webhook_of,
    yes_or_no,
)
from backbone.simulator.webhooks.registrations import Webhook

PATH = "rest/webhooks/1.0/webhook"
SHOWN_TOO = ("self", "lastUpdated", "lastUpdatedUser", "lastUpdatedDisplayName", "isSigned")
KNOWN = ("name", "url", "events", "filters", "excludeBody", "enabled", "secret", *SHOWN_TOO)
Secret = str | None


def shown(call: Call, webhook: Webhook) -> Body:
    """A registration; the secret is never shown, Cloud tells whether there is one."""
    owner = call.world.users[webhook.owner]
    body: Body = {
        "name": webhook.name,
        "url": webhook.url,
        "excludeBody": webhook.exclude_body,
        "filters": dict(webhook.filters),
        "events": list(webhook.events),
        "enabled": webhook.active,
        "self": f"{call.base}/{PATH}/{webhook.id}",
        "lastUpdatedUser": owner.account_id if call.traits.is_cloud else owner.key,
        "lastUpdatedDisplayName": owner.display_name,
        "lastUpdated": epoch_milliseconds(webhook.updated),
    }
    if call.traits.is_cloud:
        body["isSigned"] = webhook.secret is not None
    return body


def _secret(call: Call, body: Mapping[str, object], present: Secret) -> Secret:
    """Cloud keeps a secret that is not named; Data Center up to 9 ignores the word, and signs nothing."""
    if not call.traits.is_cloud:
        return None
    if "secret" not in body:
        return present
    return text_of(body, "secret") or None


def _changed(call: Call, webhook: Webhook, body: Body) -> Webhook:
    return replace(
        webhook,
        name=text_of(body, "name", webhook.name),
        url=url_of(body, webhook.url),
        events=events_of(body, webhook.events),
        filters=filters_of(call, body, webhook.filters),
        exclude_body=yes_or_no(body, "excludeBody", otherwise=webhook.exclude_body),
        active=yes_or_no(body, "enabled", otherwise=webhook.active),
        secret=_secret(call, body, webhook.secret),
        owner=call.user.key,
        updated=call.world.clock(),
    )


async def list_all(call: Call) -> web.StreamResponse:
    """``GET webhook``."""
    administrator(call)
    return answer([shown(call, webhook) for webhook in call.site.webhooks.registry])


async def register(call: Call) -> web.StreamResponse:
    """``POST webhook``: name and address are needed."""
    administrator(call)
    body = await call.body(KNOWN)
    if not text_of(body, "name") or not text_of(body, "url"):
        raise Refused(400, body={"messages": [{"key": "Name and url are required."}]})
    now = call.world.clock()
    blank = Webhook(id=0, name="", url="", events=(), owner=call.user.key, created=now, updated=now)
    checked = _changed(call, blank, body)
    registry = call.site.webhooks.registry
    return answer(shown(call, registry.put(replace(checked, id=registry.next_id()))), 201)


async def read(call: Call) -> web.StreamResponse:
    """``GET webhook/{id}``."""
    administrator(call)
    return answer(shown(call, webhook_of(call)))


async def change(call: Call) -> web.StreamResponse:
    """``PUT webhook/{id}``: what is not named stays."""
    administrator(call)
    webhook = webhook_of(call)
    changed = _changed(call, webhook, await call.body(KNOWN))
    return answer(shown(call, call.site.webhooks.registry.put(changed)))


async def delete(call: Call) -> web.StreamResponse:
    """``DELETE webhook/{id}``."""
    administrator(call)
    call.site.webhooks.registry.remove(webhook_of(call).id)
    return no_content()


ENDPOINTS: tuple[Endpoint, ...] = (
    both("GET", PATH, list_all),
    both("POST", PATH, register),
    both("GET", f"{PATH}/{{webhook}}", read),
    both("PUT", f"{PATH}/{{webhook}}", change),
    both("DELETE", f"{PATH}/{{webhook}}", delete),
)
