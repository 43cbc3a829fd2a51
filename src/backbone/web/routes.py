"""The table of all routes, as the edge looks at a request before FastAPI does: whose it is, and what it may carry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from fastapi import APIRouter, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from backbone.web.access import Allowed
from backbone.web.bodies import Body
from backbone.web.confirming import ChangesWhen
from backbone.web.errors import Refused

Marker = TypeVar("Marker")

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_SMUGGLED = re.compile(rb"%(?:2f|5c|0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A route: its method and address, for whom it is, and what it takes."""

    method: str
    path: str
    route: APIRoute
    allowed: Allowed
    body: Body
    confirmed: ChangesWhen | None
    names: frozenset[str]
    pattern: re.Pattern[str] = field(repr=False)

    @property
    def takes_json(self) -> bool:
        found = self.route.body_field
        return found is not None and not isinstance(found.field_info, params.Form)

    def changes(self, query: Iterable[str]) -> bool:
        """Whether a request with parameters of these names changes something."""
        return self.method in CHANGING or (self.confirmed is not None and self.confirmed.parameter in query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An entry and what the address says."""

    entry: Entry
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """All entries, in the order in which they were declared."""

    entries: tuple[Entry, ...]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def find(self, method: str, path: str, raw: bytes) -> Found:
        """The entry of an address. Raises Refused (404, 405)."""
        at = [(one, one.pattern.match(path)) for one in self.entries]
        here = [(one, match) for one, match in at if match is not None]
        if not here or _SMUGGLED.search(raw):
            raise Refused(
                HTTPStatus.NOT_FOUND, "There is nothing at this address.", "The reference lists what there is."
            )
        wanted = "GET" if method == "HEAD" else method
        for one, match in here:
            if one.method == wanted:
                return Found(entry=one, parameters=match.groupdict())
        methods = sorted({one.method for one, _ in here} | {"HEAD" for one, _ in here if one.method == "GET"})
        raise Refused(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"{method[:10]} is not possible here.",
            f"This address takes {', '.join(methods)}.",
            headers={"Allow": ", ".join(methods)},
        )


def table_of(routers: Iterable[tuple[str, APIRouter]]) -> Table:
    """The table of routers and the addresses before theirs. Raises LookupError for a route without a rule."""
    return Table(tuple(entry for prefix, router in routers for entry in _entries(prefix, router)))


def _entries(prefix: str, router: APIRouter) -> Iterator[Entry]:
    for route in router.routes:
        assert isinstance(route, APIRoute), "a router has routes only, no routers inside"
        pattern, _, _ = compile_path(prefix + route.path)
        rule = _marker(route, Allowed)
        if rule is None:
            raise LookupError(
                f"{sorted(route.methods or ())} {route.path} has no rule: add dependencies=[allowed(Rule.…)]"
            )
        for method in sorted(route.methods or ()):
            yield Entry(
                method=method,
                path=prefix + route.path,
                route=route,
                allowed=rule,
                body=_marker(route, Body) or Body(),
                confirmed=_marker(route, ChangesWhen),
                names=frozenset(_query_names(route)),
                pattern=pattern,
            )


def _marker(route: APIRoute, kind: type[Marker]) -> Marker | None:
    """What ``dependencies=[…]`` of a route, or of its router, says of a kind."""
    return next((one.dependency for one in route.dependencies if isinstance(one.dependency, kind)), None)


def _query_names(route: APIRoute) -> Iterator[str]:
    for one in get_flat_params(route.dependant):
        if isinstance(one.field_info, params.Query):
            yield one.alias
