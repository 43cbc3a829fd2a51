"""Entity properties of issues and comments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
from aiohttp import web

from backbone.simulator.rest.access import demand, fresh, get_issue, no_issue
from backbone.simulator.rest.call import Body, Call, answer, no_content
from backbone.simulator.rest.endpoints import both
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.property_input import check_property
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.discussion import set_comment_properties, set_issue_properties
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.permissions import may, sees_comment, sees_issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """What bears properties: an issue or a comment."""

    link: str
    properties: Mapping[str, object]
    demand_write: Callable[[], None]
    store: Callable[[Mapping[str, object]], object]


def _issue(call: Call) -> Bearer:
    issue = get_issue(call)

    def demand_write() -> None:
        demand(call, "EDIT_ISSUES", issue, "You do not have permission to edit issues in this project.")

    return Bearer(
        link=f"{Renderer(call).rest}/issue/{issue.id}/properties",
        properties=issue.properties,
        demand_write=demand_write,
        store=lambda properties: set_issue_properties(call.world, fresh(call, issue), properties),
    )


def _comment(call: Call) -> Bearer:
    text = call.path("comment")
    issue_id = call.world.comment_issues.get(int(text)) if text.isdecimal() else None
    issue: Issue | None = call.world.issues.get(issue_id) if issue_id is not None else None
    comment = issue.comment(int(text)) if issue is not None else None
    if issue is None or comment is None or not sees_comment(call.world, call.account, comment):
        raise Refused(404, f"Can not find a comment for the id: {text}.")
    if not sees_issue(call.world, call.account, issue):
        raise no_issue(call)
    project = call.world.projects[issue.project_id]

    def demand_write() -> None:
        own = comment.author == call.user.key and may(call.account, "EDIT_OWN_COMMENTS", project, issue)
        if not own and not may(call.account, "EDIT_ALL_COMMENTS", project, issue):
            raise Refused(403, "You do not have permission to edit this comment.")

    return Bearer(
        link=f"{Renderer(call).rest}/comment/{comment.id}/properties",
        properties=comment.properties,
        demand_write=demand_write,
        store=lambda properties: set_comment_properties(call.world, fresh(call, issue), comment, properties),
    )


Find = Callable[[Call], Bearer]


def _list(find: Find) -> Callable[[Call], object]:
    def shown(call: Call) -> object:
        bearer = find(call)
        keys = [{"self": f"{bearer.link}/{key}", "key": key} for key in bearer.properties]
        return {"keys": keys}

    return shown


def _read(bearer: Bearer, key: str) -> Body:
    if key not in bearer.properties:
        raise Refused(404, f"The property {key} does not exist.")
    return {"key": key, "value": bearer.properties[key]}


async def _write(call: Call, find: Find) -> web.StreamResponse:
    bearer = find(call)
    bearer.demand_write()
    try:
        value: object = msgspec.json.decode(await call.request.read())
    except msgspec.DecodeError:
        raise Refused(400, "The property value must be valid JSON.") from None
    key = check_property(call.path("property"), value)
    existed = key in bearer.properties
    await call.site.faults.before_write(call.request, "property.set")
    bearer.store({**bearer.properties, key: value})
    await call.site.faults.after_write(call.request, "property.set")
    return web.Response(status=200 if existed else 201)


async def _remove(call: Call, find: Find) -> web.StreamResponse:
    bearer = find(call)
    bearer.demand_write()
    key = call.path("property")
    _read(bearer, key)
    await call.site.faults.before_write(call.request, "property.delete")
    bearer.store({name: value for name, value in bearer.properties.items() if name != key})
    await call.site.faults.after_write(call.request, "property.delete")
    return no_content()


async def issue_keys(call: Call) -> web.StreamResponse:
    return answer(_list(_issue)(call))


async def issue_read(call: Call) -> web.StreamResponse:
    return answer(_read(_issue(call), call.path("property")))


async def issue_write(call: Call) -> web.StreamResponse:
    return await _write(call, _issue)


async def issue_remove(call: Call) -> web.StreamResponse:
    return await _remove(call, _issue)


async def comment_keys(call: Call) -> web.StreamResponse:
    return answer(_list(_comment)(call))


async def comment_read(call: Call) -> web.StreamResponse:
    return answer(_read(_comment(call), call.path("property")))


async def comment_write(call: Call) -> web.StreamResponse:
    return await _write(call, _comment)


async def comment_remove(call: Call) -> web.StreamResponse:
    return await _remove(call, _comment)


OF_ISSUE = "issue/{issue}/properties"
OF_COMMENT = "comment/{comment}/properties"
ENDPOINTS = (
    both("GET", OF_ISSUE, issue_keys),
    both("GET", OF_ISSUE + "/{property}", issue_read),
    both("PUT", OF_ISSUE + "/{property}", issue_write),
    both("DELETE", OF_ISSUE + "/{property}", issue_remove),
    both("GET", OF_COMMENT, comment_keys),
    both("GET", OF_COMMENT + "/{property}", comment_read),
    both("PUT", OF_COMMENT + "/{property}", comment_write),
    both("DELETE", OF_COMMENT + "/{property}", comment_remove),
)
