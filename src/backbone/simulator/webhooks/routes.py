"""The addresses of webhooks, as the product and version have them."""

from __future__ import annotations

from aiohttp import web

from backbone.simulator.rest.call import Site
from backbone.simulator.rest.serving import Dispatcher, paths
from backbone.simulator.webhooks import classic, dynamic, modern
from backbone.simulator.webhooks.herald import SiteHerald


def add_routes(app: web.Application, site: Site, dispatcher: Dispatcher) -> None:
    """Serve the interface of this version; the other one is 404.

    What apps may call stands beside the table of endpoints, since it refuses everybody who can log in here.
    """
    site.webhooks.herald = SiteHerald(site)
    endpoints = modern.ENDPOINTS if site.webhooks.is_modern else classic.ENDPOINTS
    for path, by_method in paths(endpoints, site).items():
        app.router.add_route("*", f"{site.context}/{path}", dispatcher.handler("2", by_method))
    for path, by_method in paths(dynamic.ENDPOINTS, site).items():
        for api in site.traits.api_versions:
            app.router.add_route("*", f"{site.context}/rest/api/{api}/{path}", dispatcher.handler(api, by_method))
