"""Errors as callers see them: RFC 9457, with Jira's ``errorMessages`` and ``errors`` beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backbone.app.usecases.mistakes import Mistake

PROBLEM_JSON = "application/problem+json"


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
    return JSONResponse(body, refused.status, media_type=PROBLEM_JSON, headers=dict(refused.headers))


def install(app: FastAPI) -> None:
    """Every error that leaves a route becomes one of this shape."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Mistake, _mistake)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return answer(error)


async def _mistake(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Mistake)
    return answer(Refused(HTTPStatus.BAD_REQUEST, f"{error.place}: {error.cause}.", error.cure))


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return answer(Refused(error.status_code, str(error.detail), headers=error.headers or {}))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = {".".join(str(step) for step in one["loc"][1:]) or str(one["loc"][0]): one["msg"] for one in error.errors()}
    return answer(Refused(HTTPStatus.BAD_REQUEST, "The request is not understood.", errors=found))
