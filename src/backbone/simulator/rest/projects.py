"""Projects and the statuses of their issue types."""

from __future__ import annotations

from collections.abc import Collection

from aiohttp import web

from backbone.simulator.rest.access import get_project
from backbone.simulator.rest.call import Body, Call, answer
from backbone.simulator.rest.endpoints import both, only_cloud
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.paging import page_json
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.permissions import may
from backbone.simulator.world.projects import Project

CAP = 100
EXPANSIONS = frozenset("description lead issueTypes url projectKeys permissions insight issueTypeHierarchy".split())


def _visible(call: Call) -> list[Project]:
    return [p for p in call.world.projects.values() if may(call.account, "BROWSE_PROJECTS", p)]


def _expand(call: Call) -> frozenset[str]:
    wanted = call.names("expand")
    unknown = [name for name in wanted if name not in EXPANSIONS]
    if unknown:
        raise Refused(400, f"Unknown expand: {', '.join(unknown)} (the simulator refuses what Jira ignores)")
    return frozenset(wanted)


def _in_list(renderer: Renderer, project: Project, expand: Collection[str]) -> Body:
    shown: Body = {
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        **renderer.project_object(project),
    }
    if renderer.cloud:
        shown |= {"style": "classic", "isPrivate": False, "properties": {}}
    else:
        shown["archived"] = project.archived
    if "description" in expand:
        shown["description"] = project.description
    if "lead" in expand:
        shown["lead"] = renderer.lead(project.lead)
    if "projectKeys" in expand:
        shown["projectKeys"] = [project.key, *reversed(project.former_keys)]
    if "issueTypes" in expand:
        shown["issueTypes"] = [renderer.issue_type(t) for t in project.type_ids]
    return shown


def _whole(renderer: Renderer, project: Project, expand: Collection[str]) -> Body:
    roles = {
        role: f"{renderer.rest}/project/{project.id}/role/{10000 + n}" for n, role in enumerate(renderer.world.roles)
    }
    shown = _in_list(renderer, project, expand)
    shown |= {
        "description": project.description,
        "lead": renderer.lead(project.lead),
        "components": [],
        "issueTypes": [renderer.issue_type(t) for t in project.type_ids],
        "assigneeType": "UNASSIGNED",
        "versions": [],
        "roles": roles,
    }
    return shown


async def listed(call: Call) -> web.StreamResponse:
    """``GET project``: an array."""
    renderer, expand = Renderer(call), _expand(call)
    return answer([_in_list(renderer, project, expand) for project in _visible(call) if not project.archived])


async def searched(call: Call) -> web.StreamResponse:
    """``GET project/search`` of Cloud."""
    renderer, expand = Renderer(call), _expand(call)
    keys, ids, query = call.names("keys"), call.names("id"), call.query("query").casefold()
    found = [
        p
        for p in _visible(call)
        if (not keys or p.key in keys)
        and (not ids or p.id in ids)
        and (query in p.key.casefold() or query in p.name.casefold())
    ]
    return answer(page_json(call, found, CAP, lambda project: _in_list(renderer, project, expand)))


async def read(call: Call) -> web.StreamResponse:
    """``GET project/{idOrKey}``: former keys are understood, and listed with ``expand=projectKeys``."""
    return answer(_whole(Renderer(call), get_project(call), _expand(call)))


async def statuses(call: Call) -> web.StreamResponse:
    """``GET project/{idOrKey}/statuses``: by issue type."""
    project = get_project(call)
    renderer = Renderer(call)
    shown = [
        {
            "self": f"{renderer.rest}/issuetype/{type_id}",
            "id": type_id,
            "name": call.world.issue_types[type_id].name,
            "subtask": call.world.issue_types[type_id].subtask,
            "statuses": [renderer.status(s) for s in call.world.workflows[project.workflows[type_id]].status_ids()],
        }
        for type_id in project.type_ids
    ]
    return answer(shown)


async def nothing(call: Call) -> web.StreamResponse:
    """Components and versions, of which there are none yet."""
    get_project(call)
    return answer([])


async def security_levels(call: Call) -> web.StreamResponse:
    """``GET project/{idOrKey}/securitylevel``: there are none."""
    get_project(call)
    return answer({"levels": []})


LISTED = "startAt maxResults orderBy id keys query typeKey categoryId action expand status properties propertyQuery"
ENDPOINTS = (
    both("GET", "project", listed, "expand recent", "properties", data_center_too="includeArchived browseArchive"),
    only_cloud("GET", "project/search", searched, LISTED),
    both("GET", "project/{project}", read, "expand", "properties"),
    both("GET", "project/{project}/statuses", statuses),
    both("GET", "project/{project}/components", nothing, "", "componentSource"),
    both("GET", "project/{project}/versions", nothing, "expand"),
    both("GET", "project/{project}/securitylevel", security_levels),
)
