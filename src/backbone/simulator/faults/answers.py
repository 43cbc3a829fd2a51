"""Faults in what answers say: pages, tokens, bulk results, dates, stale nodes."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formatdate
from typing import Annotated, ClassVar

import msgspec
from aiohttp import web

from backbone.simulator.faults.connections import whole_body
from backbone.simulator.faults.fault import Count, Exchange, Fault
from backbone.simulator.faults.rewriting import (
    Object,
    answer_object,
    read_object,
    read_parameter,
    replace_answer,
    replace_object,
    with_parameters,
)

SEARCHES = "**/search|**/search/jql"
CLOUD_SEARCHES = "**/search/jql"
BULK = "**/issue/bulk"
_EMPTY_PAGE_MARK = "empty-page."
_AFTER_EMPTY_PAGE = web.RequestKey("after-empty-page", bool)
PageSize = Annotated[int, msgspec.Meta(ge=1)]


class PageSizeClamp(Fault, frozen=True, kw_only=True, tag="page-size-clamp"):
    """Pages are silently cut to one of ``sizes``, the next one at each request, over and over."""

    numbers: ClassVar[str] = "30"
    sources: ClassVar[str] = "pycontribs/jira#805; ljay79/jira-tools#34; jira-node/node-jira-client#258"

    path: str = SEARCHES
    sizes: Annotated[tuple[PageSize, ...], msgspec.Meta(min_length=1)] = (10,)

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        size = self.sizes[_next_turn(exchange) % len(self.sizes)]
        asked = await read_parameter(exchange.request, "maxResults")
        wanted = int(asked) if isinstance(asked, str | int) and str(asked).isdecimal() else size
        exchange.request = await with_parameters(exchange.request, {"maxResults": min(size, wanted)})
        return await exchange.answer()


def _next_turn(exchange: Exchange) -> int:
    """How many requests the fault has struck before this one."""
    turn = exchange.memory.get("turn", 0)
    assert isinstance(turn, int)  # nobody else writes this memory
    exchange.memory["turn"] = turn + 1
    return turn


class MovingTotal(Fault, frozen=True, kw_only=True, tag="moving-total"):
    """``total`` is another at each page: ``step`` more than at the page before, or less with a negative number."""

    numbers: ClassVar[str] = "30"
    sources: ClassVar[str] = "pycontribs/jira#805; jira-node/node-jira-client#258"

    path: str = SEARCHES
    step: int = -1

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        response = await exchange.answer()
        page = answer_object(response)
        total = page.get("total")
        if not isinstance(response, web.Response) or not isinstance(total, int):
            exchange.spare()
            return response
        replace_answer(response, {**page, "total": max(0, total + self.step * _next_turn(exchange))})
        return response


class RepeatedPageToken(Fault, frozen=True, kw_only=True, tag="repeated-page-token"):
    """A following page comes with the token that led to it, as if it were the next one (JRACLOUD-95368)."""

    numbers: ClassVar[str] = "31"
    sources: ClassVar[str] = "open-webui/oikb#69; sooperset/mcp-atlassian#848; JRACLOUD-95368"

    path: str = CLOUD_SEARCHES
    times: Count | None = 1

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        token = await read_parameter(exchange.request, "nextPageToken")
        response = await exchange.answer()
        page = answer_object(response)
        if token and isinstance(response, web.Response) and "issues" in page:
            replace_answer(response, {**page, "nextPageToken": token, "isLast": False})
        else:
            exchange.spare()
        return response


class EmptyPage(Fault, frozen=True, kw_only=True, tag="empty-page"):
    """A page without issues but with a token; the token leads to the page that was due."""

    numbers: ClassVar[str] = "31"
    sources: ClassVar[str] = "yotamleo/Himmel#554; open-webui/oikb#69"

    path: str = CLOUD_SEARCHES

    def concerns(self, request: web.Request) -> bool:
        return _AFTER_EMPTY_PAGE not in request

    async def translate(self, request: web.Request) -> web.Request:
        token = await read_parameter(request, "nextPageToken")
        if not isinstance(token, str) or not token.startswith(_EMPTY_PAGE_MARK):
            return request
        due = await _with_token(request, token.removeprefix(_EMPTY_PAGE_MARK))
        due[_AFTER_EMPTY_PAGE] = True
        return due

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        token = await read_parameter(exchange.request, "nextPageToken")
        page = {"issues": [], "nextPageToken": f"{_EMPTY_PAGE_MARK}{token or ''}", "isLast": False}
        return web.json_response(page)


async def _with_token(request: web.Request, token: str) -> web.Request:
    if token:
        return await with_parameters(request, {"nextPageToken": token})
    if request.method == "GET":
        return request.clone(rel_url=request.rel_url.without_query_params("nextPageToken"))
    body = await read_object(request)
    await replace_object(request, {name: value for name, value in body.items() if name != "nextPageToken"})
    return request


class PartialBulkCreate(Fault, frozen=True, kw_only=True, tag="partial-bulk-create"):
    """Bulk create refuses the ``elements`` given by position; the others are created.

    The reason stands in ``errors`` under ``field``, or in ``errorMessages`` without one.
    When nothing is left, the answer is 400.
    """

    numbers: ClassVar[str] = "29"
    sources: ClassVar[str] = "pycontribs/jira#498, #1872"

    path: str = BULK
    elements: tuple[Count, ...] = (0,)
    field: str | None = None
    message: str = "Refused by a validator."

    def concerns(self, request: web.Request) -> bool:
        return request.method == "POST"

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        body = await read_object(exchange.request)
        updates = body.get("issueUpdates")
        if not isinstance(updates, list):
            return await exchange.answer()
        kept = [position for position in range(len(updates)) if position not in self.elements]
        errors = [self._error(position) for position in range(len(updates)) if position in self.elements]
        if not kept:
            return web.json_response({"issues": [], "errors": errors}, status=400)
        await replace_object(exchange.request, {**body, "issueUpdates": [updates[position] for position in kept]})
        response = await exchange.answer()
        if isinstance(response, web.Response) and not response.prepared:
            _add_errors(response, errors, kept)
        return response

    def _error(self, position: int) -> Object:
        messages = [] if self.field else [self.message]
        errors = {self.field: self.message} if self.field else {}
        elements = {"errorMessages": messages, "errors": errors}
        return {"status": 400, "elementErrors": elements, "failedElementNumber": position}


def _add_errors(response: web.Response, errors: Sequence[Object], kept: Sequence[int]) -> None:
    """Add errors to Jira's own, whose numbers count the kept elements only."""
    answer = answer_object(response)
    own = answer.get("errors")
    if "issues" not in answer and not isinstance(own, list):
        return
    found = [_renumber(error, kept) for error in own if isinstance(error, dict)] if isinstance(own, list) else []
    merged = sorted([*found, *errors], key=lambda error: str(error.get("failedElementNumber")).zfill(9))
    replace_answer(response, {**answer, "errors": merged})


def _renumber(error: Object, kept: Sequence[int]) -> Object:
    number = error.get("failedElementNumber")
    return {**error, "failedElementNumber": kept[number]} if isinstance(number, int) else error


class DateSkew(Fault, frozen=True, kw_only=True, tag="date-skew"):
    """The Date header is ``seconds`` ahead of the truth, or behind with a negative number."""

    numbers: ClassVar[str] = "16"
    sources: ClassVar[str] = "pipeshub-ai/pipeshub-ai#2878; tenable/integration-jira-cloud#107"

    seconds: int = 300

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        response = await exchange.answer()
        if not response.prepared:
            response.headers["Date"] = formatdate(exchange.clock() + self.seconds, usegmt=True)
        return response


class StaleRead(Fault, frozen=True, kw_only=True, tag="stale-read"):
    """A node that lags: a read is answered as the same read was first answered since the fault was armed."""

    numbers: ClassVar[str] = "10"
    sources: ClassVar[str] = "gravitational/teleport#34581"

    path: str = "**/issue/*|**/issue/*/**"

    def concerns(self, request: web.Request) -> bool:
        return request.method == "GET"

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        key = f"{exchange.request.headers.get('Authorization', '')} {exchange.request.path_qs}"
        remembered = exchange.memory.get(key)
        if isinstance(remembered, bytes):
            return web.Response(body=remembered, content_type="application/json", charset="UTF-8")
        response = await exchange.answer()
        if isinstance(response, web.Response) and response.status == 200 and whole_body(response):
            exchange.memory[key] = bytes(whole_body(response))
        return response
