"""Watchers, votes, worklogs and remote links: read-only and empty until they are simulated."""

from __future__ import annotations

from aiohttp import web

from backbone.simulator.rest.access import get_issue
from backbone.simulator.rest.call import Call, answer
from backbone.simulator.rest.endpoints import both
from backbone.simulator.rest.rendering import Renderer

WORKLOG_PAGE = 5000


async def watchers(call: Call) -> web.StreamResponse:
    """``GET issue/{id}/watchers``: nobody watches."""
    link = f"{Renderer(call).rest}/issue/{get_issue(call).key}/watchers"
    return answer({"self": link, "isWatching": False, "watchCount": 0, "watchers": []})


async def votes(call: Call) -> web.StreamResponse:
    """``GET issue/{id}/votes``: nobody voted."""
    link = f"{Renderer(call).rest}/issue/{get_issue(call).key}/votes"
    return answer({"self": link, "votes": 0, "hasVoted": False, "voters": []})


async def worklogs(call: Call) -> web.StreamResponse:
    """``GET issue/{id}/worklog``: no work is logged."""
    get_issue(call)
    size = WORKLOG_PAGE if call.traits.is_cloud else 0
    return answer({"startAt": 0, "maxResults": size, "total": 0, "worklogs": []})


async def remote_links(call: Call) -> web.StreamResponse:
    """``GET issue/{id}/remotelink``: there are none."""
    get_issue(call)
    return answer([])


ENDPOINTS = (
    both("GET", "issue/{issue}/watchers", watchers),
    both("GET", "issue/{issue}/votes", votes),
    both("GET", "issue/{issue}/worklog", worklogs, "", "startAt maxResults startedAfter startedBefore expand"),
    both("GET", "issue/{issue}/remotelink", remote_links, "globalId"),
)
