"""Faults of the line: resets, lost answers, cut bodies, slowness."""

from __future__ import annotations

import socket
import struct
from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec
from aiohttp import web

from backbone.simulator.faults.fault import ATTACHMENTS, Exchange, Fault, Seconds, Share
from backbone.simulator.faults.pages import Page, html_page


class ConnectionReset(Fault, frozen=True, kw_only=True, tag="connection-reset"):
    """The connection is reset before the request has any effect."""

    numbers: ClassVar[str] = "6"
    sources: ClassVar[str] = "pycontribs/jira#1125, #1486"

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        reset(exchange.request)
        return web.Response(status=500)


class Loss(StrEnum):
    """How an answer gets lost."""

    DROP = "drop"
    TIMEOUT = "time-out"
    GATEWAY = "gateway"


class AnswerLost(Fault, frozen=True, kw_only=True, tag="answer-lost"):
    """The request has its effect, its answer never comes.

    ``drop``: the connection is reset. ``time-out``: silence for ``seconds`` before that.
    ``gateway``: 504 from whoever stands in front and lost patience.
    """

    numbers: ClassVar[str] = "7"
    sources: ClassVar[str] = (
        "decocms/studio#6278; vtexdocs/dev-portal-content#2937; mozilla/jira-bugzilla-integration#33"
    )

    how: Loss = Loss.DROP
    seconds: Seconds = 300.0

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        await exchange.answer()
        if self.how is Loss.GATEWAY:
            return html_page(Page.ERROR, 504)
        if self.how is Loss.TIMEOUT:
            await exchange.sleep(self.seconds)
        reset(exchange.request)
        return web.Response(status=500)


class EmptyAnswer(Fault, frozen=True, kw_only=True, tag="empty-answer"):
    """The request has its effect; the answer is 200 with nothing in it (JRA-41559)."""

    numbers: ClassVar[str] = "5"
    sources: ClassVar[str] = "pycontribs/jira#257; JRA-41559"

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        await exchange.answer()
        return web.Response(status=200, content_type="application/json")


class Shape(StrEnum):
    """How a body is broken."""

    CUT = "cut"
    SHORT = "short"
    UNFINISHED_CHUNKS = "unfinished-chunks"
    BAD_CHUNK = "bad-chunk"


class BrokenBody(Fault, frozen=True, kw_only=True, tag="broken-body"):
    """The request has its effect; only the part ``keep`` of the answer's body arrives.

    ``cut``: properly framed, so only its content tells. ``short``: less than Content-Length, then the end.
    ``unfinished-chunks``: chunked without the last chunk. ``bad-chunk``: a chunk without a size.
    """

    numbers: ClassVar[str] = "6"
    sources: ClassVar[str] = "pycontribs/jira#1125, #1486, #1504; princenyeche/jiraone#132"

    shape: Shape = Shape.CUT
    keep: Share = 0.5

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        response = await exchange.answer()
        if not isinstance(response, web.Response) or response.prepared:
            reset(exchange.request)
            return web.Response(status=500)
        if not self.breaks(response):
            exchange.spare()
            return response
        body = whole_body(response)
        part = body[: int(len(body) * self.keep)]
        if self.shape is Shape.CUT:
            response.body = part
            return response
        return await self._break(exchange.request, response, part, len(body))

    def breaks(self, response: web.Response) -> bool:
        """Whether this answer is one to break; one without a body is not."""
        return bool(whole_body(response))

    async def _break(
        self, request: web.Request, response: web.Response, part: bytes, length: int
    ) -> web.StreamResponse:
        broken = copy_head(response)
        if self.shape is Shape.SHORT:
            broken.content_length = length
        else:
            broken.enable_chunked_encoding()
        await broken.prepare(request)
        if part:
            await broken.write(part)
        if self.shape is Shape.BAD_CHUNK and request.transport is not None:
            request.transport.write(b"no size\r\n")
        if request.transport is not None:
            request.transport.close()  # after what is written has left
        return broken


class AttachmentTruncated(BrokenBody, frozen=True, kw_only=True, tag="attachment-truncated"):
    """A download ends early, by default without any sign of it but its size."""

    numbers: ClassVar[str] = "6, 27"
    sources: ClassVar[str] = "princenyeche/jiraone#132"

    path: str = ATTACHMENTS

    def breaks(self, response: web.Response) -> bool:
        return response.status == 200


class Slow(Fault, frozen=True, kw_only=True, tag="slow"):
    """The answer takes its time: ``seconds`` before the request has its effect."""

    numbers: ClassVar[str] = "8"
    sources: ClassVar[str] = "pycontribs/jira#1499"

    seconds: Seconds = 5.0

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        await exchange.sleep(self.seconds)
        return await exchange.answer()


class Dribble(Fault, frozen=True, kw_only=True, tag="dribble"):
    """The body comes in ``pieces``, ``seconds`` apart."""

    numbers: ClassVar[str] = "8"
    sources: ClassVar[str] = "pycontribs/jira#1499"

    pieces: Annotated[int, msgspec.Meta(ge=2)] = 10
    seconds: Seconds = 1.0

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        response = await exchange.answer()
        if not isinstance(response, web.Response) or response.prepared:
            return response
        body = whole_body(response)
        dribbled = copy_head(response)
        dribbled.content_length = len(body)
        await dribbled.prepare(exchange.request)
        size = max(1, -(-len(body) // self.pieces))
        for start in range(0, len(body), size):
            await exchange.sleep(self.seconds)
            await dribbled.write(body[start : start + size])
        return dribbled


def reset(request: web.Request) -> None:
    """Cut the connection at once, so that the peer sees a reset."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def whole_body(response: web.Response) -> bytes:
    """The body of an answer that has not left yet."""
    return bytes(response.body) if isinstance(response.body, bytes | bytearray) else b""


def copy_head(response: web.Response) -> web.StreamResponse:
    """Status and headers of an answer, without what describes its body's length."""
    copied = web.StreamResponse(status=response.status, reason=response.reason, headers=response.headers)
    copied.headers.popall("Content-Length", None)
    return copied
