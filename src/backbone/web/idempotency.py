"""``Idempotency-Key``: a caller that got no answer sends the same request again, and nothing is done twice.

A route that makes something takes ``key: Repeatable`` and answers by :func:`once`::

    async def resync(request: Request, key: Repeatable, …) -> Response:
        async def work(unit: AdministrationUnit) -> Answer:
            return answer_of(task_document(request, await start_resync(unit, …)))

        return await once(request, key, work)

What ``work`` writes, it writes to the unit; it is committed together with the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from backbone.app.usecases.repeating import answer_before, answer_once
from backbone.ports.administration import AdministrationUnit
from backbone.ports.repeats import AnotherRequest, Answer, RequestKey, UnderWay
from backbone.web.access import SignedIn
from backbone.web.errors import Refused
from backbone.web.installation import installation_of

_LONGEST = 255


async def _request_key(
    request: Request,
    caller: SignedIn,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Any text of yours, such as a UUID. The same request under the same key gets the same answer"
            " for 24 hours, and what it asks for is done once.",
            min_length=1,
            max_length=_LONGEST,
        ),
    ] = None,
) -> RequestKey | None:
    if key is None:
        return None
    digest = sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return RequestKey(caller=caller.name, key=key, digest=digest.hexdigest())


Repeatable = Annotated[RequestKey | None, Depends(_request_key)]
"""The key under which the caller may send the same request again; None where it gave none."""


def answer_of(document: BaseModel, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Answer:
    """A document as an answer; what is absent is left out."""
    body = document.model_dump_json(by_alias=True, exclude_none=True)
    return Answer(status=int(status), body=body, headers=tuple((headers or {}).items()))


async def once(
    request: Request, key: RequestKey | None, work: Callable[[AdministrationUnit], Awaitable[Answer]]
) -> Response:
    """Do the work, unless it was done under this key before. Raises Refused (409, 422)."""
    installation = installation_of(request)
    with _told():
        return _response(await answer_once(installation.store, installation.system, key, work))


async def answered_before(request: Request, key: RequestKey | None) -> Response | None:
    """What was answered under this key before, to be asked before a check that takes its time. Raises Refused."""
    installation = installation_of(request)
    with _told():
        answer = await answer_before(installation.store, installation.system, key)
    return _response(answer) if answer is not None else None


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except UnderWay:
        raise Refused(
            HTTPStatus.CONFLICT,
            "The same request is being answered at this moment.",
            "Ask again in a second.",
            headers={"Retry-After": "1"},
        ) from None
    except AnotherRequest:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "This Idempotency-Key was used for another request.",
            "Use a new key for a new request.",
        ) from None


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers), "application/json")
