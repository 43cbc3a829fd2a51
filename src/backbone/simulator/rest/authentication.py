"""Who is calling: basic login, personal tokens, API tokens, and Jira's ways of refusing."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from aiohttp import web

from backbone.simulator.rest.call import Site
from backbone.simulator.rest.errors import Refused
from backbone.simulator.world.people import User

LOGIN_PAGE = (
    "<html><head><title>Unauthorized (401)</title></head><body>Basic Authentication Failure - Reason : {}</body></html>"
)
FAILED = "AUTHENTICATED_FAILED"
DENIED = "AUTHENTICATION_DENIED"
OK = "OK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The account behind a request and what the answer's headers say about the login."""

    account: User | None
    reason: str | None = None


def _basic(header: str) -> tuple[str, str] | None:
    try:
        name, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret


def _refusal(site: Site, reason: str) -> Refused:
    headers = {"X-Seraph-LoginReason": FAILED}
    if site.traits.is_cloud:
        text = "Client must be authenticated to access this resource."
        return Refused(401, headers=headers, body={"message": text, "status-code": 401})
    headers["WWW-Authenticate"] = 'OAuth realm="' + site.context + '"'
    return Refused(401, headers=headers, body=LOGIN_PAGE.format(reason))


def _captcha(site: Site) -> Refused:
    headers = {
        "X-Seraph-LoginReason": DENIED,
        "X-Authentication-Denied-Reason": f"CAPTCHA_CHALLENGE; login-url={site.context}/login.jsp",
    }
    return Refused(403, headers=headers, body=LOGIN_PAGE.format(DENIED))


def _password_login(site: Site, name: str, secret: str) -> User:
    settings = site.world.settings
    if not (settings.basic_login and site.traits.basic_login):
        raise _refusal(site, "BASIC_AUTHENTICATION_DISABLED")
    folded = name.casefold()
    failures = site.world.failed_logins
    if failures.get(folded, 0) >= settings.captcha_after:
        raise _captcha(site)
    user = next((u for u in site.world.users.values() if u.name.casefold() == folded), None)
    if user is None or not user.active or user.password is None or user.password != secret:
        failures[folded] = failures.get(folded, 0) + 1
        raise _refusal(site, FAILED)
    failures.pop(folded, None)
    return user


def _api_token_login(site: Site, email: str, token: str) -> User:
    for user in site.world.users.values():
        if user.email.casefold() == email.casefold() and user.active and token in user.tokens:
            return user
    raise _refusal(site, FAILED)


def identify(site: Site, request: web.Request) -> Caller:
    """The caller, or a refusal.

    A bad Bearer token on Data Center makes an anonymous caller, not a 401: resources that
    anonymous callers may read then answer 200 with less.
    """
    header = request.headers.get("Authorization", "")
    if header.startswith("Basic "):
        pair = _basic(header)
        if pair is None:
            raise _refusal(site, FAILED)
        login = _api_token_login if site.traits.is_cloud else _password_login
        return Caller(account=login(site, *pair), reason=OK)
    if header.startswith("Bearer "):
        return _bearer(site, header[7:])
    return Caller(account=None)


def _bearer(site: Site, token: str) -> Caller:
    if site.traits.is_cloud:
        raise _refusal(site, FAILED)
    if site.traits.personal_tokens:
        for user in site.world.users.values():
            if user.active and token in user.tokens:
                return Caller(account=user, reason=OK)
    return Caller(account=None, reason=FAILED)


def identity_headers(site: Site, caller: Caller) -> dict[str, str]:
    """What every answer tells about the caller."""
    headers: dict[str, str] = {}
    if caller.reason is not None:
        headers["X-Seraph-LoginReason"] = caller.reason
    if site.traits.is_cloud:
        if caller.account is not None:
            headers["X-AACCOUNTID"] = caller.account.account_id
    else:
        headers["X-AUSERNAME"] = caller.account.name if caller.account is not None else "anonymous"
    return headers
