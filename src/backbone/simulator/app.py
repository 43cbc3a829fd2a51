"""The application: all nouns of the REST interface on one site, and what stands in front of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from backbone.simulator.flavour import Traits
from backbone.simulator.rest import comments, issues, search, server, transitions
from backbone.simulator.rest.call import Site
from backbone.simulator.rest.calls import CallCounts
from backbone.simulator.rest.endpoints import Endpoint
from backbone.simulator.rest.serving import Dispatcher, endpoint_name, paths
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.state import World

CONTROL = "/__simulator__"
ENDPOINTS: tuple[Endpoint, ...] = (
    *server.ENDPOINTS,
    *issues.ENDPOINTS,
    *comments.ENDPOINTS,
    *transitions.ENDPOINTS,
    *search.ENDPOINTS,
)


@dataclass(slots=True, kw_only=True)
class Traffic:
    """What happens to calls before Jira sees them: they are counted and take their time."""

    calls: CallCounts = field(default_factory=CallCounts)
    latency: float = 0.0


def counting(traffic: Traffic) -> Middleware:
    """Middleware that counts each call and adds latency to it."""

    @web.middleware
    async def count_call(request: web.Request, handler: Handler) -> web.StreamResponse:
        if CONTROL in request.path:
            return await handler(request)
        if traffic.latency:
            await asyncio.sleep(traffic.latency)
        status = 0
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            traffic.calls.note(endpoint_name(request), status)
        return response

    return count_call


def add_endpoints(app: web.Application, site: Site) -> None:
    """Give every path of the table its routes, in every version of the interface."""
    dispatcher = Dispatcher(site)
    for path, by_method in paths(ENDPOINTS, site).items():
        for api in site.traits.api_versions:
            app.router.add_route("*", f"{site.context}/rest/api/{api}/{path}", dispatcher.handler(api, by_method))


def make_app(world: World, traits: Traits, traffic: Traffic | None = None, context: str = "") -> web.Application:
    """The pretend Jira as an aiohttp application; ``context`` is a path such as ``/jira``."""
    site = Site(world=world, traits=traits, context=context)
    world.flavour = traits.flavour

    def note(issue: Issue, now: object) -> None:
        site.index.note(issue.id, issue.version, world.clock())

    world.listeners.append(note)
    app = web.Application(middlewares=[counting(traffic or Traffic())], client_max_size=64 * 1024 * 1024)
    add_endpoints(app, site)
    return app
