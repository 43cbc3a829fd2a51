"""Search by JQL: offset pages on Data Center, token pages on Cloud."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec
from aiohttp import web

from backbone.simulator.indexing import Reindexing
from backbone.simulator.jql import IssueView, JqlContext, JqlError
from backbone.simulator.jql import check as check_jql
from backbone.simulator.jql import search as search_jql
from backbone.simulator.rest.call import Body, Call, answer, texts
from backbone.simulator.rest.endpoints import only_cloud, only_data_center
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.issue_json import View, check_expand, check_fields, issue_json, selected_fields
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.rest.searchable import SearchableIssue, SearchableNames
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.permissions import issue_filter

REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
    "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
DEFAULT_PAGE = 50
FULL_PAGE = 100
RECONCILE_LIMIT = 50
PROPERTY_LIMIT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A search as either product understands it."""

    jql: str
    fields: list[str]
    expand: list[str]
    size: int
    start: int = 0
    token: str = ""
    properties: tuple[str, ...] = ()
    reconcile: tuple[int, ...] = ()
    validate: bool = True


def _indexed(call: Call, reconcile: Iterable[int] = ()) -> Iterable[Issue]:
    """The states of issues that the index shows now; reconciled ones as they really are."""
    site = call.site
    try:
        return site.index.view(call.world.clock(), reconcile, call.node).values()
    except Reindexing:
        raise Refused(503, "Search is unavailable while Jira is being re-indexed.") from None


def jql_context(call: Call, *, validate: bool) -> JqlContext:
    """Who searches, when and where."""
    return JqlContext(
        now=call.world.clock(),
        time_zone=call.zone,
        account=call.account.key if call.account is not None else None,
        cloud=call.traits.is_cloud,
        world=SearchableNames(call.world, call.account),
        validate=validate,
    )


def find(call: Call, wanted: Wanted) -> list[Issue]:
    """The matching issues that the caller may see, in order."""
    world, account = call.world, call.account
    sees = issue_filter(world, account)
    candidates: list[IssueView] = [
        SearchableIssue(issue, world, account)
        for issue in _indexed(call, wanted.reconcile)
        if not issue.archived and sees(issue)
    ]
    try:
        found = search_jql(wanted.jql, candidates, jql_context(call, validate=wanted.validate))
    except JqlError as refusal:
        raise Refused(400, *refusal.messages) from None
    return [view.issue for view in found if isinstance(view, SearchableIssue)]


def _names_and_schema(renderer: Renderer, issues: list[Issue], view: View) -> Body:
    extra: Body = {}
    chosen = {f.id: f for issue in issues for f in selected_fields(renderer, issue, view.fields)}
    if "names" in view.expand:
        extra["names"] = {f.id: f.name for f in chosen.values()}
    if "schema" in view.expand:
        extra["schema"] = {f.id: f.schema() for f in chosen.values()}
    return extra


def _page(call: Call, issues: list[Issue], wanted: Wanted) -> tuple[list[Body], Body]:
    view = View(
        fields=wanted.fields,
        expand=check_expand(wanted.expand),
        properties=wanted.properties,
        comments=call.traits.comments_in_search,
        changelog=call.traits.changelog_in_search,
    )
    renderer = Renderer(call)
    check_fields(renderer, wanted.fields)
    extra = _names_and_schema(renderer, issues, view) if view.expand & {"names", "schema"} else {}
    view = replace(view, expand=view.expand - {"names", "schema"})
    return [issue_json(renderer, issue, view) for issue in issues], extra


def _offset_answer(call: Call, wanted: Wanted) -> web.StreamResponse:
    found = find(call, wanted)
    size = min(wanted.size, call.world.settings.search_maximum)
    shown, extra = _page(call, found[wanted.start : wanted.start + size], wanted)
    body: Body = {
        "expand": "schema,names",
        "startAt": wanted.start,
        "maxResults": size,
        "total": len(found),
        "issues": shown,
        **extra,
    }
    if not wanted.validate:
        warnings = check_jql(wanted.jql, jql_context(call, validate=False))
        if warnings:
            body["warningMessages"] = list(warnings)
    return answer(body)


def _size(raw: object) -> int:
    if raw is None:
        return DEFAULT_PAGE
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Refused(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return raw if raw >= 0 else DEFAULT_PAGE


async def search_by_query(call: Call) -> web.StreamResponse:
    """``GET search`` of Data Center."""
    wanted = Wanted(
        jql=call.query("jql"),
        fields=call.names("fields") or ["*navigable"],
        expand=call.names("expand"),
        size=_size(call.number("maxResults", DEFAULT_PAGE)),
        start=max(call.number("startAt", 0), 0),
        validate=not call.says_no("validateQuery"),
    )
    return _offset_answer(call, wanted)


async def search_by_body(call: Call) -> web.StreamResponse:
    """``POST search`` of Data Center: ``expand`` is an array."""
    body = await call.body(("jql", "startAt", "maxResults", "fields", "expand", "validateQuery"))
    start = body.get("startAt")
    wanted = Wanted(
        jql=str(body.get("jql") or ""),
        fields=texts(body, "fields") or ["*navigable"],
        expand=texts(body, "expand"),
        size=_size(body.get("maxResults")),
        start=start if isinstance(start, int) and start > 0 else 0,
        validate=body.get("validateQuery") is not False,
    )
    return _offset_answer(call, wanted)


async def removed(call: Call) -> web.StreamResponse:
    """The old search of Cloud."""
    del call
    raise Refused(410, REMOVED)


def _token(wanted: Wanted, position: int) -> str:
    raw = msgspec.json.encode({"at": position, "jql": wanted.jql})
    return base64.urlsafe_b64encode(raw).decode()


def _position(wanted: Wanted) -> int:
    if not wanted.token:
        return 0
    try:
        raw = msgspec.json.decode(base64.urlsafe_b64decode(wanted.token))
        position, jql = int(raw["at"]), raw["jql"]
    except (binascii.Error, msgspec.DecodeError, ValueError, KeyError, TypeError):
        raise Refused(400, "The provided next page token is invalid.") from None
    if jql != wanted.jql:
        raise Refused(400, "The provided next page token does not belong to this query.")
    return position


def page_cap(wanted: Wanted, cap: int) -> int:
    """How many issues a page of Cloud holds: many only when nothing but id or key is asked for."""
    light = set(wanted.fields) <= {"id", "key"} and not wanted.expand and not wanted.properties
    return min(wanted.size, cap if light else FULL_PAGE)


def _token_answer(call: Call, wanted: Wanted) -> web.StreamResponse:
    if len(wanted.reconcile) > RECONCILE_LIMIT:
        raise Refused(400, f"The number of issues to reconcile must not exceed {RECONCILE_LIMIT}.")
    if len(wanted.properties) > PROPERTY_LIMIT:
        raise Refused(400, f"A maximum of {PROPERTY_LIMIT} issue properties can be requested.")
    found = find(call, wanted)
    start = _position(wanted)
    end = start + max(page_cap(wanted, call.traits.search_cap), 1)
    shown, extra = _page(call, found[start:end], wanted)
    body: Body = {"issues": shown, "isLast": end >= len(found), **extra}
    if end < len(found):
        body["nextPageToken"] = _token(wanted, end)
    return answer(body)


def _ids(raw: Iterable[object]) -> tuple[int, ...]:
    listed = list(raw)
    if not all(str(item).isdecimal() for item in listed):
        raise Refused(400, "reconcileIssues must be a list of issue ids.")
    return tuple(int(str(item)) for item in listed)


async def jql_by_query(call: Call) -> web.StreamResponse:
    """``GET search/jql`` of Cloud: only ids unless fields are named."""
    return _token_answer(
        call,
        Wanted(
            jql=call.query("jql"),
            fields=call.names("fields") or ["id"],
            expand=call.names("expand"),
            size=_size(call.number("maxResults", DEFAULT_PAGE)),
            token=call.query("nextPageToken"),
            properties=tuple(call.names("properties")),
            reconcile=_ids(call.names("reconcileIssues")),
        ),
    )


JQL_BODY = "expand fields fieldsByKeys jql maxResults nextPageToken properties reconcileIssues".split()


async def jql_by_body(call: Call) -> web.StreamResponse:
    """``POST search/jql`` of Cloud: ``expand`` is one string even here."""
    body = await call.body(JQL_BODY)
    expand = body.get("expand") or ""
    if not isinstance(expand, str):
        raise Refused(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    reconcile = body.get("reconcileIssues") or []
    return _token_answer(
        call,
        Wanted(
            jql=str(body.get("jql") or ""),
            fields=texts(body, "fields") or ["id"],
            expand=[name.strip() for name in expand.split(",") if name.strip()],
            size=_size(body.get("maxResults")),
            token=str(body.get("nextPageToken") or ""),
            properties=tuple(texts(body, "properties")),
            reconcile=_ids(reconcile if isinstance(reconcile, list) else [reconcile]),
        ),
    )


async def approximate_count(call: Call) -> web.StreamResponse:
    """``POST search/approximate-count`` of Cloud."""
    body = await call.body(("jql",))
    wanted = Wanted(jql=str(body.get("jql") or ""), fields=["id"], expand=[], size=0)
    return answer({"count": len(find(call, wanted))})


OFFSET = "jql startAt maxResults validateQuery fields expand"
TOKEN = "jql nextPageToken maxResults fields expand properties fieldsByKeys failFast reconcileIssues"  # noqa: S105 - names of parameters
ENDPOINTS = (
    only_data_center("GET", "search", search_by_query, OFFSET),
    only_data_center("POST", "search", search_by_body),
    only_cloud("GET", "search", removed, OFFSET + " properties fieldsByKeys failFast"),
    only_cloud("POST", "search", removed),
    only_cloud("GET", "search/jql", jql_by_query, TOKEN),
    only_cloud("POST", "search/jql", jql_by_body),
    only_cloud("POST", "search/approximate-count", approximate_count),
)
