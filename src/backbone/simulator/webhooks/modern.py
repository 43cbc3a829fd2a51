"""``/rest/jira-webhook/1.0/webhooks``: webhooks of Data Center since 10, with a record of their deliveries.

Sources: Atlassian, webhooks of Jira Data Center; MrRefactoring/jira.js, whose types were made from a running
Data Center 11. A list is a bare array; ``latest`` is 204 until something was delivered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from backbone.simulator.rest.call import Body, Call, answer, mapping, no_content
from backbone.simulator.rest.endpoints import Endpoint, only_data_center
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.times import epoch_milliseconds
from backbone.simulator.webhooks.deliveries import Attempt, Result
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

PATH = "rest/jira-webhook/1.0/webhooks"
IGNORED = ("secret", "excludeBody", "enabled", "id", "createdDate", "updatedDate", "statistics", "scopeType")
KNOWN = ("name", "url", "events", "filters", "active", "configuration", "sslVerificationRequired", *IGNORED)
WINDOW = 86_400_000


def shown(webhook: Webhook) -> Body:
    """A registration; the secret is not shown."""
    return {
        "id": webhook.id,
        "name": webhook.name,
        "createdDate": epoch_milliseconds(webhook.created),
        "updatedDate": epoch_milliseconds(webhook.updated),
        "events": list(webhook.events),
        "filters": dict(webhook.filters),
        "configuration": {"EXCLUDE_BODY": str(webhook.exclude_body).lower()},
        "url": webhook.url,
        "active": webhook.active,
        "scopeType": "global",
        "sslVerificationRequired": webhook.verifies_certificates,
    }


def _read(call: Call, webhook: Webhook, body: Mapping[str, object]) -> Webhook:
    """A registration as the body describes it: only ``configuration.SECRET`` makes it signed."""
    configuration = mapping(body, "configuration")
    if not text_of(body, "name") or not text_of(body, "url"):
        raise Refused(400, "name and url are required.")
    return replace(
        webhook,
        name=text_of(body, "name"),
        url=url_of(body, ""),
        events=events_of(body, ()),
        filters=filters_of(call, body, {}),
        exclude_body=yes_or_no(configuration, "EXCLUDE_BODY", otherwise=False),
        secret=text_of(configuration, "SECRET") or None,
        active=yes_or_no(body, "active", otherwise=True),
        verifies_certificates=yes_or_no(body, "sslVerificationRequired", otherwise=True),
        owner=call.user.key,
        updated=call.world.clock(),
    )


async def list_all(call: Call) -> web.StreamResponse:
    """``GET webhooks``, perhaps only those for an event, with their statistics if wanted."""
    administrator(call)
    event = call.query("event")
    found = [w for w in call.site.webhooks.registry if not event or event in w.events]
    start = call.number("start", 0)
    page = found[start : start + call.number("limit", 25)]
    told = [{"statistics": statistics(call, attempts(call, w))} if call.says_yes("statistics") else {} for w in page]
    return answer([shown(webhook) | extra for webhook, extra in zip(page, told, strict=True)])


async def register(call: Call) -> web.StreamResponse:
    """``POST webhooks``."""
    administrator(call)
    now = call.world.clock()
    blank = Webhook(id=0, name="", url="", events=(), owner=call.user.key, created=now, updated=now)
    webhook = _read(call, blank, await call.body(KNOWN))
    registry = call.site.webhooks.registry
    return answer(shown(registry.put(replace(webhook, id=registry.next_id()))), 201)


async def read(call: Call) -> web.StreamResponse:
    """``GET webhooks/{id}``."""
    administrator(call)
    return answer(shown(webhook_of(call)))


async def change(call: Call) -> web.StreamResponse:
    """``PUT webhooks/{id}``: all is replaced, so a secret that is not repeated is gone."""
    administrator(call)
    webhook = webhook_of(call)
    return answer(shown(call.site.webhooks.registry.put(_read(call, webhook, await call.body(KNOWN)))))


async def delete(call: Call) -> web.StreamResponse:
    """``DELETE webhooks/{id}``."""
    administrator(call)
    call.site.webhooks.registry.remove(webhook_of(call).id)
    return no_content()


def attempts(call: Call, webhook: Webhook, event: str = "") -> list[Attempt]:
    """The deliveries of a webhook, of one event or of all, oldest first."""
    made = call.site.webhooks.ledger.of(webhook.id)
    return [attempt for attempt in made if not event or attempt.delivery.event == event]


def invocation(attempt: Attempt) -> Body:
    """One delivery."""
    return {
        "id": int(attempt.delivery.number),
        "event": attempt.delivery.event,
        "duration": int((attempt.finished - attempt.started).total_seconds() * 1000),
        "start": epoch_milliseconds(attempt.started),
        "finish": epoch_milliseconds(attempt.finished),
        "request": {"method": "POST", "url": attempt.delivery.url},
        "result": {"description": attempt.problem or str(attempt.status), "outcome": attempt.result},
    }


def statistics(call: Call, made: Sequence[Attempt]) -> Body:
    """How often deliveries came off, and the last of each kind."""
    told: Body = {}
    counted = {"successes": Result.SUCCESS, "failures": Result.FAILURE, "errors": Result.ERROR}
    counts: Body = {name: sum(a.result is result for a in made) for name, result in counted.items()}
    for name, result in (("lastSuccess", Result.SUCCESS), ("lastFailure", Result.FAILURE), ("lastError", Result.ERROR)):
        last = next((a for a in reversed(made) if a.result is result), None)
        if last is not None:
            told[name] = invocation(last)
    start = epoch_milliseconds(call.world.clock()) - WINDOW
    return {**told, "counts": {**counts, "window": {"start": start, "duration": WINDOW}}}


async def show_statistics(call: Call) -> web.StreamResponse:
    """``GET webhooks/{id}/statistics``."""
    administrator(call)
    return answer(statistics(call, attempts(call, webhook_of(call), call.query("event"))))


async def show_summary(call: Call) -> web.StreamResponse:
    """``GET webhooks/{id}/statistics/summary``: by event."""
    administrator(call)
    webhook = webhook_of(call)
    return answer({event: statistics(call, attempts(call, webhook, event)) for event in webhook.events})


async def show_latest(call: Call) -> web.StreamResponse:
    """``GET webhooks/{id}/latest``: the last delivery, of an event or with an outcome if wanted."""
    administrator(call)
    outcome = call.query("outcome").upper()
    made = attempts(call, webhook_of(call), call.query("event"))
    found = [attempt for attempt in made if not outcome or attempt.result == outcome]
    return answer(invocation(found[-1])) if found else no_content()


ENDPOINTS: tuple[Endpoint, ...] = (
    only_data_center("GET", PATH, list_all, "event statistics start limit"),
    only_data_center("POST", PATH, register),
    only_data_center("GET", f"{PATH}/{{webhook}}", read, "statistics"),
    only_data_center("PUT", f"{PATH}/{{webhook}}", change),
    only_data_center("DELETE", f"{PATH}/{{webhook}}", delete),
    only_data_center("GET", f"{PATH}/{{webhook}}/statistics", show_statistics, "event"),
    only_data_center("GET", f"{PATH}/{{webhook}}/statistics/summary", show_summary),
    only_data_center("GET", f"{PATH}/{{webhook}}/latest", show_latest, "event outcome"),
)
