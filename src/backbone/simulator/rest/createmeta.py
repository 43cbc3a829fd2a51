"""What may be created and edited: createmeta in its three forms, and editmeta."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from backbone.simulator.flavour import Traits
from backbone.simulator.rest.access import get_issue, get_project, no_issue
from backbone.simulator.rest.call import Body, Call, answer
from backbone.simulator.rest.endpoints import both, only_data_center
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.field_meta import Place, editmeta_json, screen_json
from backbone.simulator.rest.paging import window
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.permissions import may
from backbone.simulator.world.projects import Project

CAP = 200
OLD = "projectIds projectKeys issuetypeIds issuetypeNames expand"


def _creatable(call: Call) -> Project:
    """The project of the path; here even one that is absent or invisible is a bad request (both products say so)."""
    try:
        project = get_project(call)
    except Refused as refusal:
        raise Refused(400, *refusal.messages) from None
    if not may(call.account, "CREATE_ISSUES", project):
        raise Refused(400, "You do not have permission to create issues in this project.")
    return project


def _fields(renderer: Renderer, project: Project, type_id: str) -> Body:
    screens = project.screens[type_id]
    required = set(screens.required) | {"project", "issuetype"}
    screen = list(screens.create)
    if renderer.world.issue_types[type_id].subtask:
        screen.append("parent")
        required.add("parent")
    return screen_json(renderer, Place(project=project, type_id=type_id), screen, required)


def _page(call: Call, things: list[Body], cloud_key: str) -> Body:
    """Data Center pages have ``values`` and ``isLast``, Cloud's name what they hold."""
    start, size = window(call, CAP)
    kept = things[start : start + size]
    page: Body = {"maxResults": size, "startAt": start, "total": len(things)}
    if call.traits.is_cloud:
        return {cloud_key: kept, **page}
    return {**page, "isLast": start + size >= len(things), "values": kept}


async def types(call: Call) -> web.StreamResponse:
    """``GET issue/createmeta/{project}/issuetypes``."""
    project = _creatable(call)
    renderer = Renderer(call)
    shown = [dict(renderer.issue_type(t)) for t in project.type_ids]
    return answer(_page(call, shown, "issueTypes"))


async def fields(call: Call) -> web.StreamResponse:
    """``GET issue/createmeta/{project}/issuetypes/{id}``."""
    project = _creatable(call)
    type_id = call.path("type")
    if type_id not in project.type_ids:
        raise Refused(400, f"Issue type with id '{type_id}' does not exist.")
    metas = _fields(Renderer(call), project, type_id)
    shown: list[Body] = [{"fieldId": name, **meta} for name, meta in metas.items() if isinstance(meta, dict)]
    return answer(_page(call, shown, "fields"))


def _old_project(call: Call, renderer: Renderer, project: Project) -> Body:
    wanted_ids, wanted_names = call.names("issuetypeIds"), call.names("issuetypeNames")
    with_fields = "projects.issuetypes.fields" in call.names("expand")
    shown: list[Body] = []
    for type_id in project.type_ids:
        name = renderer.world.issue_types[type_id].name
        if (wanted_ids or wanted_names) and type_id not in wanted_ids and name not in wanted_names:
            continue
        body = dict(renderer.issue_type(type_id))
        if with_fields:
            body |= {"expand": "fields", "fields": _fields(renderer, project, type_id)}
        shown.append(body)
    known = renderer.project(project.id)
    brief = {name: known[name] for name in ("self", "id", "key", "name", "avatarUrls")}
    return {"expand": "issuetypes", **brief, "issuetypes": shown}


async def old(call: Call) -> web.StreamResponse:
    """``GET issue/createmeta``: removed from Data Center with version 9."""
    ids, keys = call.names("projectIds"), call.names("projectKeys")
    renderer = Renderer(call)
    shown = [
        _old_project(call, renderer, project)
        for project in call.world.projects.values()
        if may(call.account, "CREATE_ISSUES", project)
        and may(call.account, "BROWSE_PROJECTS", project)
        and (not (ids or keys) or project.id in ids or project.key in keys)
    ]
    return answer({"expand": "projects", "projects": shown})


async def gone(call: Call) -> web.StreamResponse:
    """The old createmeta since version 9: Jira takes the word for an issue key."""
    raise no_issue(call)


async def editmeta(call: Call) -> web.StreamResponse:
    """``GET issue/{id}/editmeta``."""
    issue = get_issue(call)
    if not may(call.account, "EDIT_ISSUES", call.world.projects[issue.project_id], issue):
        return answer({"fields": {}})
    return answer({"fields": editmeta_json(Renderer(call), issue)})


def _has_old(traits: Traits) -> bool:
    return traits.old_createmeta


def _lost_old(traits: Traits) -> bool:
    return not traits.old_createmeta


def _has_paged(traits: Traits) -> bool:
    return traits.paged_createmeta


PAGED = "issue/createmeta/{project}/issuetypes"
ENDPOINTS = (
    replace(both("GET", "issue/createmeta", old, OLD), exists=_has_old),
    replace(only_data_center("GET", "issue/createmeta", gone, OLD), exists=_lost_old),
    replace(both("GET", PAGED, types, "startAt maxResults"), exists=_has_paged),
    replace(both("GET", PAGED + "/{type}", fields, "startAt maxResults"), exists=_has_paged),
    both("GET", "issue/{issue}/editmeta", editmeta, "", "overrideScreenSecurity overrideEditableFlag"),
)
