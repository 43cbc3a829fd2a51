"""What stands in front of every route, in this order: its address, other sites, who calls, how much, how long.

Nothing of a body is read before its route lets the caller in, and nothing leaves without the headers that keep
browsers from guessing, framing and storing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import parse_qsl

import structlog
from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backbone.web.access import Rule, session_of
from backbone.web.bodies import check_json, check_length, limited, read_whole, replayed, storable
from backbone.web.confirming import question_for, refuse_head
from backbone.web.crossing import refuse_forged, refuse_other_sites
from backbone.web.errors import Refused, answer, refusal_of
from backbone.web.front import Front, placed
from backbone.web.routes import Entry, Found, Table
from backbone.web.signing_in import sign_in_first

log = structlog.get_logger()

READER_PATIENCE = 60.0
"""Seconds in which a reader must take the next piece of an answer."""

POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers hide from us that our own form sent them
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Set where the answer says nothing else."""


class Edge:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, table: Table, front: Front) -> None:
        self._app = app
        self._table = table
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(send)
        here = placed(scope, self._front)
        try:
            await self._pass(here, receive, exchange)
        except Exception as error:  # noqa: BLE001  a caller is told what we can tell; the log has the rest
            refused = _TOO_LONG if exchange.expired() else refusal_of(error)
            await exchange.end(here, receive, _told(refused, Request(here)))

    async def _pass(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        root = len(scope["root_path"])
        found = self._table.find(scope["method"], scope["path"][root:], scope["raw_path"])
        scope["path_params"] = dict(found.parameters)
        entry, request = found.entry, Request(scope, receive)
        async with exchange.until_answered(entry.body.seconds):
            page = await self._guard(found, request)
            if page is not None:
                await page(scope, receive, exchange.send)
                return
            reading = await self._body(entry, request, receive)
            await self._app({**scope, "method": entry.method}, reading, exchange.send)

    async def _guard(self, found: Found, request: Request) -> Response | None:
        entry, query = found.entry, _query(request)
        changes = entry.changes(name for name, _ in query)
        if changes:
            if entry.allowed.rule is not Rule.ANYBODY:  # a Jira that hints adds parameters of its own
                _refuse_unknown(entry, query)
            refuse_other_sites(request, self._front.public)
        await entry.allowed(request)
        if entry.confirmed is None or not changes:
            return None
        refuse_head(request)
        caller = await entry.allowed.demand(request, entry.confirmed.scope)
        return question_for(entry.confirmed, request, caller, session_of(request), found.parameters)

    async def _body(self, entry: Entry, request: Request, receive: Receive) -> Receive:
        """What the route may read. Raises Refused for a body that is too much, or that a page of others sent."""
        check_length(request.headers.get("content-length"), entry.body.limit)
        if entry.body.streamed:
            _refuse_forged(request, b"")
            return limited(receive, entry.body.limit)
        body = await read_whole(receive, entry.body.limit)
        _refuse_forged(request, body)
        if entry.takes_json and body:
            _refuse_no_json(request)
            check_json(body)
        return replayed(body, receive)


class _Exchange:
    """An answer on its way: whether it began, and within what time it must."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._clock: asyncio.Timeout | None = None
        self.started = False

    def until_answered(self, seconds: float) -> asyncio.Timeout:
        """The time that a route has until its answer begins."""
        self._clock = asyncio.timeout(seconds)
        return self._clock

    def expired(self) -> bool:
        """Whether the route had that time and did not answer."""
        return self._clock is not None and self._clock.expired()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            if self._clock is not None:
                self._clock.reschedule(None)
            message = {**message, "headers": _with_ours(message.get("headers", []))}
        async with asyncio.timeout(READER_PATIENCE):
            await self._send(message)

    async def end(self, scope: Scope, receive: Receive, response: Response) -> None:
        """Answer instead of the route, or break off what it began: half an answer must not look like a whole one."""
        if self.started:
            log.warning("answer-broken-off", status=response.status_code)
            raise BrokenOff
        self._clock = None
        await response(scope, receive, self.send)


class BrokenOff(Exception):
    """The server closes the connection."""


_TOO_LONG = Refused(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "This took too long and was given up.",
    "Try again, or ask for less at once.",
    headers={"Retry-After": "30"},
)


def _told(refused: Refused, request: Request) -> Response:
    """A person in front of a browser is shown where to sign in; all others are told."""
    page = sign_in_first(request) if refused.status == HTTPStatus.UNAUTHORIZED else None
    return page or answer(refused)


def _with_ours(given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in given}
    ours = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    return [*given, *(one for one in ours if one[0] not in there)]


def _query(request: Request) -> list[tuple[str, str]]:
    """The parameters in the address. Raises Refused (400) for what the database can't store."""
    text = request.scope["query_string"].decode("latin-1")
    try:
        found = parse_qsl(text, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "There are too many parameters.") from None
    if not all(storable(name) and storable(value) for name, value in found):
        raise Refused(HTTPStatus.BAD_REQUEST, "A parameter holds a character that can't be stored.")
    return found


def _refuse_unknown(entry: Entry, query: Sequence[tuple[str, str]]) -> None:
    """Raises Refused (400): a misspelt, empty or repeated parameter must not widen a change."""
    names = Counter(name for name, _ in query)
    wrong = {name: "It is given more than once." for name, count in names.items() if count > 1}
    wrong |= {name: "It is empty." for name, value in query if not value.strip()}
    wrong |= {name: "There is no such parameter." for name in names if name not in entry.names}
    if wrong:
        known = ", ".join(sorted(entry.names)) or "none"
        cure = f"Parameters of this change: {known}."
        raise Refused(HTTPStatus.BAD_REQUEST, "A parameter is not understood; nothing was changed.", cure, wrong)


def _refuse_forged(request: Request, body: bytes) -> None:
    caller = getattr(request.state, "caller", None)
    if caller is not None and request.method not in ("GET", "HEAD"):
        refuse_forged(request, caller, session_of(request), body)


def _refuse_no_json(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "The body is no JSON by its header.",
            "Send Content-Type: application/json.",
        )
