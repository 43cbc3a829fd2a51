"""Changing the JSON of a request before Jira sees it, and of an answer before the client does."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from aiohttp import web

Object = dict[str, object]


async def read_parameter(request: web.Request, name: str) -> object:
    """A parameter from the query or the JSON body; None when it is in neither."""
    if request.method == "GET":
        return request.query.get(name)
    return (await read_object(request)).get(name)


async def read_object(request: web.Request) -> Object:
    """The JSON object in the body; an empty one for anything else."""
    return decode_object(await request.read())


def decode_object(body: bytes) -> Object:
    """A JSON object; an empty one for anything else."""
    try:
        decoded = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


async def with_parameters(request: web.Request, changes: Mapping[str, str | int]) -> web.Request:
    """The same request with other parameters, in its query or in its JSON body."""
    if request.method == "GET":
        return request.clone(rel_url=request.rel_url.update_query(dict(changes)))
    await replace_object(request, {**await read_object(request), **changes})
    return request


async def replace_object(request: web.Request, body: Mapping[str, object]) -> None:
    """Give a request another JSON body."""
    await request.read()
    request._read_bytes = msgspec.json.encode(body)  # noqa: SLF001 - the server library has no public way


def answer_object(response: web.StreamResponse) -> Object:
    """The JSON object in an answer; an empty one for anything else."""
    body = response.body if isinstance(response, web.Response) else None
    return decode_object(bytes(body)) if isinstance(body, bytes | bytearray) else {}


def replace_answer(response: web.Response, body: Mapping[str, object]) -> None:
    """Give an answer another JSON body."""
    response.body = msgspec.json.encode(body)
