"""Many issues in one call: bulk create on both products, bulk fetch on Cloud."""

from __future__ import annotations

from aiohttp import web

from backbone.simulator.rest.call import Body, Call, answer, texts
from backbone.simulator.rest.endpoints import both, only_cloud
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.issue_json import View, check_expand, check_fields, issue_json
from backbone.simulator.rest.issues import created_json, prepare_create, run_create
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.permissions import sees_issue

FETCH_CAP = 100
LIGHT_FETCH_CAP = 1000
HEAVY_FIELDS = frozenset({"comment", "worklog", "attachment", "*all", "*navigable"})


async def create(call: Call) -> web.StreamResponse:
    """``POST issue/bulk``: the good ones are created, the others named by their position."""
    body = await call.body(("issueUpdates",))
    updates = body.get("issueUpdates")
    if not isinstance(updates, list) or not updates:
        raise Refused(400, "issueUpdates must be a list of issues.")
    cap = call.traits.bulk_create_cap
    if cap is not None and len(updates) > cap:
        raise Refused(400, f"The number of issues to create exceeds the limit of {cap}.")
    await call.site.faults.before_write(call.request, "issue.bulk")
    created: list[Body] = []
    errors: list[Body] = []
    for number, update in enumerate(updates):
        try:
            created.append(created_json(call, run_create(call, *prepare_create(call, update))))
        except Refused as refusal:
            errors.append(
                {"status": refusal.status, "elementErrors": refusal.collection(), "failedElementNumber": number}
            )
    await call.site.faults.after_write(call.request, "issue.bulk")
    return answer({"issues": created, "errors": errors}, 201 if created else 400)


def fetch_cap(fields: list[str], expand: list[str]) -> int:
    """How many issues one fetch may name: many only if few and light fields are asked for."""
    light = 0 < len(fields) <= 100 and not HEAVY_FIELDS & set(fields) and not expand
    return LIGHT_FETCH_CAP if light else FETCH_CAP


async def fetch(call: Call) -> web.StreamResponse:
    """``POST issue/bulkfetch``: ascending ids; what is not visible is simply missing."""
    body = await call.body(("issueIdsOrKeys", "fields", "expand", "properties", "fieldsByKeys"))
    wanted = texts(body, "issueIdsOrKeys")
    fields, expand = texts(body, "fields"), texts(body, "expand")
    cap = fetch_cap(fields, expand)
    if not wanted or len(wanted) > cap:
        raise Refused(400, f"The number of issues must be between 1 and {cap}.")
    view = View(
        fields=fields or ["*navigable"],
        expand=check_expand(expand),
        properties=texts(body, "properties"),
        comments=call.traits.comments_on_read,
        changelog=call.traits.changelog_in_search,
    )
    found = (call.world.find_issue(text) for text in wanted)
    issues = {i.id: i for i in found if i is not None and sees_issue(call.world, call.account, i)}
    renderer = Renderer(call)
    check_fields(renderer, fields)
    shown = [issue_json(renderer, issues[number], view) for number in sorted(issues)]
    return answer({"issueErrors": [], "issues": shown})


ENDPOINTS = (
    both("POST", "issue/bulk", create),
    only_cloud("POST", "issue/bulkfetch", fetch),
)
