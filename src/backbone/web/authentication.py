"""Who calls, as HTTP tells it: a header, or the cookie of a session."""

from __future__ import annotations

import math
from http import HTTPStatus

from fastapi import Request, Response

from backbone.app.access.authentication import Authentication
from backbone.app.access.caller import Caller
from backbone.app.access.refusal import Reason, Refusal
from backbone.core.model.keys import Millis
from backbone.ports.system import System
from backbone.web.access import COOKIE, SECURE_COOKIE, session_of
from backbone.web.errors import Refused

STATUSES = {
    Reason.WRONG: HTTPStatus.UNAUTHORIZED,
    Reason.NOT_ENTITLED: HTTPStatus.FORBIDDEN,
    Reason.CAPTCHA: HTTPStatus.FORBIDDEN,
    Reason.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Reason.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.UNREACHABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
_SOON = 5


class HttpAuthentication:
    """Finds out who calls; what :func:`~backbone.web.app.create_app` takes."""

    def __init__(self, authentication: Authentication, system: System) -> None:
        self._authentication = authentication
        self._system = system

    async def __call__(self, request: Request) -> Caller | None:
        """The caller, None for a stranger. Raises Refused for credentials that are wrong.

        A header outdoes a cookie; a cookie whose session ended is none.
        """
        shown = request.headers.getlist("authorization")
        if len(shown) > 1:
            raise Refused(HTTPStatus.BAD_REQUEST, "There is more than one Authorization header.")
        if shown:
            found = await self._authentication.by_header(shown[0], address_of_caller(request))
            if isinstance(found, Refusal):
                raise refused(found, self._system.now())
            return found
        session = session_of(request)
        if session is None:
            return None
        resumed = await self._authentication.by_session(session, address_of_caller(request))
        if not isinstance(resumed, Refusal):
            return resumed
        if resumed.reason is Reason.WRONG:
            return None
        raise refused(resumed, self._system.now())


def refused(refusal: Refusal, now: Millis) -> Refused:
    """The answer of HTTP to somebody who is not let in."""
    wait = {}
    if refusal.retry_at is not None:
        wait = {"Retry-After": str(max(1, math.ceil((refusal.retry_at - now) / 1000)))}
    elif refusal.reason in (Reason.BUSY, Reason.UNREACHABLE):
        wait = {"Retry-After": str(_SOON)}
    return Refused(STATUSES[refusal.reason], refusal.sentence, refusal.cure, headers=wait)


def address_of_caller(request: Request) -> str:
    """The address that the call came from, of the first proxy that is not trusted."""
    return request.client.host if request.client is not None else ""


def keep_session(request: Request, response: Response, ident: str) -> None:
    """Give the browser the cookie of a session: for us only, never for scripts or for changes of other sites."""
    secure = request.scope["scheme"] == "https"
    name = SECURE_COOKIE if secure else COOKIE
    response.set_cookie(name, ident, httponly=True, secure=secure, samesite="lax", path="/")


def drop_session(request: Request, response: Response) -> None:
    """Take the cookie back."""
    secure = request.scope["scheme"] == "https"
    name = SECURE_COOKIE if secure else COOKIE
    response.delete_cookie(name, httponly=True, secure=secure, samesite="lax", path="/")
