"""What stands in front of every route."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from fastapi import APIRouter
from starlette.types import Message

from backbone.web.bodies import check_json
from backbone.web.edge import BrokenOff, Edge
from backbone.web.errors import Refused
from backbone.web.front import Front
from backbone.web.routes import table_of
from tests.unit.web.edge_app import TOKEN, acted, app, browser, client, opened, router


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    acted.clear()


async def test_an_answer_cannot_be_framed_guessed_or_stored() -> None:
    async with client() as root:
        for path in ("things", "nothing", "broken"):
            headers = (await root.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"
            assert not any(name.startswith("access-control") for name in headers)
            assert "server" not in headers


async def test_a_stranger_is_told_no_more_than_that_and_never_asked_by_the_browser() -> None:
    async with client("") as nobody:
        answer = await nobody.get("things")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "basic" not in answer.headers["www-authenticate"].casefold()
    assert answer.json()["errorMessages"] == [answer.json()["detail"]]


async def test_a_body_is_not_read_before_its_sender_is_let_in() -> None:
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(b"x")
        yield b"x"

    async with client("") as nobody:
        assert (await nobody.post("long", content=body())).status_code == 401
    assert not read


async def test_a_token_reaches_as_far_as_its_scope() -> None:
    async with client("reader") as reader:
        assert (await reader.get("things")).status_code == 200
        assert (await reader.delete("things")).status_code == 403
        assert (await reader.get("things/a/key", params={"newKey": "b"})).status_code == 403
        assert (await reader.get("things/a/key")).json() == {"key": "a"}
    assert not acted


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site"])
async def test_a_change_begun_by_another_site_is_refused_whatever_the_credential(site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "X-Atlassian-Token": "no-check", "X-CSRF-Token": TOKEN}
    for caller in (client(), browser()):
        async with caller as one:
            assert (await one.delete("things", headers=headers)).status_code == 403
            assert (await one.get("things/a/key", params={"newKey": "b"}, headers=headers)).status_code == 403
            assert (await one.get("things", headers=headers)).status_code == 200
    assert not acted


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://backbone.example.evil.example"])
async def test_a_change_with_a_strange_origin_is_refused(origin: str) -> None:
    async with client() as root:
        assert (await root.delete("things", headers={"Origin": origin})).status_code == 403
        assert (await root.delete("things", headers={"Origin": "http://backbone.example"})).status_code == 200
    assert acted == ["removed"]


async def test_a_preflight_gets_no_permission() -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "DELETE"}
    async with client() as root:
        answer = await root.options("things", headers=asked)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, HEAD, POST"
    assert not any(name.startswith("access-control") for name in answer.headers)


async def test_a_cookie_changes_something_with_the_token_of_its_session_only() -> None:
    async with browser() as one:
        assert (await one.get("things")).status_code == 200
        assert (await one.delete("things")).json()["detail"] == "XSRF check failed."
        assert (await one.delete("things", headers={"X-CSRF-Token": TOKEN[::-1]})).status_code == 403
        assert (await one.delete("things", headers={b"X-CSRF-Token": "ü".encode()})).status_code == 403
        assert not acted
        assert (await one.delete("things", headers={"X-CSRF-Token": TOKEN})).status_code == 200
        assert (await one.delete("things", headers={"X-Atlassian-Token": "nocheck"})).status_code == 200
    assert acted == ["removed", "removed"]


async def test_a_get_that_changes_asks_who_has_only_a_cookie() -> None:
    async with browser() as one:
        page = await one.get("things/a/key", params={"newKey": "<b>"})
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert "Call a &lt;b&gt;?" in page.text
        assert "<script" not in page.text
        assert not acted
        assert (await one.post("things/a/key?newKey=%3Cb%3E", data={"csrf": "wrong"})).status_code == 403
        assert not acted
        answer = await one.post("things/a/key?newKey=%3Cb%3E", data={"csrf": TOKEN})
    assert (answer.status_code, answer.json()) == (200, {"key": "<b>"})
    assert acted == ["<b>"]


@pytest.mark.parametrize("said", ["nocheck", "no-check"])
async def test_a_get_that_changes_acts_for_who_says_so(said: str) -> None:
    async with browser() as one, client() as root:
        assert (await one.get("things/a/key?newKey=b", headers={"X-Atlassian-Token": said})).json() == {"key": "b"}
        assert (await root.get("things/a/key?newKey=c")).json() == {"key": "c"}
    assert acted == ["b", "c"]


async def test_head_never_acts() -> None:
    async with client() as root:
        assert (await root.head("things/a/key")).status_code == 200
        assert (await root.head("things/a/key?newKey=b")).status_code == 405
    assert not acted


@pytest.mark.parametrize(
    "query",
    [
        "thingID=1",
        "thingId=",
        "thingId",
        "thingId=%20",
        "number=1",
        "thingId=1&force=true",
        "=1",
        "%00=1",
        "thingId=1&thingId=2",
    ],
)
async def test_a_misspelt_or_empty_parameter_does_not_widen_a_change(query: str) -> None:
    async with client() as root:
        assert (await root.delete(f"things?{query}")).status_code == 400
        assert not acted
        assert (await root.delete("things")).status_code == 200


@pytest.mark.parametrize("path", ["things%2fa/key", "things/a%2Fkey", "things/a%5Ckey/key", "things/a%00/key", "x"])
async def test_an_encoded_slash_leads_nowhere(path: str) -> None:
    async with client() as root:
        assert (await root.get(path)).status_code == 404
        assert (await root.post(f"{path}?newKey=b")).status_code in (404, 405)
    assert not acted


async def test_a_body_has_an_end() -> None:
    async def endless(times: int) -> AsyncIterator[bytes]:
        for _ in range(times):
            yield b" " * 100_000

    json = {"Content-Type": "application/json"}
    async with client() as root:
        assert (await root.post("things", content=b"[" + b" " * 1_048_576 + b"]", headers=json)).status_code == 413
        assert (await root.post("things", content=endless(12), headers=json)).status_code == 413
        assert (await root.post("long", content=endless(20))).json() == 2_000_000
        assert (await root.post("long", content=endless(31))).status_code == 413
        assert (await root.post("long", content=b"x", headers={"Content-Length": "9" * 30})).status_code == 413
    assert not acted


async def test_json_has_a_bottom() -> None:
    deep = b'{"a":' * 100 + b"1" + b"}" * 100
    async with client() as root:
        for body in (deep, b"[" * 100_000, b'{"a": "\\u0000"}', b'{"a": "\\ud800"}', b"{", b'"' + b'\\"' * 400_000):
            answer = await root.post("things", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 400, body[:20]
        assert (await root.post("things", content=b"{}", headers={"Content-Type": "text/plain"})).status_code == 415
        assert (await root.post("things", json={"a": "\\u0000 [[[" + "[" * 100})).status_code == 200


@pytest.mark.parametrize("body", [b'{"a": "' + b"[" * 100 + b'"}', b"[" + b"[]," * 100 + b"[]]"])
def test_depth_is_not_mistaken_for_length(body: bytes) -> None:
    check_json(body)


def test_a_quote_without_an_end_takes_no_time() -> None:
    with pytest.raises(Refused):
        check_json(b"[" * 65 + b'"' + b'\\"' * 500_000)


async def test_a_route_that_takes_too_long_is_given_up() -> None:
    async with client() as root:
        root._transport.app.state.never = asyncio.Event()  # type: ignore[attr-defined]  # of the transport for ASGI
        answer = await root.get("slow")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"


async def test_a_defect_is_told_by_a_number_and_nothing_else() -> None:
    async with client() as root:
        answer = await root.get("broken")
    assert answer.status_code == 500
    assert "nobody may see" not in answer.text
    assert answer.json()["cure"]


async def test_a_database_that_is_away_is_told_as_such() -> None:
    async with client() as root:
        answer = await root.get("away")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "nobody may see" not in answer.text


async def test_an_answer_that_breaks_off_is_not_made_whole() -> None:
    sent: list[Message] = []

    async def half(_scope: object, _receive: object, send: object) -> None:
        assert callable(send)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError

    async def keep(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/api/open", "raw_path": b"/api/open", "query_string": b""}
    scope |= {"headers": [], "scheme": "http"}
    edge = Edge(half, table_of([("/api", router)]), Front())
    with pytest.raises(BrokenOff):
        await edge(scope, receive, keep)
    assert [one["type"] for one in sent] == ["http.response.start"]


def test_a_route_without_a_rule_is_refused() -> None:
    careless = APIRouter()
    careless.add_api_route("/forgotten", opened, methods=["GET"])
    with pytest.raises(LookupError, match="/forgotten has no rule"):
        table_of([("", careless)])


FORWARDED = {"X-Forwarded-For": "203.0.113.9, 10.0.0.2", "X-Forwarded-Proto": "https"}


async def test_a_proxy_is_believed_when_it_is_trusted() -> None:
    trusting = Front(trusted=(ip_network("10.0.0.0/8"),))
    async with client(front=trusting, address="10.0.0.1") as root:
        answer = await root.get("open", headers=FORWARDED)
    assert answer.json() == {"address": "https://backbone.example/x", "caller": "203.0.113.9"}


@pytest.mark.parametrize("front", [Front(), Front(trusted=(ip_network("192.0.2.0/24"),))])
async def test_nobody_is_believed_to_be_a_proxy_by_default(front: Front) -> None:
    async with client(front=front, address="10.0.0.1") as root:
        answer = await root.get("open", headers=FORWARDED)
    assert answer.json() == {"address": "http://backbone.example/x", "caller": "10.0.0.1"}


async def test_a_path_before_ours_is_taken_off_whether_or_not_the_proxy_did() -> None:
    front = Front(public="https://sync.example/backbone")
    async with client(front=front) as root:
        assert (await root.get("http://backbone.example/backbone/api/open")).json()[
            "address"
        ] == "https://sync.example/backbone/x"
        assert (await root.get("http://backbone.example/api/open")).status_code == 200
        assert (await root.delete("things", headers={"Origin": "https://sync.example"})).status_code == 200


async def test_a_host_that_is_none_does_not_come_back() -> None:
    async with client() as root:
        answer = await root.get("open", headers={"Host": "evil.example/<script>"})
    assert answer.status_code == 400


def test_the_application_describes_itself_nowhere_by_itself() -> None:
    assert app().openapi_url is None
