"""Sessions: signing in for a while, as pages do; scripts send a header with every call instead."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.proofs import csrf_token
from backbone.app.access.refusal import Refusal
from backbone.ports.login import PasswordLogin
from backbone.web.access import Rule, SignedIn, allowed, session_of
from backbone.web.authentication import address_of_caller, drop_session, keep_session, refused
from backbone.web.bodies import patient
from backbone.web.installation import installation_of

router = APIRouter(tags=["Sessions"])


class Credentials(BaseModel):
    """An account of this installation, or of the Jira whose accounts may sign in here."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    user: str = Field(min_length=1, max_length=255, examples=["admin"])
    password: SecretStr = Field(min_length=1, max_length=8192)


class SessionDocument(BaseModel):
    """Who is signed in. ``csrf_token`` goes with every change that shows nothing but the cookie, in X-CSRF-Token."""

    user: str
    shown_name: str = Field(serialization_alias="shownName")
    scope: Scope
    csrf_token: str | None = Field(default=None, serialization_alias="csrfToken")


@router.get("/session", dependencies=[allowed(Rule.SIGNED_IN)], response_model_exclude_none=True)
async def get_session(request: Request, caller: SignedIn) -> SessionDocument:
    """Who calls, and for a call with a cookie the token that its changes need."""
    session = session_of(request)
    return _shown(caller, csrf_token(session) if caller.by_cookie and session is not None else None)


@router.post(
    "/session",
    dependencies=[allowed(Rule.ANYBODY), patient(60.0, limit=64 * 1024)],
    response_model_exclude_none=True,
    responses={401: {}, 403: {}, 429: {}},
)
async def open_session(request: Request, response: Response, given: Credentials) -> SessionDocument:
    """Sign in: the answer sets a cookie that lasts for at most twelve hours, half an hour without use."""
    installation = installation_of(request)
    credentials = PasswordLogin(user=given.user, password=given.password.get_secret_value())
    opened = await installation_of(request).authentication.sign_in(credentials, address_of_caller(request))
    if isinstance(opened, Refusal):
        raise refused(opened, installation.system.now())
    keep_session(request, response, opened.id)
    return _shown(opened.caller, opened.csrf)


@router.delete("/session", dependencies=[allowed(Rule.SIGNED_IN, Scope.READ)])
async def close_session(request: Request, response: Response, caller: SignedIn) -> None:
    """Sign out. A call with a header has no session; nothing happens then."""
    session = session_of(request)
    if caller.by_cookie and session is not None:
        await installation_of(request).authentication.sign_out(session, address_of_caller(request))
        drop_session(request, response)


def _shown(caller: Caller, token: str | None) -> SessionDocument:
    return SessionDocument(user=caller.name, shown_name=caller.shown, scope=caller.scope, csrf_token=token)
