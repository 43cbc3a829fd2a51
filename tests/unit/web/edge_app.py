"""A small application behind the edge, with a route of each kind, and callers who need no database."""

from __future__ import annotations

from typing import Annotated

import msgspec
import psycopg
from fastapi import APIRouter, Body, FastAPI, Query, Request
from httpx2 import ASGITransport, AsyncClient

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.proofs import csrf_token
from backbone.web import errors
from backbone.web.access import COOKIE, Rule, allowed
from backbone.web.bodies import long_body, patient
from backbone.web.confirming import changes_when
from backbone.web.edge import Edge
from backbone.web.front import Front, address_of
from backbone.web.routes import table_of

router = APIRouter()
acted: list[str] = []
SESSION = "the-secret-of-a-session"
CALLERS = {
    "root": Caller(name="local:root", shown="root", everything=True),
    "reader": Caller(name="local:reader", shown="reader", scope=Scope.READ),
}


async def authenticate(request: Request) -> Caller | None:
    if request.cookies.get(COOKIE) == SESSION:
        return Caller(name="local:root", shown="root", everything=True, by_cookie=True)
    return CALLERS.get(request.headers.get("authorization", ""))


@router.get("/open", dependencies=[allowed(Rule.ANYBODY)])
async def opened(request: Request) -> dict[str, str]:
    return {"address": address_of(request, "/x"), "caller": str(request.client and request.client.host)}


@router.get("/things", dependencies=[allowed(Rule.SIGNED_IN)])
async def things() -> list[str]:
    return []


@router.post("/things", dependencies=[allowed(Rule.SIGNED_IN, Scope.OPERATE)])
async def make_thing(given: Annotated[dict[str, object], Body()]) -> int:
    acted.append("made")
    return len(given)


@router.delete("/things", dependencies=[allowed(Rule.SIGNED_IN, Scope.OPERATE)])
async def remove_things(number: Annotated[int | None, Query(alias="thingId")] = None) -> str:
    acted.append("removed")
    return str(number)


@router.get(
    "/things/{thing}/key",
    dependencies=[allowed(Rule.SIGNED_IN), changes_when("newKey", Scope.CONFIGURE, "Call {thing} {newKey}?")],
)
@router.post("/things/{thing}/key", dependencies=[allowed(Rule.SIGNED_IN, Scope.CONFIGURE)], include_in_schema=False)
async def key(thing: str, new: Annotated[str | None, Query(alias="newKey")] = None) -> dict[str, str]:
    if new is not None:
        acted.append(new)
    return {"key": new or thing}


@router.post("/long", dependencies=[allowed(Rule.SIGNED_IN), long_body(limit=3_000_000)])
async def long(request: Request) -> int:
    return sum([len(piece) async for piece in request.stream()])


@router.get("/slow", dependencies=[allowed(Rule.SIGNED_IN), patient(0.0)])
async def slow(request: Request) -> str:
    await request.app.state.never.wait()
    return "late"


@router.get("/broken", dependencies=[allowed(Rule.SIGNED_IN)])
async def broken() -> str:
    raise msgspec.ValidationError("the word that nobody may see")


@router.get("/away", dependencies=[allowed(Rule.SIGNED_IN)])
async def away() -> str:
    raise psycopg.errors.AdminShutdown("terminating connection of a host that nobody may see")


def app(front: Front | None = None) -> FastAPI:
    made = FastAPI(openapi_url=None)
    made.state.authenticate = authenticate
    made.state.front = front or Front()
    errors.install(made)
    made.add_middleware(Edge, table=table_of([("/api", router)]), front=made.state.front)
    made.include_router(router, prefix="/api")
    return made


def client(caller: str = "root", front: Front | None = None, *, address: str = "127.0.0.1") -> AsyncClient:
    """Calls with an Authorization header; nobody calls with an empty name."""
    headers = {"Authorization": caller} if caller else {}
    transport = ASGITransport(app=app(front), client=(address, 1234))
    return AsyncClient(transport=transport, base_url="http://backbone.example/api/", headers=headers)


def browser() -> AsyncClient:
    """Calls with nothing but the cookie of a session."""
    found = client("")
    found.cookies.set(COOKIE, SESSION)
    return found


TOKEN = csrf_token(SESSION)
