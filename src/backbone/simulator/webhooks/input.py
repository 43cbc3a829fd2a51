"""Reading registrations: who may make them, and what they may say."""

from __future__ import annotations

from collections.abc import Mapping

from backbone.simulator.rest.call import Call, mapping, texts
from backbone.simulator.rest.errors import Refused
from backbone.simulator.webhooks.addresses import AddressError, check_address
from backbone.simulator.webhooks.filters import problems
from backbone.simulator.webhooks.happenings import SILENT_EVENTS, Event
from backbone.simulator.webhooks.registrations import ISSUE_FILTER, Kind, Webhook

EVENTS = frozenset(Event) | SILENT_EVENTS


def administrator(call: Call) -> None:
    """Refuse whoever does not administer the Jira."""
    if not call.user.admin:
        raise Refused(403, "You do not have permission to manage webhooks. Only Jira administrators have.")


def webhook_of(call: Call) -> Webhook:
    """The registration of the path, or 404; those of apps are not seen here."""
    text = call.path("webhook")
    webhook = call.site.webhooks.registry.find(int(text)) if text.isdecimal() else None
    if webhook is None or webhook.kind is not Kind.ADMINISTRATOR:
        raise Refused(404, f"There is no webhook with id '{text}'.")
    return webhook


def text_of(body: Mapping[str, object], key: str, otherwise: str = "") -> str:
    """A text; null is an empty one."""
    value = body.get(key, otherwise)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused(400, f"'{key}' must be a string.")
    return value


def yes_or_no(body: Mapping[str, object], key: str, *, otherwise: bool) -> bool:
    """A boolean, also as the text that configurations of Data Center 10 hold."""
    value = body.get(key, otherwise)
    if isinstance(value, bool):
        return value
    if value in {"true", "false"}:
        return value == "true"
    raise Refused(400, f"'{key}' must be true or false.")


def url_of(body: Mapping[str, object], otherwise: str) -> str:
    """An address on this machine."""
    url = text_of(body, "url", otherwise)
    try:
        check_address(url)
    except AddressError as refused:
        raise Refused(400, str(refused)) from None
    return url


def events_of(body: Mapping[str, object], otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """Names of events that Jira has; those that the simulator never brings about are allowed."""
    if "events" not in body:
        return otherwise
    named = texts(body, "events")
    unknown = [name for name in named if name not in EVENTS]
    if unknown:
        raise Refused(400, f"Unknown events: {', '.join(unknown)}")
    return tuple(dict.fromkeys(named))


def filters_of(call: Call, body: Mapping[str, object], otherwise: dict[str, str]) -> dict[str, str]:
    """The filters: the query for events of issues must be valid."""
    if "filters" not in body:
        return otherwise
    given = mapping(body, "filters")
    jql = given.get(ISSUE_FILTER) or ""
    if not isinstance(jql, str) or set(given) - {ISSUE_FILTER}:
        raise Refused(400, f"filters: only '{ISSUE_FILTER}' with a query is known.")
    wrong = problems(jql, call.world, call.traits, call.user)
    if wrong:
        raise Refused(400, *wrong)
    return {ISSUE_FILTER: jql} if jql else {}
