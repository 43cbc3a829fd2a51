"""Short lists of the instance: statuses, categories, priorities, resolutions, issue types, link types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from aiohttp import web

from backbone.simulator.rest.call import Body, Call, answer
from backbone.simulator.rest.endpoints import both, only_cloud, only_data_center
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.paging import page_json
from backbone.simulator.rest.rendering import CATEGORIES, Renderer
from backbone.simulator.world.projects import Priority

Thing = TypeVar("Thing")
CAP = 50


def _found(table: Mapping[str, Thing], wanted: str, word: str) -> Thing:
    thing = table.get(wanted)
    if thing is None:
        raise Refused(404, f"The {word} with id '{wanted}' does not exist")
    return thing


async def statuses(call: Call) -> web.StreamResponse:
    renderer = Renderer(call)
    return answer([renderer.status(status) for status in call.world.statuses])


async def status(call: Call) -> web.StreamResponse:
    """``GET status/{idOrName}``."""
    wanted = call.path("status")
    for found in call.world.statuses.values():
        if wanted in {found.id, found.name}:
            return answer(Renderer(call).status(found.id))
    raise Refused(404, f"The status with id '{wanted}' does not exist")


async def categories(call: Call) -> web.StreamResponse:
    renderer = Renderer(call)
    return answer([renderer.category(key) for key in CATEGORIES])


def priority_json(renderer: Renderer, priority: Priority) -> Body:
    """A priority as the lists show it."""
    shown: Body = {
        **renderer.priority(priority.id),
        "statusColor": priority.color,
        "description": priority.description,
    }
    if renderer.cloud:
        shown["isDefault"] = False
    return shown


async def priorities(call: Call) -> web.StreamResponse:
    renderer = Renderer(call)
    return answer([priority_json(renderer, p) for p in call.world.priorities.values()])


async def priority_page(call: Call) -> web.StreamResponse:
    """``GET priority/search`` of Cloud and ``priority/page`` of Data Center."""
    renderer = Renderer(call)
    projects = set(call.names("projectId") + call.names("projectIds"))
    allowed = {p for project in projects if project in call.world.projects for p in _scheme(call, project)}
    wanted = set(call.names("id"))
    found = [
        p
        for p in call.world.priorities.values()
        if (not projects or p.id in allowed)
        and (not wanted or p.id in wanted)
        and call.query("query").casefold() in p.name.casefold()
    ]
    return answer(page_json(call, found, CAP, lambda p: priority_json(renderer, p)))


def _scheme(call: Call, project_id: str) -> tuple[str, ...]:
    return call.world.projects[project_id].priority_ids


async def priority(call: Call) -> web.StreamResponse:
    found = _found(call.world.priorities, call.path("priority"), "priority")
    return answer(priority_json(Renderer(call), found))


async def resolutions(call: Call) -> web.StreamResponse:
    renderer = Renderer(call)
    return answer([renderer.resolution(r) for r in call.world.resolutions])


async def resolution_page(call: Call) -> web.StreamResponse:
    """``GET resolution/search`` of Cloud and ``resolution/page`` of Data Center."""
    renderer = Renderer(call)
    return answer(page_json(call, list(call.world.resolutions), CAP, renderer.resolution))


async def resolution(call: Call) -> web.StreamResponse:
    found = _found(call.world.resolutions, call.path("resolution"), "resolution")
    return answer(Renderer(call).resolution(found.id))


async def issue_types(call: Call) -> web.StreamResponse:
    renderer = Renderer(call)
    return answer([renderer.issue_type(t) for t in call.world.issue_types])


async def issue_type(call: Call) -> web.StreamResponse:
    found = _found(call.world.issue_types, call.path("type"), "issue type")
    return answer(Renderer(call).issue_type(found.id))


async def link_types(call: Call) -> web.StreamResponse:
    """``GET issueLinkType``: the usual two; links themselves are not simulated yet."""
    rest = Renderer(call).rest
    kinds = (("10000", "Blocks", "is blocked by", "blocks"), ("10003", "Relates", "relates to", "relates to"))
    shown = [
        {"id": key, "name": name, "inward": inward, "outward": outward, "self": f"{rest}/issueLinkType/{key}"}
        for key, name, inward, outward in kinds
    ]
    return answer({"issueLinkTypes": shown})


ENDPOINTS = (
    both("GET", "status", statuses),
    both("GET", "status/{status}", status),
    both("GET", "statuscategory", categories),
    both("GET", "priority", priorities),
    only_data_center("GET", "priority/page", priority_page, "maxResults query projectIds startAt"),
    only_cloud(
        "GET", "priority/search", priority_page, "startAt maxResults id projectId priorityName onlyDefault expand"
    ),
    both("GET", "priority/{priority}", priority),
    both("GET", "resolution", resolutions),
    only_data_center("GET", "resolution/page", resolution_page, "maxResults query startAt"),
    only_cloud("GET", "resolution/search", resolution_page, "startAt maxResults id onlyDefault"),
    both("GET", "resolution/{resolution}", resolution),
    both("GET", "issuetype", issue_types),
    both("GET", "issuetype/{type}", issue_type),
    both("GET", "issueLinkType", link_types),
)
