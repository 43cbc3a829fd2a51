"""Users: look-up, search, who can be assigned."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from backbone.simulator.rest.access import get_issue, get_project
from backbone.simulator.rest.call import Body, Call, answer
from backbone.simulator.rest.endpoints import both, only_cloud
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.paging import page_json, window
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.people import User
from backbone.simulator.world.permissions import may

CAP = 1000
BULK_CAP = 200


def _whole(call: Call, user: User) -> Body:
    shown: Body = dict(Renderer(call).user_object(user))
    if not call.traits.is_cloud:
        shown |= {"deleted": False, "locale": user.locale}
    return shown


def _by_parameter(call: Call) -> User | None:
    users = call.world.users.values()
    if call.traits.is_cloud:
        if "username" in call.request.query or "key" in call.request.query:
            raise Refused(400, "The query parameter 'username' or 'key' is not supported in GDPR strict mode.")
        return next((u for u in users if u.account_id == call.query("accountId")), None)
    name = call.query("username").casefold()
    return next((u for u in users if u.key == call.query("key") or (name and u.name.casefold() == name)), None)


async def read(call: Call) -> web.StreamResponse:
    """``GET user``."""
    call.require_user()
    user = _by_parameter(call)
    if user is None:
        wanted = call.query("accountId") or call.query("username") or call.query("key")
        word = "Specified user does not exist or you do not have required permissions"
        raise Refused(404, word if call.traits.is_cloud else f"The user named '{wanted}' does not exist")
    return answer(_whole(call, user))


def _fits(query: str) -> Callable[[User], bool]:
    folded = query.casefold()

    def fits(user: User) -> bool:
        words = (user.name, user.display_name, *user.display_name.split(), user.email)
        return any(word.casefold().startswith(folded) for word in words)

    return fits


async def search(call: Call) -> web.StreamResponse:
    """``GET user/search``: Cloud cuts a window first and filters then, so short pages are no end."""
    call.require_user()
    start, size = window(call, CAP)
    everybody = list(call.world.users.values())
    if call.traits.is_cloud:
        if not call.query("query") and not call.query("accountId"):
            raise Refused(400, "Either 'query' or 'accountId' or 'property' is required.")
        fits = _fits(call.query("query"))
        wanted = call.query("accountId")
        found = [
            u for u in everybody[start : start + size] if u.active and (u.account_id == wanted if wanted else fits(u))
        ]
        return answer([_whole(call, user) for user in found])
    if not call.query("username"):
        raise Refused(400, "The username query parameter was not provided")
    name = call.query("username")
    fits = (lambda _: True) if name == "." else _fits(name)
    inactive = call.says_yes("includeInactive")
    found = [u for u in everybody if fits(u) and (u.active or inactive)]
    return answer([_whole(call, user) for user in found[start : start + size]])


async def assignable(call: Call) -> web.StreamResponse:
    """``GET user/assignable/search``."""
    if call.query("issueKey"):
        project = call.world.projects[get_issue(call, call.query("issueKey")).project_id]
    elif call.query("project"):
        project = get_project(call, call.query("project"))
    else:
        raise Refused(400, "The project or issueKey query parameter is required.")
    start, size = window(call, CAP)
    fits = _fits(call.query("query") or call.query("username"))
    everybody = [u for u in call.world.users.values() if u.active and may(u, "ASSIGNABLE_USER", project)]
    if call.traits.is_cloud:
        found = [user for user in everybody[start : start + size] if fits(user)]
    else:
        found = [user for user in everybody if fits(user)][start : start + size]
    return answer([_whole(call, user) for user in found])


async def bulk(call: Call) -> web.StreamResponse:
    """``GET user/bulk`` of Cloud."""
    wanted = call.request.query.getall("accountId", [])
    if not wanted:
        raise Refused(400, "The accountId query parameter is required.")
    found = [user for user in call.world.users.values() if user.account_id in wanted]
    return answer(page_json(call, found, BULK_CAP, lambda user: _whole(call, user)))


ENDPOINTS = (
    both("GET", "user", read, "username key", "accountId expand", data_center_too="includeDeleted"),
    both(
        "GET",
        "user/search",
        search,
        "username startAt maxResults",
        "query accountId property",
        data_center_too="includeActive includeInactive",
    ),
    both(
        "GET",
        "user/assignable/search",
        assignable,
        "username project issueKey startAt maxResults actionDescriptorId",
        "query sessionId accountId issueId recommend accountType appType",
    ),
    only_cloud("GET", "user/bulk", bulk, "startAt maxResults username key accountId"),
)
