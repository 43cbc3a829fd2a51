"""Faults of logging in: expired sessions, stale cookies, CAPTCHA, refused methods, XSRF."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
from aiohttp import web

from backbone.simulator.faults.fault import Exchange, Fault
from backbone.simulator.faults.pages import Page, error_collection, html_page

_UNAUTHORIZED = "Client must be authenticated to access this resource."
_NO_CHECK = frozenset({"no-check", "nocheck"})


class SessionExpired(Fault, frozen=True, kw_only=True, tag="session-expired"):
    """401 in the middle of a run although the credentials are good."""

    numbers: ClassVar[str] = "17"
    sources: ClassVar[str] = "pycontribs/jira#1904; lesstif/php-jira-rest-client#232"

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        del exchange
        return error_collection(401, _UNAUTHORIZED, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})


class StaleSessionCookie(Fault, frozen=True, kw_only=True, tag="stale-session-cookie"):
    """Every answer sets a session cookie; who sends it back gets 401 although the token is good."""

    numbers: ClassVar[str] = "17"
    sources: ClassVar[str] = "pycontribs/jira#1904; sumoheavy/jira-ruby#271"

    cookie: str = "JSESSIONID"

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        if self.cookie in exchange.request.cookies:
            return error_collection(401, _UNAUTHORIZED, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
        response = await exchange.answer()
        if not response.prepared:
            response.set_cookie(self.cookie, "6A0C0FFEE0", httponly=True)
        return response


class Captcha(Fault, frozen=True, kw_only=True, tag="captcha"):
    """Too many failed logins: only a login in a browser helps. With 200 the answer is Jira's, with the header."""

    numbers: ClassVar[str] = "18"
    sources: ClassVar[str] = "pycontribs/jira#733; gioboa/jira-plugin#26; go-jira/jira#8; AtlassianPS/JiraPS#107"

    status: Annotated[int, msgspec.Meta(ge=200, le=403)] = 403

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        request = exchange.request
        login = f"{request.scheme}://{request.host}{exchange.context}/login.jsp"
        headers = {
            "X-Authentication-Denied-Reason": f"CAPTCHA_CHALLENGE; login-url={login}",
            "X-Seraph-LoginReason": "AUTHENTICATION_DENIED",
        }
        if self.status != 200:
            return html_page(Page.ERROR, self.status, headers)
        response = await exchange.answer()
        if not response.prepared:
            response.headers.update(headers)
        return response


class BasicRefused(Fault, frozen=True, kw_only=True, tag="basic-refused"):
    """401 for passwords, as Data Center 11 does unless told otherwise; tokens pass."""

    numbers: ClassVar[str] = "19"
    sources: ClassVar[str] = "MrRefactoring/jira.js, Data Center guide"

    def concerns(self, request: web.Request) -> bool:
        basic = request.headers.get("Authorization", "").lower().startswith("basic ")
        return basic or request.path.endswith("/rest/auth/1/session")

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        del exchange
        body = {"message": "Basic authentication is disabled on this instance.", "status-code": 401}
        return web.json_response(body, status=401)


class XsrfCheck(Fault, frozen=True, kw_only=True, tag="xsrf-check"):
    """403 for writes that look like a browser's, and for uploads without X-Atlassian-Token; reads work."""

    numbers: ClassVar[str] = "28"
    sources: ClassVar[str] = "stablyai/orca#5957; MrRefactoring/jira.js#100; pycontribs/jira#44, #821"

    def concerns(self, request: web.Request) -> bool:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return False
        if request.headers.get("X-Atlassian-Token", "").lower() in _NO_CHECK:
            return False
        return request.content_type == "multipart/form-data" or "mozilla" in _user_agent(request)

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        del exchange
        return web.Response(text="XSRF check failed", status=403, content_type="text/html")


def _user_agent(request: web.Request) -> str:
    return request.headers.get("User-Agent", "").lower()
