"""Reaching a Jira: certificates, proxies, addresses that lead nowhere, nodes of a cluster."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from backbone.adapters.jira.budget import ProcessBudget
from backbone.adapters.jira.connection import JiraConnection, Timeouts
from backbone.adapters.jira.session import LARGEST_ANSWER, AnswerTooLarge, JiraSession
from backbone.adapters.jira.tracker import JiraTracker
from backbone.core.model.problems import Code
from backbone.ports.login import PasswordLogin
from backbone.ports.tracker import AccessError, Lane, OutcomeUnknown, TransientError
from tests.contracts.jira_sites import site_under_test

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOGIN = PasswordLogin(user="sync", password="secret")


@asynccontextmanager
async def server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Any server; the port that the system chose."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def session(url: str, *, proxy: str | None = None, ca_file: Path | None = None) -> AsyncIterator[JiraSession]:
    timeouts = Timeouts(connecting=10, reading=30, whole=60)
    connection = JiraConnection(base_url=url, login=LOGIN, proxy=proxy, ca_file=ca_file, timeouts=timeouts)
    opened = JiraSession(connection, ProcessBudget())
    try:
        yield opened
    finally:
        await opened.close()


async def fine(request: web.Request) -> web.Response:
    return web.json_response({"host": request.host})


def authority(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for this machine and the file of who signed it."""
    ca = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    file = folder / "ca.pem"
    ca.cert_pem.write_to_path(file)
    return context, file


async def test_a_certificate_of_ones_own_authority_is_trusted(tmp_path: Path) -> None:
    tls, ca_file = authority(tmp_path)
    async with server(fine, tls) as port, session(f"https://127.0.0.1:{port}", ca_file=ca_file) as jira:
        assert (await jira.get("/x", Lane.LIVE)).status == 200


async def test_a_certificate_that_nobody_vouches_for_needs_an_administrator(tmp_path: Path) -> None:
    tls, _ = authority(tmp_path)
    async with server(fine, tls) as port, session(f"https://127.0.0.1:{port}") as jira:
        with pytest.raises(AccessError) as raised:
            await jira.get("/x", Lane.LIVE)

    assert raised.value.code is Code.HOST_UNREACHABLE
    assert "authority" in raised.value.remedy


async def test_a_file_of_certificates_that_is_none_needs_an_administrator(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing", encoding="utf-8")
    async with session("https://127.0.0.1:1", ca_file=file) as jira:
        with pytest.raises(AccessError) as raised:
            await jira.get("/x", Lane.LIVE)

    assert str(file) in raised.value.cause


async def test_calls_go_through_the_proxy_with_its_own_credentials() -> None:
    seen: list[tuple[str, str | None]] = []

    async def relay(request: web.Request) -> web.Response:
        seen.append((request.raw_path, request.headers.get("Proxy-Authorization")))
        return web.json_response({})

    async with (
        server(relay) as port,
        session("http://jira.acme.example/jira", proxy=f"http://me:pw@127.0.0.1:{port}") as jira,
    ):
        await jira.get("/rest/api/2/myself", Lane.LIVE)

    assert seen == [("http://jira.acme.example/jira/rest/api/2/myself", "Basic bWU6cHc=")]


async def test_a_host_that_does_not_answer_may_do_so_later() -> None:
    async with server(fine) as port:
        pass
    async with session(f"http://127.0.0.1:{port}") as jira:
        with pytest.raises(TransientError) as raised:
            await jira.write("POST", "/x", Lane.LIVE, {})

    assert type(raised.value) is TransientError
    assert "secret" not in str(raised.value)


async def test_an_address_that_is_none_needs_an_administrator() -> None:
    async with session("jira acme example") as jira:
        with pytest.raises(AccessError) as raised:
            await jira.get("/x", Lane.LIVE)

    assert raised.value.code is Code.HOST_UNREACHABLE


async def test_what_is_no_jira_is_never_taken_for_one() -> None:
    async def shop(request: web.Request) -> web.Response:
        return web.Response(text=f"<html>welcome to {request.path}</html>", content_type="text/html")

    async with server(shop) as port:
        connection = JiraConnection(base_url=f"http://127.0.0.1:{port}", login=LOGIN)
        tracker = JiraTracker(connection, ProcessBudget())
        with pytest.raises(TransientError):
            await tracker.account()
        await tracker.close()


async def test_an_answer_larger_than_we_hold_is_given_up() -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(LARGEST_ANSWER // 2**20 + 2):
            await response.write(b" " * 2**20)
        return response

    async with server(flood) as port, session(f"http://127.0.0.1:{port}") as jira:
        with pytest.raises(AnswerTooLarge):
            await jira.get("/x", Lane.LIVE)
        with pytest.raises(OutcomeUnknown):  # a write may have been carried out
            await jira.write("PUT", "/x", Lane.LIVE, {}, due=True)


async def test_we_stay_on_one_node_of_a_cluster_but_never_send_a_session() -> None:
    sent: list[str | None] = []

    async def node(request: web.Request) -> web.Response:
        sent.append(request.headers.get("Cookie"))
        response = web.json_response({})
        response.set_cookie("AWSALB", "node-1")
        response.set_cookie("JSESSIONID", "stale")
        return response

    async with server(node) as port, session(f"http://127.0.0.1:{port}") as jira:
        await jira.get("/x", Lane.LIVE)
        await jira.get("/x", Lane.LIVE)

    assert sent == [None, "AWSALB=node-1"]


async def test_every_call_says_who_calls() -> None:
    seen: list[dict[str, str]] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        return web.json_response({})

    async with server(note) as port, session(f"http://127.0.0.1:{port}") as jira:
        await jira.write("PUT", "/x", Lane.LIVE, {"a": 1})

    assert seen[0]["User-Agent"].startswith("backbone/")
    assert seen[0]["X-Atlassian-Token"] == "no-check"
    assert seen[0]["Content-Type"] == "application/json"


async def test_a_closed_connection_answers_nobody() -> None:
    async with site_under_test("10.3.17") as site:
        await site.tracker.close()

        with pytest.raises(TransientError):
            await site.tracker.account()


async def test_an_answer_that_took_long_is_as_old_as_its_question() -> None:
    """Jira dates an answer when it sends it: what was edited after the search read it may be older than that date."""
    clock = [1_795_165_200.0]

    async def slow(request: web.Request) -> web.Response:
        del request
        clock[0] += 5
        return web.json_response({}, headers={"Date": "Fri, 20 Nov 2026 09:00:05 GMT"})

    async with server(slow) as port:
        jira = JiraSession(
            JiraConnection(base_url=f"http://127.0.0.1:{port}", login=LOGIN),
            ProcessBudget(),
            now=lambda: clock[0],
        )
        answer = await jira.get("/x", Lane.LIVE)
        await jira.close()
    assert (answer.at, answer.as_of) == (1_795_165_205_000, 1_795_165_200_000)


async def test_credentials_in_the_file_for_other_programs_are_nothing_to_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither do they get in the way of ours, nor does another host learn them."""
    seen: list[str | None] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.json_response({})

    file = tmp_path / "netrc"
    file.write_text("default login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(file))
    async with server(note) as port, session(f"http://127.0.0.1:{port}") as jira:
        await jira.get("/x", Lane.LIVE)
        async with jira.foreign(f"http://127.0.0.1:{port}/signed", "download") as response:
            assert response.status == 200

    assert seen == ["Basic c3luYzpzZWNyZXQ=", None]


async def test_the_proxy_of_the_environment_is_used_except_where_it_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str | None]] = []

    async def relay(request: web.Request) -> web.Response:
        seen.append((request.raw_path, request.headers.get("Proxy-Authorization")))
        return web.json_response({})

    async with server(relay) as port:
        monkeypatch.setenv("http_proxy", f"http://me:pw@127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with session("http://jira.acme.example") as far, session(f"http://127.0.0.1:{port}") as near:
            await far.get("/x", Lane.LIVE)
            await near.get("/y", Lane.LIVE)

    assert seen == [("http://jira.acme.example/x", "Basic bWU6cHc="), ("/y", None)]
