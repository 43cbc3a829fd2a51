"""The description of the API (OpenAPI 3.1), made from its routes and their rules."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from backbone import __version__
from backbone.web.access import Rule
from backbone.web.errors import PROBLEM_JSON
from backbone.web.routes import CHANGING, Entry, Table

Json = dict[str, Any]  # OpenAPI is a tree of everything

RULES = {
    Rule.ANYBODY: "everybody",
    Rule.SIGNED_IN: "everybody who is signed in",
    Rule.OF_INTEGRATION: "who administers a project of the synchronization",
    Rule.OF_CONNECTOR: "who administers a project of the connector's synchronization",
    Rule.LOCAL_ADMINISTRATOR: "administrators of this installation",
}
"""Rules in words."""

SCHEMES: Json = {
    "basic": {"type": "http", "scheme": "basic", "description": "An account of Jira or of this installation."},
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of this installation, or a personal access token of Jira.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "backbone-session",
        "description": "A session; over TLS the cookie is called `__Host-backbone-session`.",
    },
}

PROBLEM: Json = {
    "type": "object",
    "description": "An error as RFC 9457 has it, with Jira's `errorMessages` and `errors` beside it.",
    "required": ["type", "title", "status", "detail", "errorMessages", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong."},
        "cure": {"type": "string", "description": "What to do about it."},
        "errorMessages": {"type": "array", "items": {"type": "string"}},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}

WHEN = {
    400: "The request is not understood: nothing was done.",
    401: "Nobody is signed in, or the credentials are wrong.",
    403: "The caller may not do this, or another site began it.",
    404: "There is no such thing, or it is not the caller's.",
    405: "HEAD changes nothing.",
    408: "The body did not arrive in time.",
    409: "It contradicts what is there.",
    413: "The body is too large.",
    415: "The body is no JSON by its header.",
    429: "Too many attempts; `Retry-After` tells when there may be more.",
    503: "The database or a Jira does not answer, or it took too long; `Retry-After` tells when to try again.",
}
"""When an error is answered, unless a route says it better."""


def describe(app: FastAPI, table: Table, server: str = "") -> Json:
    """The description of all routes in the table that are meant to be described."""
    found: Json = get_openapi(
        title="Backbone",
        version=__version__,
        summary="Keeps the issues of two Jiras equal, in both directions.",
        routes=app.routes,
        servers=[{"url": server or "/"}],
    )
    for entry in table:
        operation = found["paths"].get(entry.path, {}).get(entry.method.lower())
        if operation is not None:
            _tell(operation, entry)
    parts = found.setdefault("components", {})
    parts["securitySchemes"] = SCHEMES
    parts["schemas"] = _without_unused({**parts.get("schemas", {}), "Problem": PROBLEM})
    return found


def _tell(operation: Json, entry: Entry) -> None:
    open_to_all = entry.allowed.rule is Rule.ANYBODY
    operation["x-rule"] = entry.allowed.rule.value
    if not open_to_all:
        operation["x-scope"] = entry.allowed.scope.value
        operation["security"] = [{name: []} for name in SCHEMES]
    if entry.confirmed is not None:
        operation["x-confirmed"] = {"parameter": entry.confirmed.parameter, "scope": entry.confirmed.scope.value}
    responses = operation["responses"]
    responses.pop("422", None)
    for status in _statuses(entry):
        responses.setdefault(str(status), {})
    for status, told in responses.items():
        if int(status) >= 400:
            told["description"] = _words(int(status), told.get("description"))
            told["content"] = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"] = dict(sorted(responses.items()))


def _words(status: int, given: str | None) -> str:
    """FastAPI puts the name of a status where nothing was said."""
    told = given not in (None, "", HTTPStatus(status).phrase, "Additional Response", "Bad Request")
    return given if told and given else WHEN.get(status, HTTPStatus(status).phrase)


def _statuses(entry: Entry) -> Iterator[int]:
    """The errors that the edge answers with."""
    yield from (400, 503)
    if entry.allowed.rule is not Rule.ANYBODY:
        yield from (401, 403, 429)
    if entry.method in CHANGING:
        yield from (403, 408, 413)
    if entry.takes_json:
        yield 415
    if "{" in entry.path:
        yield 404


def _without_unused(schemas: Json) -> Json:
    """FastAPI's own errors are not ours."""
    return {name: one for name, one in schemas.items() if name not in ("HTTPValidationError", "ValidationError")}
