"""What is done to webhooks: faults, forgeries, holding back, registrations of apps, counts."""

from __future__ import annotations

from collections import Counter

import msgspec
from aiohttp import web

from backbone.simulator.control.commands import Command, Nothing, Order
from backbone.simulator.rest.call import Site, answer
from backbone.simulator.seed import key_of
from backbone.simulator.webhooks import Attempt, Delivery, How
from backbone.simulator.webhooks.dynamic import Application, register_for_app


def _delivery(delivery: Delivery) -> dict[str, object]:
    return {
        "webhook": delivery.webhook,
        "event": delivery.event,
        "issue": delivery.key,
        "url": delivery.url,
        "due": delivery.due.isoformat(),
        "retry": delivery.retry,
        "forged": delivery.forged,
    }


def _attempt(attempt: Attempt) -> dict[str, object]:
    told = {"at": attempt.started.isoformat(), "status": attempt.status, "problem": attempt.problem}
    return _delivery(attempt.delivery) | told


def show_webhooks(site: Site, order: Nothing) -> object:
    """Registrations, counts, what waits and what was attempted."""
    del order
    webhooks = site.webhooks
    return {
        "registered": [
            {"id": w.id, "kind": w.kind, "url": w.url, "events": w.events, "active": w.active, "expires": w.expires}
            for w in webhooks.registry
        ],
        "counts": dict(sorted(webhooks.ledger.counts.items())),
        "events": dict(sorted(Counter(a.delivery.event for a in webhooks.ledger.attempts).items())),
        "held": webhooks.office.held,
        "waiting": [_delivery(delivery) for delivery in webhooks.waiting],
        "attempts": [_attempt(attempt) for attempt in webhooks.ledger.attempts],
    }


class WebhooksOrder(Order, frozen=True):
    """Hold deliveries back or let them go, how many leave at once for a webhook, Cloud's signature method."""

    held: bool | None = None
    at_once: int | None = None
    method: str | None = None


def set_webhooks(site: Site, order: WebhooksOrder) -> object:
    webhooks = site.webhooks
    if order.held is not None:
        (webhooks.hold if order.held else webhooks.release)()
    if order.at_once is not None:
        webhooks.office.at_once = max(order.at_once, 1)
    if order.method is not None:
        webhooks.use_method(order.method)
    return {"held": webhooks.office.held, "at_once": webhooks.office.at_once, "method": webhooks.method}


def show_faults(site: Site, order: Nothing) -> object:
    """Armed faults of deliveries with their counts."""
    del order
    return {"faults": site.webhooks.faults.list()}


def clear_faults(site: Site, order: Nothing) -> object:
    """Disarm every fault of deliveries; what waits to be reordered leaves."""
    for armed in site.webhooks.faults.list():
        site.webhooks.pardon(str(armed["id"]))
    return show_faults(site, order)


class ForgeryOrder(Order, frozen=True):
    """Send a forgery of the last delivery to the receiver of a webhook."""

    webhook: int
    how: How = How.WRONG_SIGNATURE


def forge(site: Site, order: ForgeryOrder) -> object:
    return _delivery(site.webhooks.forge(order.webhook, order.how))


class DynamicOrder(Order, frozen=True):
    """Register a webhook for an app of Cloud that acts for a user; it lives for 30 days."""

    user: str
    url: str
    events: tuple[str, ...]
    jql: str = ""
    secret: str | None = None


def register(site: Site, order: DynamicOrder) -> object:
    if not site.traits.is_cloud:
        raise LookupError("only Cloud has dynamic webhooks")
    owner = key_of(site.world, order.user)
    asked = Application(owner=owner, url=order.url, events=order.events, jql=order.jql, secret=order.secret)
    made = register_for_app(site.webhooks, asked, site.world.clock())
    return {"id": made.id, "expirationDate": made.expires}


class RefreshOrder(Order, frozen=True):
    """Give a dynamic webhook another 30 days."""

    webhook: int


def refresh(site: Site, order: RefreshOrder) -> object:
    return {"expirationDate": site.webhooks.registry.refresh(order.webhook, site.world.clock()).expires}


COMMANDS = (
    Command("GET", "webhooks", Nothing, show_webhooks),
    Command("PUT", "webhooks", WebhooksOrder, set_webhooks),
    Command("GET", "webhooks/faults", Nothing, show_faults),
    Command("DELETE", "webhooks/faults", Nothing, clear_faults),
    Command("POST", "webhooks/forgeries", ForgeryOrder, forge),
    Command("POST", "webhooks/dynamic", DynamicOrder, register),
    Command("PUT", "webhooks/dynamic", RefreshOrder, refresh),
)


class DeliverOrder(Order, frozen=True):
    """Which deliveries to make now: those that are due, or all."""

    everything: bool = False


def add_routes(app: web.Application, site: Site, prefix: str) -> None:
    """Faults, which are objects of many shapes, and ``POST webhooks/deliver``, which takes its time."""

    async def arm(request: web.Request) -> web.Response:
        try:
            fault_id = site.webhooks.faults.arm(msgspec.json.decode(await request.read()))
        except ValueError as problem:
            return answer({"error": str(problem)}, 400)
        return answer({"id": fault_id}, 201)

    async def disarm(request: web.Request) -> web.Response:
        try:
            site.webhooks.pardon(request.match_info["fault"])
        except LookupError as problem:
            return answer({"error": str(problem)}, 400)
        return answer({"faults": site.webhooks.faults.list()})

    async def deliver(request: web.Request) -> web.Response:
        try:
            order = msgspec.json.decode(await request.read() or b"{}", type=DeliverOrder)
        except msgspec.DecodeError as problem:
            return answer({"error": str(problem)}, 400)
        before = site.webhooks.ledger.counts["attempts"]
        await (site.webhooks.deliver_all() if order.everything else site.webhooks.deliver_due())
        return answer({"attempts": site.webhooks.ledger.counts["attempts"] - before})

    app.router.add_post(f"{prefix}/webhooks/faults", arm)
    app.router.add_delete(f"{prefix}/webhooks/faults/{{fault}}", disarm)
    app.router.add_post(f"{prefix}/webhooks/deliver", deliver)
