"""Every route for every kind of caller, from the table of routes: a new one is tested as soon as it is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response
from httpx2 import ASGITransport, AsyncClient
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.proofs import csrf_token
from backbone.core.model.keys import ConnectionName, ProjectId
from backbone.web.access import COOKIE, Rule
from backbone.web.app import BASE, table
from backbone.web.edge import Edge
from backbone.web.front import Front
from backbone.web.routes import CHANGING, Entry
from tests.parts.office import ROOT, Office
from tests.parts.two_jiras import FIRST, SECOND

LET_IN = 299
SESSION = "a session"

OPEN = {
    f"GET {BASE}/health",
    f"GET {BASE}/openapi.json",
    f"POST {BASE}/session",
    f"POST {BASE}/hints/{{address}}",  # its address is a secret, and it changes nothing but when we look
    "GET /sign-in",
    "POST /sign-in",
}
"""What everybody may call; a route joins only here and with a reason: it tells nothing and lets in nobody."""

OWN = {f"DELETE {BASE}/session", "POST /sign-out"}
"""What changes nothing but the caller's own session, and so is possible with the smallest scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of caller: who it is, and whether the synchronization in the address is theirs."""

    name: str
    caller: Caller | None
    theirs: bool


def kinds(here: Office) -> list[Kind]:
    first, second = here.jiras.halves
    nobody = ROOT.__class__(name="jira:northwind:ben", shown="Ben")

    def of_project(connection: ConnectionName, project: ProjectId) -> Caller:
        return replace(nobody, projects=frozenset({(connection, project)}))

    tokens = [
        Kind(name=f"token for {scope}", caller=replace(ROOT, scope=scope), theirs=True)
        for scope in (Scope.READ, Scope.OPERATE, Scope.CONFIGURE, Scope.ADMINISTER)
    ]
    return [
        Kind(name="stranger", caller=None, theirs=False),
        *tokens,
        Kind(name="administrator of nothing", caller=nobody, theirs=False),
        Kind(name="administrator of the first project", caller=of_project(FIRST, first.project), theirs=True),
        Kind(name="administrator of the second project", caller=of_project(SECOND, second.project), theirs=True),
        Kind(name="administrator of another project", caller=of_project(FIRST, ProjectId("77777")), theirs=False),
        Kind(
            name="administrator of the project with the same id in another Jira",
            caller=of_project(ConnectionName("elsewhere"), first.project),
            theirs=False,
        ),
        Kind(name="administrator of the Jira", caller=replace(nobody, instances=frozenset({FIRST})), theirs=True),
        Kind(
            name="administrator of another Jira",
            caller=replace(nobody, instances=frozenset({ConnectionName("elsewhere")})),
            theirs=False,
        ),
        Kind(name="local administrator", caller=ROOT, theirs=True),
        Kind(
            name="own token that only reads",
            caller=replace(of_project(FIRST, first.project), scope=Scope.READ),
            theirs=True,
        ),
        Kind(name="cookie", caller=replace(ROOT, by_cookie=True), theirs=True),
    ]


def expected(entry: Entry, kind: Kind, *, changes: bool) -> int:
    """What the rules of the issue say, written apart from the code that keeps them."""
    rule, caller = entry.allowed.rule, kind.caller
    if rule is Rule.ANYBODY:
        return LET_IN
    if caller is None:
        return 401
    order = ["read", "operate", "configure", "administer"]
    if order.index(caller.scope.value) < order.index(entry.allowed.scope.value):
        return 403
    if rule is Rule.LOCAL_ADMINISTRATOR and not caller.everything:
        return 403
    if rule in (Rule.OF_INTEGRATION, Rule.OF_CONNECTOR) and not kind.theirs:
        return 404
    if changes and entry.confirmed is not None:
        if order.index(caller.scope.value) < order.index(entry.confirmed.scope.value):
            return 403
        return 200 if caller.by_cookie else LET_IN  # a page that asks
    return 403 if changes and caller.by_cookie else LET_IN


class Door:
    """The edge with all routes, and behind it somebody who tells that the request came through."""

    def __init__(self, here: Office) -> None:
        self.caller: Caller | None = None
        self._app: FastAPI = here.app
        self._app.state.authenticate = self._authenticate
        self._edge = Edge(self._come_in, table(), Front())

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        await self._edge({**scope, "app": self._app}, receive, send)

    async def _authenticate(self, _: Request) -> Caller | None:
        return self.caller

    async def _come_in(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        await Response(status_code=LET_IN)(scope, receive, send)


@pytest.fixture
def door(here: Office) -> Door:
    return Door(here)


@pytest.fixture
async def caller(door: Door) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(app=door), base_url="http://backbone.example") as one:
        one.cookies.set(COOKIE, SESSION)
        yield one


def address(here: Office, entry: Entry) -> str:
    first, _ = here.jiras.halves
    known = {"integration_key": first.synchronization, "connector_key": first.connector}
    names = {name: known.get(name, "1") for name in entry.pattern.groupindex}
    return entry.path.format(**names)


def shapes(here: Office) -> list[tuple[Entry, str, bool]]:
    """Every way to call every route, and whether it changes something."""
    found = []
    for entry in table():
        path = address(here, entry)
        found.append((entry, path, entry.method in CHANGING))
        if entry.confirmed is not None:
            found.append((entry, f"{path}?{entry.confirmed.parameter}=NEW", True))
    return found


async def test_every_route_lets_in_whom_it_is_for_and_nobody_else(
    here: Office, door: Door, caller: AsyncClient
) -> None:
    wrong = []
    for kind in kinds(here):
        door.caller = kind.caller
        for entry, path, changes in shapes(here):
            answer = await caller.request(entry.method, path)
            wanted = expected(entry, kind, changes=changes)
            if answer.status_code != wanted:
                wrong.append(f"{entry.method} {path} for {kind.name}: {answer.status_code} instead of {wanted}")
    assert wrong == []


async def test_a_change_that_another_site_began_is_refused_on_every_route(
    here: Office, door: Door, caller: AsyncClient
) -> None:
    wrong = []
    door.caller = ROOT
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
        for entry, path, changes in shapes(here):
            token = {"X-CSRF-Token": csrf_token(SESSION), "X-Atlassian-Token": "no-check"}
            answer = await caller.request(entry.method, path, headers={**headers, **token})
            if answer.status_code != (403 if changes else LET_IN):
                wrong.append(f"{entry.method} {path} with {headers}: {answer.status_code}")
    assert wrong == []


async def test_a_cookie_with_the_token_of_its_session_changes_what_a_header_does(
    here: Office, door: Door, caller: AsyncClient
) -> None:
    door.caller = replace(ROOT, by_cookie=True)
    for headers in ({"X-CSRF-Token": csrf_token(SESSION)}, {"X-Atlassian-Token": "nocheck"}):
        for entry, path, changes in shapes(here):
            if changes and entry.confirmed is None:
                assert (await caller.request(entry.method, path, headers=headers)).status_code == LET_IN, path


async def test_what_does_not_exist_is_told_like_what_is_foreign(here: Office, door: Door, caller: AsyncClient) -> None:
    first, _ = here.jiras.halves
    told = []
    for who, key in ((ROOT, "NOT-1"), (Caller(name="x", shown="x"), first.connector)):
        door.caller = who
        answer = await caller.get(f"{BASE}/connectors/{key}/syncInformation")
        told.append((answer.status_code, answer.text.replace(key, "KEY")))
    assert told[0] == told[1]
    assert told[0][0] == 404


async def test_nothing_of_a_foreign_synchronization_shows_in_any_answer(here: Office) -> None:
    """The whole application this time: lists leave out what is not the caller's."""
    first, second = here.jiras.halves
    foreign = Caller(name="jira:northwind:ben", shown="Ben", projects=frozenset({(FIRST, ProjectId("77777"))}))
    here.callers["ben"] = foreign
    secrets = {str(one) for one in (first.synchronization, first.connector, second.connector)}
    async with here.client("ben") as client:
        for entry in table():
            if entry.method != "GET" or not entry.path.startswith(BASE) or entry.path.endswith("openapi.json"):
                continue
            path = address(here, entry)
            answer = await client.get(f"http://backbone.example{path}")
            asked = {one for one in secrets if one in path}
            assert not any(f'"{one}"' in answer.text for one in secrets - asked), path
            assert answer.status_code < 500, path


def test_only_these_routes_are_for_everybody() -> None:
    assert {f"{one.method} {one.path}" for one in table() if one.allowed.rule is Rule.ANYBODY} == OPEN


def test_a_route_of_a_synchronization_is_for_who_administers_it() -> None:
    wanted = {"integration_key": Rule.OF_INTEGRATION, "connector_key": Rule.OF_CONNECTOR}
    for entry in table():
        for name, rule in wanted.items():
            if name in entry.pattern.groupindex:
                assert entry.allowed.rule in (rule, Rule.LOCAL_ADMINISTRATOR), entry.path


def test_a_change_needs_more_than_reading() -> None:
    for entry in table():
        if entry.method in CHANGING and f"{entry.method} {entry.path}" not in OPEN | OWN:
            assert entry.allowed.scope is not Scope.READ, f"{entry.method} {entry.path}"
