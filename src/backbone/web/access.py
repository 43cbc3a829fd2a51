"""Which kind of caller a route is for. Every route names its rule; a test refuses one without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request, params

from backbone.app.access.caller import Caller, Scope
from backbone.app.usecases.choosing import halves_of
from backbone.core.model.keys import ConnectorKey, SynchronizationKey
from backbone.ports.records import Synchronization
from backbone.web.errors import Refused, not_found
from backbone.web.installation import installation_of


class Rule(StrEnum):
    """For whom a route is.

    ``OF_INTEGRATION`` and ``OF_CONNECTOR`` are for who administers a project of the synchronization that the path names
    by ``integration_key`` or ``connector_key``; to all others it does not exist.
    """

    ANYBODY = "anybody"
    SIGNED_IN = "signed-in"
    OF_INTEGRATION = "of-integration"
    OF_CONNECTOR = "of-connector"
    LOCAL_ADMINISTRATOR = "local-administrator"


Authenticate = Callable[[Request], Awaitable[Caller | None]]
"""Finds out who calls; None for a stranger. Raises Refused for credentials that are wrong."""


COOKIE = "backbone-session"
SECURE_COOKIE = "__Host-backbone-session"
"""The same over TLS; the prefix keeps other hosts of the domain from setting it."""


def session_of(request: Request) -> str | None:
    """The secret of the session whose cookie the request carries."""
    name = SECURE_COOKIE if request.scope["scheme"] == "https" else COOKIE
    return request.cookies.get(name)


async def anybody(request: Request) -> Caller | None:
    """The caller, None for a stranger. Raises Refused (401) for credentials that are wrong."""
    if not hasattr(request.state, "caller"):
        authenticate: Authenticate = request.app.state.authenticate
        request.state.caller = await authenticate(request)
    caller: Caller | None = request.state.caller
    return caller


Anybody = Annotated[Caller | None, Depends(anybody)]


async def signed_in(request: Request) -> Caller:
    """The caller. Raises Refused (401) for a stranger."""
    caller = await anybody(request)
    if caller is None:
        raise Refused(
            HTTPStatus.UNAUTHORIZED, "Nobody is signed in.", "Send an Authorization header, or sign in first."
        )
    return caller


SignedIn = Annotated[Caller, Depends(signed_in)]


async def _synchronization(request: Request, caller: Caller) -> Synchronization:
    if not hasattr(request.state, "synchronization"):
        request.state.synchronization = await _find_synchronization(request, caller)
    found: Synchronization = request.state.synchronization
    return found


async def _find_synchronization(request: Request, caller: Caller) -> Synchronization:
    installation = installation_of(request)
    key, connector = request.path_params.get("integration_key"), request.path_params.get("connector_key")
    async with installation.store.unit() as uow:
        known = (
            await uow.synchronizations.get(SynchronizationKey(key))
            if key is not None
            else next(
                (one for one in await uow.synchronizations.all() if connector in one.connectors),
                None,
            )
        )
        if known is None or not caller.sees(await halves_of(uow, [known])):
            raise not_found(f"synchronization {key}" if key is not None else f"connector {connector}")
    return known


async def synchronization_of(request: Request, caller: SignedIn) -> Synchronization:
    """The synchronization that the path names. Raises Refused (404) if it is not the caller's."""
    return await _synchronization(request, caller)


OfPath = Annotated[Synchronization, Depends(synchronization_of)]


async def connector_of(request: Request, synchronization: OfPath) -> ConnectorKey:
    """The connector that the path names, of a synchronization that is the caller's."""
    del synchronization
    return ConnectorKey(request.path_params["connector_key"])


OfPathConnector = Annotated[ConnectorKey, Depends(connector_of)]


class Allowed:
    """The dependency that puts a rule on a route: ``dependencies=[allowed(Rule.SIGNED_IN, Scope.READ)]``."""

    def __init__(self, rule: Rule, scope: Scope) -> None:
        self.rule = rule
        self.scope = scope

    async def __call__(self, request: Request) -> None:
        """Raises Refused (401, 403, 404). The edge asks before the body is read; asked again, it costs nothing."""
        if self.rule is Rule.ANYBODY:
            return
        caller = await self.demand(request, self.scope)
        if self.rule is Rule.LOCAL_ADMINISTRATOR and not caller.everything:
            raise Refused(HTTPStatus.FORBIDDEN, "Only administrators of this installation may do this.")
        if self.rule in (Rule.OF_INTEGRATION, Rule.OF_CONNECTOR):
            await _synchronization(request, caller)

    async def demand(self, request: Request, scope: Scope) -> Caller:
        """The caller, who may do this much. Raises Refused (401, 403)."""
        caller = await signed_in(request)
        if not caller.scope.includes(scope):
            raise Refused(
                HTTPStatus.FORBIDDEN,
                f"This token is for '{caller.scope}' and not for '{scope}'.",
                "Use a token with a wider scope.",
            )
        return caller


def allowed(rule: Rule, scope: Scope = Scope.READ) -> params.Depends:
    """A rule for ``dependencies=[…]`` of a route."""
    return params.Depends(Allowed(rule, scope))
