"""Errors as callers see them: RFC 9457, with Jira's ``errorMessages`` and ``errors`` beside it."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from secrets import token_hex

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backbone.app.usecases.mistakes import Mistake

log = structlog.get_logger()

PROBLEM_JSON = "application/problem+json"

RETRY_AFTER = 5
"""Seconds after which a caller may try again when the database was away."""

_AWAY = frozenset({"OperationalError", "InterfaceError", "PoolTimeout", "PoolClosed", "TooManyRequests"})


@dataclass(slots=True)
class Refused(Exception):
    """A request is refused: one sentence with the place, and the cure."""

    status: int
    detail: str
    cure: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def not_found(what: str) -> Refused:
    """Also for what the caller may not see: a stranger learns nothing."""
    return Refused(HTTPStatus.NOT_FOUND, f"There is no {what}.", "Check the key; lists show those that you may see.")


def answer(refused: Refused) -> JSONResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": refused.detail,
        "errorMessages": [refused.detail],
        "errors": dict(refused.errors),
    }
    if refused.cure:
        body["cure"] = refused.cure
    headers = {"WWW-Authenticate": "Bearer"} if refused.status == HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse(body, refused.status, media_type=PROBLEM_JSON, headers={**headers, **refused.headers})


def install(app: FastAPI) -> None:
    """Every error that leaves a route becomes one of this shape."""
    for kind in (Refused, Mistake, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _told)


async def _told(_: Request, error: Exception) -> JSONResponse:
    return answer(refusal_of(error))


def refusal_of(error: Exception) -> Refused:
    """What a caller is told; a defect of ours is logged, and told by the number under which it stands in the log."""
    match error:
        case Refused():
            return error
        case Mistake():
            return Refused(HTTPStatus.BAD_REQUEST, f"{error.place}: {error.cause}.", error.cure)
        case RequestValidationError():
            return Refused(HTTPStatus.BAD_REQUEST, "The request is not understood.", errors=_named(error.errors()))
        case HTTPException():
            return Refused(error.status_code, str(error.detail), headers=error.headers or {})
        case _ if is_away(error):
            return _away(error)
        case _:
            return _defect(error)


def is_away(error: BaseException) -> bool:
    """Whether the database can't be asked. Its driver stays behind the store, so its errors are known by name."""
    kinds = type(error).__mro__
    return any(one.__name__ in _AWAY and one.__module__.startswith("psycopg") for one in kinds)


def _away(error: Exception) -> Refused:
    log.warning("database-away", error=type(error).__name__)
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not answer.",
        "Nothing was changed; try again in a moment.",
        headers={"Retry-After": str(RETRY_AFTER)},
    )


def _defect(error: Exception) -> Refused:
    reference = token_hex(6)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "backbone" in frame.filename] or list(frames)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(ours[-4:]))
    log.error("defect", reference=reference, error=type(error).__name__, where=where)
    return Refused(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"The program failed; the log tells more under {reference}.",
        "Report that line of the log to the makers of Backbone.",
    )


def _named(found: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """What is wrong by its place, in our words or those of the check, never with the value that was given."""
    return {_place(one["loc"]): _message(one) for one in found}


def _place(steps: object) -> str:
    assert isinstance(steps, tuple)
    return ".".join(str(step) for step in steps[1:]) or str(steps[0])


def _message(one: Mapping[str, object]) -> str:
    if one["type"] == "json_invalid":
        return "This is no JSON."
    return str(one["msg"]).rstrip(".") + "."
