"""The instance and the caller: serverInfo, myself, mypermissions."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web
from yarl import URL

from backbone.simulator.rest.access import get_issue, get_project
from backbone.simulator.rest.call import Body, Call, answer
from backbone.simulator.rest.endpoints import Endpoint, both, words
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.permissions import GLOBAL_PERMISSIONS, PROJECT_PERMISSIONS, may, may_globally
from backbone.simulator.world.projects import Project

ALL_PERMISSIONS = {**PROJECT_PERMISSIONS, **GLOBAL_PERMISSIONS}


async def server_info(call: Call) -> web.StreamResponse:
    """``GET serverInfo``: self-hosted Jira says ``Server``, also with a Data Center licence."""
    renderer = Renderer(call)
    traits = call.traits
    shown: Body = {
        "baseUrl": call.base,
        "version": traits.version_text,
        "versionNumbers": list(traits.version),
        "deploymentType": "Cloud" if traits.is_cloud else "Server",
        "buildNumber": traits.build,
        "buildDate": "2026-06-01T00:00:00.000+0000",
        "serverTime": renderer.time(call.world.clock()),
        "scmInfo": "0000000000000000000000000000000000000000",
        "serverTitle": call.world.settings.title,
    }
    if traits.is_cloud:
        shown["displayUrl"] = call.base
        shown["serverTimeZone"] = call.world.settings.time_zone
        shown["defaultLocale"] = {"locale": "en_US"}
    return answer(shown)


def _group_json(call: Call, name: str) -> Body:
    word = "groupname" if call.traits.is_cloud else "name"
    return {"name": name, "self": str(URL(f"{call.base}/rest/api/2/group").with_query({word: name}))}


async def myself(call: Call) -> web.StreamResponse:
    """``GET myself``: groups are told only where they are asked for."""
    user = call.user
    shown = dict(Renderer(call).user_object(user))
    shown["emailAddress"] = user.email
    shown["locale"] = user.locale
    groups = sorted(user.groups) if "groups" in call.names("expand") else []
    shown["groups"] = {"size": len(user.groups), "items": [_group_json(call, name) for name in groups]}
    shown["applicationRoles"] = {"size": 1, "items": []}
    shown["expand"] = "groups,applicationRoles"
    if not call.traits.is_cloud:
        shown["deleted"] = False
    return answer(shown)


def _permission_json(key: str) -> Body:
    number = list(ALL_PERMISSIONS).index(key) + 10
    kind = "PROJECT" if key in PROJECT_PERMISSIONS else "GLOBAL"
    name = ALL_PERMISSIONS[key]
    return {
        "id": str(number),
        "key": key,
        "name": name,
        "type": kind,
        "description": f"Ability to: {name.lower()}.",
    }


def _scope(call: Call) -> tuple[Project | None, Issue | None]:
    issue_word = call.query("issueKey") or call.query("issueId")
    if issue_word:
        issue = get_issue(call, issue_word)
        return call.world.projects[issue.project_id], issue
    project_word = call.query("projectKey") or call.query("projectId")
    return (get_project(call, project_word) if project_word else None), None


def _held(call: Call, key: str, project: Project | None, issue: Issue | None) -> bool:
    if key in GLOBAL_PERMISSIONS:
        return may_globally(call.account, key)
    if project is not None:
        return may(call.account, key, project, issue)
    return any(may(call.account, key, p) for p in call.world.projects.values())


async def my_permissions(call: Call) -> web.StreamResponse:
    """``GET mypermissions``: everything on Data Center; Cloud wants to be told which."""
    keys: Iterable[str] = call.names("permissions")
    if call.traits.is_cloud:
        if not keys:
            raise Refused(400, "The 'permissions' query parameter is required.")
        unknown = [key for key in keys if key not in ALL_PERMISSIONS]
        if unknown:
            raise Refused(400, f"Unrecognized permission: {unknown[0]}")
    else:
        keys = ALL_PERMISSIONS
    project, issue = _scope(call)
    shown = {k: {**_permission_json(k), "havePermission": _held(call, k, project, issue)} for k in keys}
    return answer({"permissions": shown})


async def permissions(call: Call) -> web.StreamResponse:
    """``GET permissions``: all that exist."""
    call.require_user()
    return answer({"permissions": {k: _permission_json(k) for k in ALL_PERMISSIONS}})


SCOPES = "projectKey projectId issueKey issueId"
ENDPOINTS = (
    Endpoint(method="GET", path="serverInfo", run=server_info, data_center=words("doHealthCheck"), cloud=words()),
    both("GET", "myself", myself, "expand"),
    both("GET", "mypermissions", my_permissions, SCOPES, "permissions projectUuid projectConfigurationUuid commentId"),
    both("GET", "permissions", permissions),
)
