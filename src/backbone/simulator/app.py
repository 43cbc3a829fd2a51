"""The application: all nouns of the REST interface on one site, and what stands in front of them."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from backbone.simulator.control import routes as control
from backbone.simulator.faults import basic_user, fault_middleware
from backbone.simulator.limits import limit_middleware
from backbone.simulator.rest import (
    attachments,
    bulk,
    changelogs,
    comments,
    createmeta,
    fields,
    files,
    issues,
    lists,
    participation,
    projects,
    properties,
    search,
    server,
    transitions,
    users,
)
from backbone.simulator.rest.call import Site
from backbone.simulator.rest.endpoints import Endpoint
from backbone.simulator.rest.serving import Dispatcher, endpoint_name, paths
from backbone.simulator.webhooks import routes as webhooks

CONTROL = "/__simulator__"
LARGEST_BODY = 64 * 1024 * 1024
ENDPOINTS: tuple[Endpoint, ...] = (
    *server.ENDPOINTS,
    *bulk.ENDPOINTS,
    *issues.ENDPOINTS,
    *comments.ENDPOINTS,
    *attachments.ENDPOINTS,
    *transitions.ENDPOINTS,
    *properties.ENDPOINTS,
    *changelogs.ENDPOINTS,
    *search.ENDPOINTS,
    *createmeta.ENDPOINTS,
    *fields.ENDPOINTS,
    *lists.ENDPOINTS,
    *participation.ENDPOINTS,
    *projects.ENDPOINTS,
    *users.ENDPOINTS,
)


def counting(site: Site) -> Middleware:
    """Middleware that counts each call and adds latency to it."""

    @web.middleware
    async def count_call(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(CONTROL):
            return await handler(request)
        if site.latency:
            await asyncio.sleep(site.latency)
        status = 0
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            site.calls.note(endpoint_name(request), status)
        return response

    return count_call


def account_of(site: Site, request: web.Request) -> str:
    """The name of the account of a request as limits and faults know it."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        token = header[7:]
        return next((user.name for user in site.world.users.values() if token in user.tokens), "")
    return basic_user(request)


def add_endpoints(app: web.Application, site: Site) -> None:
    """Give every path of the table its routes, in every version of the interface."""
    dispatcher = Dispatcher(site)
    for path, by_method in paths(ENDPOINTS, site).items():
        for api in site.traits.api_versions:
            app.router.add_route("*", f"{site.context}/rest/api/{api}/{path}", dispatcher.handler(api, by_method))
    files.add_routes(app, site, dispatcher)
    webhooks.add_routes(app, site, dispatcher)
    app.router.add_route("*", "/{unknown:.*}", dispatcher.unknown)


def make_app(site: Site) -> web.Application:
    """The pretend Jira as an aiohttp application."""
    site.faults.account_of = lambda request: account_of(site, request)
    middlewares = [
        counting(site),
        fault_middleware(site.faults),
        limit_middleware(
            site.limits, lambda request: account_of(site, request), lambda: site.world.clock().timestamp()
        ),
    ]
    app = web.Application(middlewares=middlewares, client_max_size=LARGEST_BODY)
    control.add_routes(app, site)
    add_endpoints(app, site)
    return app
