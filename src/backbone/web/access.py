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


async def signed_in(request: Request) -> Caller:
    """The caller. Raises Refused for a stranger."""
    authenticate: Authenticate = request.app.state.authenticate
    caller = await authenticate(request)
    if caller is None:
        raise Refused(
            HTTPStatus.UNAUTHORIZED, "Nobody is signed in.", "Send an Authorization header, or sign in first."
        )
    return caller


SignedIn = Annotated[Caller, Depends(signed_in)]


async def _synchronization(request: Request, caller: Caller) -> Synchronization:
    installation = installation_of(request)
    key, connector = request.path_params.get("integration_key"), request.path_params.get("connector_key")
    async with installation.store.unit() as uow:
        known = (
            await uow.synchronizations.get(SynchronizationKey(key))
            if key is not None
            else next(
                (one for one in await uow.synchronizations.all() if connector in (one.first, one.second)),
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
        if self.rule is Rule.ANYBODY:
            return
        caller = await signed_in(request)
        if not caller.scope.includes(self.scope):
            raise Refused(
                HTTPStatus.FORBIDDEN,
                f"This token is for '{caller.scope}' and not for '{self.scope}'.",
                "Use a token with a wider scope.",
            )
        if self.rule is Rule.LOCAL_ADMINISTRATOR and not caller.everything:
            raise Refused(HTTPStatus.FORBIDDEN, "Only administrators of this installation may do this.")
        if self.rule in (Rule.OF_INTEGRATION, Rule.OF_CONNECTOR):
            await _synchronization(request, caller)


def allowed(rule: Rule, scope: Scope = Scope.READ) -> params.Depends:
    """A rule for ``dependencies=[…]`` of a route."""
    return params.Depends(Allowed(rule, scope))
