"""From a request to an endpoint and back: authentication, strictness, errors as Jira words them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from itertools import count

from aiohttp import web

from backbone.simulator.rest.authentication import Caller, identify, identity_headers
from backbone.simulator.rest.call import NODE_COOKIE, Call, Site, answer
from backbone.simulator.rest.endpoints import Endpoint
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.times import epoch_milliseconds

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]
BROWSER = "Mozilla"
PAGE_NOT_FOUND = "<html><head><title>Oops, you&#39;ve found a dead link.</title></head></html>"
REQUEST_NUMBERS = "X-AREQUESTID"


def refusal_response(refusal: Refused, caller: Caller) -> web.Response:
    """The answer of a refused request, in the language of the caller."""
    if isinstance(refusal.body, str):
        return web.Response(status=refusal.status, text=refusal.body, content_type="text/html", headers=refusal.headers)
    locale = caller.account.locale if caller.account is not None else "en_US"
    body = refusal.body if refusal.body is not None else refusal.collection(locale)
    return answer(body, refusal.status, refusal.headers)


def _check_parameters(endpoint: Endpoint, call: Call) -> None:
    allowed = endpoint.parameters(call.traits) or frozenset()
    unknown = [name for name in call.request.query if name not in allowed]
    if unknown:
        text = f"Unknown query parameter: {', '.join(unknown)} (the simulator refuses what Jira would ignore)"
        raise Refused(400, text)


def _check_origin(call: Call) -> None:
    """Jira's XSRF filter: writes that look like a browser's need a word that they are meant."""
    request = call.request
    looks_like_browser = BROWSER in request.headers.get("User-Agent", "")
    checked = request.headers.get("X-Atlassian-Token", "") in {"no-check", "nocheck"}
    if request.method in {"POST", "PUT", "DELETE"} and looks_like_browser and not checked:
        raise Refused(403, body="XSRF check failed")


class Dispatcher:
    """Runs endpoints of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._numbers = count(1)

    def handler(self, api: str, by_method: dict[str, Endpoint]) -> Handle:
        """The handler of one path in one version of the interface."""

        async def handle(request: web.Request) -> web.StreamResponse:
            caller = Caller(account=None)
            node = self._site.node_of(request)
            try:
                caller = identify(self._site, request)
                call = Call(request=request, site=self._site, account=caller.account, api=api, node=node)
                response = await self._run(by_method.get(request.method), call)
            except Refused as refusal:
                response = refusal_response(refusal, caller)
            self._mark(response, caller)
            if self._site.nodes > 1:
                response.headers["X-ANODEID"] = f"node{node}"
                response.set_cookie(NODE_COOKIE, f"node{node}")
            return response

        return handle

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        """Answer a path that nobody serves: JSON below the REST interface, a page elsewhere."""
        if "/rest/" not in request.path:
            return web.Response(status=404, text=PAGE_NOT_FOUND, content_type="text/html")
        response = answer({"message": "null for uri: " + str(request.url), "status-code": 404}, 404)
        self._mark(response, Caller(account=None))
        return response

    async def _run(self, endpoint: Endpoint | None, call: Call) -> web.StreamResponse:
        if endpoint is None:
            raise Refused(405, body={"message": "Method Not Allowed", "status-code": 405})
        _check_parameters(endpoint, call)
        _check_origin(call)
        return await endpoint.run(call)

    def _mark(self, response: web.StreamResponse, caller: Caller) -> None:
        if response.prepared:
            return
        now = self._site.world.clock()
        response.headers["Date"] = f"{now:%a, %d %b %Y %H:%M:%S GMT}"
        number = next(self._numbers)
        name = "atl-traceid" if self._site.traits.is_cloud else REQUEST_NUMBERS
        response.headers[name] = f"{epoch_milliseconds(now):x}x{number}"
        for header, value in identity_headers(self._site, caller).items():
            response.headers.setdefault(header, value)


def paths(endpoints: Iterable[Endpoint], site: Site) -> dict[str, dict[str, Endpoint]]:
    """Endpoints that exist in this product, by path and method; the literal paths first."""
    table: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for endpoint in endpoints:
        if endpoint.parameters(site.traits) is not None:
            table[endpoint.path][endpoint.method] = endpoint
    return dict(sorted(table.items(), key=lambda entry: entry[0].count("{")))


def endpoint_name(request: web.Request) -> str:
    """``GET issue/{issue}``, whatever version and context the path names; ``GET ?`` for an unknown path."""
    resource = request.match_info.route.resource
    if resource is None:
        return f"{request.method} ?"
    path = resource.canonical
    if "{unknown}" in path:
        return f"{request.method} ?"
    _, found, rest = path.partition("/rest/api/")
    return f"{request.method} {rest.partition('/')[2] if found else path.lstrip('/')}"
