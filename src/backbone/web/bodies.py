"""How much a request may carry: bytes, time and depth, each route its own; checked before anything is parsed."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import params
from starlette.types import Message, Receive

from backbone.web.errors import Refused

MEGABYTE = 1024 * 1024
DEPTH = 64
"""How deep lists and objects of a JSON body may lie in each other."""

PATIENCE = 30.0
"""Seconds to wait for a body, or for the next piece of a long one."""

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
"""A text without an end is a token as well: else each quote in it would be tried anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """How much a route takes. ``streamed`` leaves the reading to the route; ``seconds`` is its time until the answer."""

    limit: int = MEGABYTE
    streamed: bool = False
    seconds: float = 60.0

    def __call__(self) -> None:
        """Looked at by the edge; to FastAPI it is a dependency that gives nothing."""


def long_body(limit: int = 64 * MEGABYTE, seconds: float = 600.0) -> params.Depends:
    """For ``dependencies=[…]`` of a route that reads ``request.stream()``: what it takes in bytes and seconds.

    More is cut off with 413 while it arrives, whatever its length was said to be.
    """
    return params.Depends(Body(limit=limit, streamed=True, seconds=seconds))


def patient(seconds: float, limit: int = MEGABYTE) -> params.Depends:
    """For ``dependencies=[…]`` of a route whose answer may take longer than a minute, or whose body is larger."""
    return params.Depends(Body(limit=limit, seconds=seconds))


def check_length(told: str | None, limit: int) -> None:
    """Raises Refused (400, 413) for a length that is no number or too large."""
    if told is None:
        return
    if not told.isascii() or not told.isdigit():
        raise Refused(HTTPStatus.BAD_REQUEST, "Content-Length is no number.")
    if len(told) > 12 or int(told) > limit:
        raise _too_large(limit)


async def read_whole(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises Refused (408, 413)."""
    pieces, size = [], 0
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise Refused(HTTPStatus.BAD_REQUEST, "The caller went away.")
                pieces.append(message.get("body", b""))
                size += len(pieces[-1])
                if size > limit:
                    raise _too_large(limit)
                if not message.get("more_body", False):
                    return b"".join(pieces)
    except TimeoutError:
        raise _too_slow() from None


def replayed(body: bytes, receive: Receive) -> Receive:
    """A body that was read, to be read once more; after it whatever comes next."""
    left: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def again() -> Message:
        return next(left, None) or await receive()

    return again


def limited(receive: Receive, limit: int) -> Receive:
    """A body that is read piece by piece, up to its limit. Reading raises Refused (408, 413)."""
    size, ended = 0, False

    async def counted() -> Message:
        nonlocal size, ended
        if ended:
            return await receive()
        try:
            async with asyncio.timeout(PATIENCE):
                message = await receive()
        except TimeoutError:
            raise _too_slow() from None
        size += len(message.get("body", b""))
        ended = not message.get("more_body", False)
        if size > limit:
            raise _too_large(limit)
        return message

    return counted


def check_json(body: bytes) -> None:
    """Raises Refused (400) for JSON that lies too deep, or has characters that can't be stored.

    JSON that is broken is told by who parses it.
    """
    if body.count(b"[") + body.count(b"{") > DEPTH and _depth(body) > DEPTH:
        raise Refused(HTTPStatus.BAD_REQUEST, f"Lists and objects lie in each other deeper than {DEPTH}.")
    if b"\\u" in body and not _storable(body):
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "A text holds a character that can't be stored.",
            "Leave out \\u0000 and half pairs.",
        )


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for token in _TOKENS.finditer(body):
        if token[0] in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in (b"]", b"}"):
            depth -= 1
    return deepest


def _storable(body: bytes) -> bool:
    try:
        plain = json.loads(body)
    except ValueError:
        return True
    return all(storable(text) for text in _texts(plain))


def storable(text: str) -> bool:
    """Whether the database takes this text: no NUL, no half of a pair."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _texts(plain: object) -> Iterator[str]:
    match plain:
        case str():
            yield plain
        case list():
            for one in plain:
                yield from _texts(one)
        case dict():
            for name, one in plain.items():
                yield name
                yield from _texts(one)
        case _:
            return


def _too_large(limit: int) -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The body is larger than {limit:,} bytes.",
        "Send less at once.",
        headers={"Connection": "close"},
    )


def _too_slow() -> Refused:
    return Refused(
        HTTPStatus.REQUEST_TIMEOUT,
        "The body did not arrive in time.",
        "Send it again.",
        headers={"Connection": "close"},
    )
