"""Tokens of this installation: what scripts show instead of a password."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from backbone.app.access.caller import Scope
from backbone.app.usecases.tokens import MOST_DAYS, USUAL_DAYS, create_token, list_tokens, revoke_token
from backbone.ports.access import AccessToken
from backbone.web.access import Rule, SignedIn, allowed
from backbone.web.api.documents import Asked, Shown
from backbone.web.errors import not_found
from backbone.web.installation import installation_of
from backbone.web.instants import instant

router = APIRouter(tags=["Tokens"])

TokenPath = Annotated[str, Path(description="The `id` of the token, as the list shows it.", max_length=255)]


class TokenDocument(Shown):
    """A token of the caller; its secret is shown once, when it is made."""

    id: str
    """By which the token is revoked; the token begins with it."""
    label: str
    scope: Scope
    """How much of what its owner may do the token allows."""
    created_date: str
    """Such as `2016-11-14T15:19:21+0100`."""
    expiry_date: str
    last_used_date: str | None = None
    revoked: bool


class NewTokenDocument(TokenDocument):
    """A token that was just made."""

    token: str
    """Send it as `Authorization: Bearer TOKEN`; it is not shown again."""


class WantedToken(Asked):
    """A token to be made."""

    label: str = Field(min_length=1, max_length=100, examples=["nightly report"])
    """What it is for, for people."""
    scope: Scope = Scope.READ
    """At most what the caller shows."""
    days: int = Field(default=USUAL_DAYS, ge=1, le=MOST_DAYS)
    """After so many days it ends."""


@router.get("/tokens", dependencies=[allowed(Rule.SIGNED_IN)], response_model_exclude_none=True)
async def own_tokens(request: Request, caller: SignedIn) -> list[TokenDocument]:
    """The caller's tokens, the newest first."""
    return [_shown(request, one) for one in await list_tokens(installation_of(request).store, caller.name)]


@router.post("/tokens", dependencies=[allowed(Rule.SIGNED_IN, Scope.ADMINISTER)], response_model_exclude_none=True)
async def make_token(request: Request, caller: SignedIn, wanted: WantedToken) -> NewTokenDocument:
    """Make a token that allows as much as the caller may do within its scope. The answer alone shows its secret.

    It takes a password, a session or a token of the widest scope, so that a lost token makes no others.
    """
    here = installation_of(request)
    made = await create_token(
        here.store, here.system, label=wanted.label, scope=wanted.scope, days=wanted.days, by=caller
    )
    return NewTokenDocument(**dict(_shown(request, made.kept)), token=made.whole)


@router.delete("/tokens/{token_id}", dependencies=[allowed(Rule.SIGNED_IN, Scope.OPERATE)], status_code=HTTPStatus.OK)
async def revoke_own_token(request: Request, caller: SignedIn, token_id: TokenPath) -> None:
    """Revoke a token: it does not work any more, from now on. Administrators of this installation revoke any."""
    here = installation_of(request)
    if not await revoke_token(here.store, here.system, prefix=token_id, by=caller):
        raise not_found(f"token {token_id[:64]}")


def _shown(request: Request, one: AccessToken) -> TokenDocument:
    zone = installation_of(request).time_zone
    return TokenDocument(
        id=one.prefix,
        label=one.label,
        scope=Scope(one.scope),
        created_date=instant(one.created, zone),
        expiry_date=instant(one.expires, zone),
        last_used_date=instant(one.last_used, zone) if one.last_used is not None else None,
        revoked=one.revoked is not None,
    )
