"""The page on which people sign in, and the way there for a browser that opens an address of the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.proofs import csrf_token
from backbone.app.access.refusal import Refusal
from backbone.ports.login import PasswordLogin
from backbone.web.access import Rule, SignedIn, allowed, anybody, session_of
from backbone.web.authentication import STATUSES, address_of_caller, drop_session, keep_session
from backbone.web.bodies import patient
from backbone.web.installation import installation_of
from backbone.web.pages import page

router = APIRouter(include_in_schema=False)

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
_SMALL = patient(60.0, limit=64 * 1024)


@router.get(SIGN_IN, dependencies=[allowed(Rule.ANYBODY)])
async def sign_in_page(request: Request, next: str = "") -> Response:  # noqa: A002  as it is called in addresses
    """The form, or for who is signed in the way out."""
    caller, session = await anybody(request), session_of(request)
    if caller is None or session is None:
        return _form(request, next=next)
    return _signed_in(request, caller, session)


@router.post(SIGN_IN, dependencies=[allowed(Rule.ANYBODY), _SMALL])
async def sign_in(
    request: Request,
    user: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002
) -> Response:
    """Open a session and go on to where the person wanted to."""
    credentials = PasswordLogin(user=user.strip(), password=password)
    opened = await installation_of(request).authentication.sign_in(credentials, address_of_caller(request))
    if isinstance(opened, Refusal):
        return _form(
            request, error=f"{opened.sentence} {opened.cure}", user=user, next=next, status=STATUSES[opened.reason]
        )
    response = RedirectResponse(_own(request, next), HTTPStatus.SEE_OTHER)
    keep_session(request, response, opened.id)
    return response


@router.post(SIGN_OUT, dependencies=[allowed(Rule.SIGNED_IN, Scope.READ), _SMALL])
async def sign_out(request: Request, caller: SignedIn) -> Response:
    """End the session."""
    del caller
    session = session_of(request)
    if session is not None:
        await installation_of(request).authentication.sign_out(session, address_of_caller(request))
    response = RedirectResponse(_path(request, SIGN_IN), HTTPStatus.SEE_OTHER)
    drop_session(request, response)
    return response


def sign_in_first(request: Request) -> Response | None:
    """Where to go instead, for a browser that opened an address in its window without being signed in."""
    opened = request.headers.get("sec-fetch-mode", "navigate").casefold() == "navigate"
    reads_pages = "text/html" in request.headers.get("accept", "")
    if not (opened and reads_pages) or "authorization" in request.headers:
        return None
    if request.method != "GET":
        return RedirectResponse(_path(request, SIGN_IN), HTTPStatus.SEE_OTHER)
    back = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    there = urlencode({"next": f"{back}?{query}" if query else back})
    return RedirectResponse(f"{_path(request, SIGN_IN)}?{there}", HTTPStatus.SEE_OTHER)


def _form(request: Request, *, next: str, error: str = "", user: str = "", status: int = 200) -> Response:  # noqa: A002
    action = _path(request, SIGN_IN)
    return page("sign_in.html", status, error=error, user=user, next=_own(request, next), action=action)


def _signed_in(request: Request, caller: Caller, session: str) -> Response:
    token, out = csrf_token(session), _path(request, SIGN_OUT)
    return page("signed_in.html", who=caller.shown, csrf=token, action=out, home=_path(request, "/"))


def _path(request: Request, path: str) -> str:
    return f"{request.scope['root_path']}{path}"


def _own(request: Request, path: str) -> str:
    """The path if it is one of ours, else that of the page; never an address of somebody else."""
    ours = path.startswith(f"{request.scope['root_path']}/") and not path.startswith(("//", "/\\"))
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if ours and plain else _path(request, SIGN_IN)
