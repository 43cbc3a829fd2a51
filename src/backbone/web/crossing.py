"""Whether a browser was tricked into a request: by another site, or by a link that a person only opened."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from fastapi import Request

from backbone.app.access.caller import Caller
from backbone.app.access.proofs import csrf_fits
from backbone.web.errors import Refused

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
UNCHECKED = frozenset({"nocheck", "no-check"})

_FORM = "application/x-www-form-urlencoded"
_STRANGE = frozenset({"cross-site", "same-site"})


def refuse_other_sites(request: Request, public: str | None) -> None:
    """Raises Refused (403) for a change that the page of another site began, whatever the credential.

    Browsers tell it by ``Sec-Fetch-Site``, and where that is missing (as on plain HTTP) by ``Origin``.
    """
    if request.headers.get("sec-fetch-site", "").casefold() in _STRANGE:
        raise Refused(HTTPStatus.FORBIDDEN, "Another site began this change.", "Begin it in Backbone, or in a script.")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc not in _own_hosts(request, public):
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "Another site began this change.",
            "Begin it in Backbone; behind a proxy, set BACKBONE_PUBLIC_ADDRESS.",
        )


def _own_hosts(request: Request, public: str | None) -> set[str]:
    hosts = {request.headers.get("host", "")}
    return (hosts | {urlsplit(public).netloc} if public else hosts) - {""}


def unchecked(request: Request) -> bool:
    """Whether the caller said by a header that no page of another site can set that it means what it does."""
    return request.headers.get("x-atlassian-token", "").strip().casefold() in UNCHECKED


def refuse_forged(request: Request, caller: Caller, session: str | None, body: bytes) -> None:
    """Raises Refused (403) for a change with nothing but a cookie, which a browser sends by itself.

    It needs the token of the session in ``X-CSRF-Token`` or in the field ``csrf`` of a form, or Jira's
    ``X-Atlassian-Token: no-check``.
    """
    if not caller.by_cookie or unchecked(request):
        return
    given = request.headers.get(CSRF_HEADER) or _field(request, body)
    if session is None or given is None or not csrf_fits(session, given):
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "XSRF check failed.",
            f"Send the token of your session in the header {CSRF_HEADER}, or call with an Authorization header.",
        )


def _field(request: Request, body: bytes) -> str | None:
    if request.headers.get("content-type", "").partition(";")[0].strip().casefold() != _FORM:
        return None
    try:
        found = parse_qs(body.decode(), max_num_fields=100).get(CSRF_FIELD)
    except ValueError:
        return None
    return found[0] if found else None
