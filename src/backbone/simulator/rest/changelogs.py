"""The changelog resources of Cloud; Data Center has only ``expand=changelog``."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from backbone.simulator.rest.access import get_issue
from backbone.simulator.rest.call import Body, Call, answer, texts
from backbone.simulator.rest.changelog_json import history_json
from backbone.simulator.rest.endpoints import only_cloud
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.paging import page_json
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.rest.times import epoch_milliseconds
from backbone.simulator.world.issues import History, Issue
from backbone.simulator.world.permissions import sees_issue

PAGE_CAP = 100
ISSUES_LIMIT = 1000
FIELDS_LIMIT = 10
BULK_DEFAULT = 1000
BULK_CAP = 10_000


async def listed(call: Call) -> web.StreamResponse:
    """``GET issue/{id}/changelog``: oldest first."""
    issue = get_issue(call)
    renderer = Renderer(call)
    shown = page_json(call, issue.histories, PAGE_CAP, lambda history: history_json(renderer, history))
    return answer(shown)


async def by_ids(call: Call) -> web.StreamResponse:
    """``POST issue/{id}/changelog/list``."""
    issue = get_issue(call)
    body = await call.body(("changelogIds",))
    wanted = set(texts(body, "changelogIds"))
    renderer = Renderer(call)
    found = [history_json(renderer, h) for h in issue.histories if str(h.id) in wanted]
    return answer({"startAt": 0, "maxResults": len(found), "total": len(found), "histories": found})


def _visible(call: Call, wanted: list[str]) -> list[Issue]:
    found = (call.world.find_issue(text) for text in wanted)
    issues = {i.id: i for i in found if i is not None and sees_issue(call.world, call.account, i)}
    return [issues[number] for number in sorted(issues)]


def _bulk_history(renderer: Renderer, history: History, fields: set[str]) -> Body:
    kept = tuple(item for item in history.items if not fields or item.field_id in fields)
    shown = history_json(renderer, history)
    items = shown["items"]
    assert isinstance(items, list)  # history_json made it
    shown["items"] = [body for body, item in zip(items, history.items, strict=True) if item in kept]
    shown["created"] = epoch_milliseconds(history.created)
    return shown


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError):
        raise Refused(400, "The provided next page token is invalid.") from None


async def bulk(call: Call) -> web.StreamResponse:
    """``POST changelog/bulkfetch``: ``created`` is a number here."""
    body = await call.body(("issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"))
    wanted, fields = texts(body, "issueIdsOrKeys"), set(texts(body, "fieldIds"))
    if not wanted or len(wanted) > ISSUES_LIMIT or len(fields) > FIELDS_LIMIT:
        raise Refused(400, f"Between 1 and {ISSUES_LIMIT} issues and at most {FIELDS_LIMIT} fields can be requested.")
    asked = body.get("maxResults")
    size = min(asked, BULK_CAP) if isinstance(asked, int) and asked > 0 else BULK_DEFAULT
    rows = [
        (issue, history)
        for issue in _visible(call, wanted)
        for history in issue.histories
        if not fields or any(item.field_id in fields for item in history.items)
    ]
    start = _offset(str(body.get("nextPageToken") or ""))
    renderer = Renderer(call)
    grouped: dict[str, list[Body]] = {}
    for issue, history in rows[start : start + size]:
        grouped.setdefault(str(issue.id), []).append(_bulk_history(renderer, history, fields))
    shown: Body = {
        "issueChangeLogs": [{"issueId": issue_id, "changeHistories": found} for issue_id, found in grouped.items()]
    }
    if start + size < len(rows):
        shown["nextPageToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return answer(shown)


ENDPOINTS = (
    only_cloud("GET", "issue/{issue}/changelog", listed, "startAt maxResults"),
    only_cloud("POST", "issue/{issue}/changelog/list", by_ids),
    only_cloud("POST", "changelog/bulkfetch", bulk),
)
