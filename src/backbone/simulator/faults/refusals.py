"""Faults that answer instead of Jira: nothing is applied."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec
from aiohttp import web

from backbone.simulator.faults.fault import ATTACHMENTS, Count, Exchange, Fault
from backbone.simulator.faults.pages import Page, error_collection, html_page

ServerStatus = Annotated[int, msgspec.Meta(ge=500, le=599)]


class Body(StrEnum):
    """What an error carries."""

    JSON = "json"
    HTML = "html"
    EMPTY = "empty"


class TooManyRequests(Fault, frozen=True, kw_only=True, tag="too-many-requests"):
    """429; ``retry_after`` may be 0, or null for none; ``reset_in`` seconds stand in X-RateLimit-Reset."""

    numbers: ClassVar[str] = "1, 2"
    sources: ClassVar[str] = (
        "pycontribs/jira#1805, #1825, #1657; jira-node/node-jira-client#364; mozilla/jira-bugzilla-integration#788; "
        "apache/devlake#2932; floralvikings/jira-connector#250"
    )

    retry_after: Count | None = 1
    reset_in: Count | None = None
    reason: str | None = None
    body: Body = Body.JSON

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.reset_in is not None:
            reset = datetime.fromtimestamp(exchange.clock() + self.reset_in, tz=UTC)
            headers["X-RateLimit-Reset"] = reset.strftime("%Y-%m-%dT%H:%MZ")
        if self.reason is not None:
            headers["RateLimit-Reason"] = self.reason
        return _error(429, self.body, "Rate limit exceeded.", headers)


class ServerError(Fault, frozen=True, kw_only=True, tag="server-error"):
    """500, 502, 503 or 504: starting up, re-indexing, or the gateway's patience is over."""

    numbers: ClassVar[str] = "3"
    sources: ClassVar[str] = (
        "pycontribs/jira#731; atlassian/dc-app-performance-toolkit#1064; jenkins-infra/helpdesk#5114"
    )

    status: ServerStatus = 503
    retry_after: Count | None = None
    body: Body = Body.EMPTY

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        del exchange
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return _error(self.status, self.body, "Internal server error", headers)


class HtmlInstead(Fault, frozen=True, kw_only=True, tag="html-instead"):
    """A page for people where JSON is due, also with 200."""

    numbers: ClassVar[str] = "4"
    sources: ClassVar[str] = (
        "getsentry/sentry#102629; ansible-collections/community.general#1049; solidify/jira-azuredevops-migrator#986"
    )

    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 200
    page: Page = Page.LOGIN

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        del exchange
        return html_page(self.page, self.status)


class AttachmentLoginPage(HtmlInstead, frozen=True, kw_only=True, tag="attachment-login-page"):
    """A download gives the login page with 200 instead of the file."""

    numbers: ClassVar[str] = "4, 27"
    sources: ClassVar[str] = "solidify/jira-azuredevops-migrator#986; sooperset/mcp-atlassian#1634"

    path: str = ATTACHMENTS


class LoginRedirect(Fault, frozen=True, kw_only=True, tag="login-redirect"):
    """302 to the login form: what Data Center does with a token on addresses outside REST."""

    numbers: ClassVar[str] = "4, 27"
    sources: ClassVar[str] = "console-helpers/jira-api-restclient#234; Blazity/ai-workflow#50"

    path: str = ATTACHMENTS

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        target = f"{exchange.context}/login.jsp?permissionViolation=true&os_destination={exchange.request.path}"
        return web.Response(status=302, headers={"Location": target})


class Invisible(Fault, frozen=True, kw_only=True, tag="invisible"):
    """Permission withdrawn or issue gone: 404 that does not say which; older servers say 403."""

    numbers: ClassVar[str] = "20, 21"
    sources: ClassVar[str] = (
        "ParabolInc/parabol#5324; yontrack/yontrack#1226; getsentry/sentry-plugins#91; apache/devlake#2226; "
        "mozilla/jira-bugzilla-integration#548"
    )

    path: str = "**/issue/*|**/issue/*/**"
    status: Annotated[int, msgspec.Meta(ge=403, le=404)] = 404

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        del exchange
        return error_collection(self.status, "Issue does not exist or you do not have permission to see it.")


class RefusedFields(Fault, frozen=True, kw_only=True, tag="refused-fields"):
    """A validator says no: 400 with ``errors`` by field and ``messages``; nothing is written."""

    numbers: ClassVar[str] = "24, 25"
    sources: ClassVar[str] = (
        "mozilla/jira-bugzilla-integration#1258, #229; prometheus-community/jiralert#123; "
        "release-engineering/Sync2Jira#123, #454; DataDog/ddqa#70"
    )

    errors: dict[str, str] = msgspec.field(default_factory=dict)
    messages: tuple[str, ...] = ()

    def concerns(self, request: web.Request) -> bool:
        return request.method in {"POST", "PUT"}

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        del exchange
        return error_collection(400, *self.messages, errors=self.errors)


class Conflict(Fault, frozen=True, kw_only=True, tag="conflict"):
    """409: Cloud does not run two transitions or edits of one issue at the same time."""

    numbers: ClassVar[str] = "26"
    sources: ClassVar[str] = "Atlassian change notice: simultaneous transitions of an issue (May 2020)"

    path: str = "**/issue/*|**/issue/*/transitions"

    def concerns(self, request: web.Request) -> bool:
        return request.method in {"POST", "PUT"}

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        del exchange
        return error_collection(409, "The issue is being updated by another request. Try again.")


class EndpointRemoved(Fault, frozen=True, kw_only=True, tag="endpoint-removed"):
    """An address that was there yesterday: 404 on servers, 410 with a sentence on Cloud."""

    numbers: ClassVar[str] = "32"
    sources: ClassVar[str] = "activepieces/activepieces#9242; Atlassian CHANGE-2046"

    status: Annotated[int, msgspec.Meta(ge=404, le=410)] = 410

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        del exchange
        if self.status == 410:
            return error_collection(410, "The requested API has been removed. Please migrate to its successor.")
        return html_page(Page.ERROR, self.status)


def _error(status: int, body: Body, sentence: str, headers: dict[str, str]) -> web.Response:
    if body is Body.JSON:
        return error_collection(status, sentence, headers=headers)
    if body is Body.HTML:
        return html_page(Page.ERROR, status, headers)
    return web.Response(status=status, headers=headers)
