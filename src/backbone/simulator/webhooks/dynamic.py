"""``webhook`` below the REST interface of Cloud: for apps only, so it refuses everybody who can call here.

Apps log in by Connect or OAuth, which the simulator does not offer; their webhooks are registered over the
control interface, live for 30 days and are delivered with ``matchedWebhookIds``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from backbone.simulator.rest.call import Call
from backbone.simulator.rest.endpoints import Endpoint, only_cloud
from backbone.simulator.rest.errors import Refused
from backbone.simulator.webhooks.addresses import check_address
from backbone.simulator.webhooks.happenings import DYNAMIC_EVENTS
from backbone.simulator.webhooks.registrations import DYNAMIC_LIFE, ISSUE_FILTER, Kind, Webhook
from backbone.simulator.webhooks.switchboard import Webhooks

ONLY_APPS = "Only Connect and OAuth 2.0 apps can use this operation."


async def refuse(call: Call) -> web.StreamResponse:
    """403 for accounts with an API token."""
    _ = call.user
    raise Refused(403, ONLY_APPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What an app asks for on behalf of a user (by key); ``secret`` is the client secret of the app."""

    owner: str
    url: str
    events: tuple[str, ...]
    jql: str = ""
    secret: str | None = None


def register_for_app(webhooks: Webhooks, asked: Application, now: datetime) -> Webhook:
    """Register a dynamic webhook; ``ValueError`` for what apps may not."""
    check_address(asked.url)
    refused = [event for event in asked.events if event not in DYNAMIC_EVENTS]
    if refused or not asked.events:
        raise ValueError(f"dynamic webhooks carry no such events: {', '.join(refused) or 'none named'}")
    if any(webhook.kind is Kind.DYNAMIC and webhook.url != asked.url for webhook in webhooks.registry):
        raise ValueError("Only a single URL per app is allowed to be registered via REST API.")
    return webhooks.registry.put(
        Webhook(
            id=webhooks.registry.next_id(),
            name="",
            url=asked.url,
            events=asked.events,
            owner=asked.owner,
            created=now,
            updated=now,
            kind=Kind.DYNAMIC,
            filters={ISSUE_FILTER: asked.jql} if asked.jql else {},
            secret=asked.secret,
            expires=now + DYNAMIC_LIFE,
        )
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    only_cloud("GET", "webhook", refuse, "startAt maxResults"),
    only_cloud("POST", "webhook", refuse),
    only_cloud("DELETE", "webhook", refuse),
    only_cloud("PUT", "webhook/refresh", refuse),
    only_cloud("GET", "webhook/failed", refuse, "maxResults after"),
)
