"""The control interface over HTTP; its calls are never counted, limited or struck by faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from backbone.simulator.control import administration, persons, traffic, webhooks
from backbone.simulator.control.commands import Command
from backbone.simulator.faults import FaultError
from backbone.simulator.rest.call import Site, answer

PREFIX = "/__simulator__"


COMMANDS = (*traffic.COMMANDS, *administration.COMMANDS, *persons.COMMANDS, *webhooks.COMMANDS)


def refusal(problem: Exception) -> web.Response:
    """400 with one sentence."""
    return answer({"error": str(problem)}, 400)


def _handler(site: Site, command: Command) -> Callable[[web.Request], Awaitable[web.Response]]:  # type: ignore[type-arg] # commands of every kind of body
    async def handle(request: web.Request) -> web.Response:
        try:
            return answer(command.execute(site, await request.read()))
        except (LookupError, ValueError) as problem:
            return refusal(problem)

    return handle


def add_routes(app: web.Application, site: Site) -> None:
    """Give every command its route."""
    for command in COMMANDS:
        app.router.add_route(command.method, f"{PREFIX}/{command.path}", _handler(site, command))

    async def arm(request: web.Request) -> web.Response:
        try:
            fault_id = site.faults.arm(msgspec.json.decode(await request.read()))
        except (FaultError, ValueError) as problem:
            return refusal(problem)
        return answer({"id": fault_id}, 201)

    async def disarm(request: web.Request) -> web.Response:
        try:
            site.faults.disarm(request.match_info["fault"])
        except FaultError as problem:
            return refusal(problem)
        return answer({"faults": site.faults.list()})

    async def commands(request: web.Request) -> web.Response:
        del request
        return answer({"commands": [command.describe() for command in COMMANDS]})

    async def reset(request: web.Request) -> web.Response:
        del request
        site.reset()
        return answer({"issues": len(site.world.issues)})

    async def state(request: web.Request) -> web.Response:
        del request
        return answer(
            {
                "flavour": site.traits.flavour,
                "version": site.traits.version_text,
                "now": site.world.clock().isoformat(),
                "projects": [project.key for project in site.world.projects.values()],
                "users": [user.name for user in site.world.users.values()],
                "issues": len(site.world.issues),
                "mediaPort": site.media_port,
            }
        )

    webhooks.add_routes(app, site, PREFIX)
    app.router.add_post(f"{PREFIX}/faults", arm)
    app.router.add_delete(f"{PREFIX}/faults/{{fault}}", disarm)
    app.router.add_get(f"{PREFIX}/commands", commands)
    app.router.add_post(f"{PREFIX}/reset", reset)
    app.router.add_get(f"{PREFIX}/state", state)
