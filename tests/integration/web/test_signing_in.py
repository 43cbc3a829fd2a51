"""Signing in over HTTP: with a header, with a form, with a session; and out again."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from backbone.app.access.caller import Caller
from backbone.ports.access import Administrator
from backbone.web.app import BASE, create_app
from backbone.web.authentication import HttpAuthentication
from tests.parts.office import Office
from tests.parts.people import quick_passwords

CREDENTIALS = {"user": "chief", "password": "correct horse"}


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
async def app(here: Office) -> FastAPI:
    """The API as it is served, with one local administrator."""
    async with here.store.administration() as unit:
        kept = await quick_passwords().hashed(CREDENTIALS["password"])
        now = here.system.now()
        await unit.administrators.save(Administrator(name="chief", password=kept, created=now, changed=now))
        await unit.commit()
    return create_app(here, HttpAuthentication(here.authentication, here.system))


@asynccontextmanager
async def browser(app: FastAPI, scheme: str = "http") -> AsyncIterator[AsyncClient]:
    accepted = {"Accept": "text/html,application/xhtml+xml"}
    async with AsyncClient(
        transport=ASGITransport(app=app), base_url=f"{scheme}://backbone.example", headers=accepted
    ) as one:
        yield one


async def test_a_header_lets_in_and_a_wrong_one_does_not(app: FastAPI) -> None:
    async with browser(app) as one:
        known = await one.get(f"{BASE}/session", headers=basic(**CREDENTIALS))
        assert known.json() == {"user": "local:chief", "shownName": "chief", "scope": "administer"}
        for header in (basic("chief", "wrong"), {"Authorization": "Digest x"}, {"Authorization": ""}):
            answer = await one.get(f"{BASE}/session", headers=header)
            assert answer.status_code == 401
            assert "basic" not in answer.headers["www-authenticate"].casefold()
            assert answer.headers["content-type"] == "application/problem+json"


async def test_two_headers_let_nobody_in(app: FastAPI) -> None:
    header = basic(**CREDENTIALS)["Authorization"]
    async with browser(app) as one:
        answer = await one.get(f"{BASE}/session", headers=[("Authorization", header), ("Authorization", header)])
    assert answer.status_code == 400


async def test_reasons_of_health_are_for_those_who_are_signed_in(app: FastAPI) -> None:
    async with browser(app) as one:
        assert (await one.get(f"{BASE}/health")).json() == {"alive": True, "ready": True}
        assert (await one.get(f"{BASE}/health", headers=basic("chief", "wrong"))).json()["alive"] is True
        assert (await one.get(f"{BASE}/health", headers=basic(**CREDENTIALS))).json()["reasons"] == []


async def test_a_person_who_opens_an_address_signs_in_and_comes_back_to_it(app: FastAPI) -> None:
    wanted = f"{BASE}/session?x=%20y&z=1"
    async with browser(app) as one:
        shown = await one.get(wanted)
        assert shown.status_code == 303
        form = await one.get(shown.headers["location"])
        assert form.status_code == 200
        assert "<script" not in form.text
        found = re.search(r'name="next" value="([^"]*)"', form.text)
        assert found is not None
        back = found[1].replace("&amp;", "&")
        wrong = await one.post("/sign-in", data={**CREDENTIALS, "password": "<no>", "next": back})
        assert wrong.status_code == 401
        assert "The user name, password or token is wrong." in wrong.text
        assert "&lt;no&gt;" not in wrong.text
        right = await one.post("/sign-in", data={**CREDENTIALS, "next": back})
        assert (right.status_code, right.headers["location"]) == (303, wanted)
        cookie = right.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        session = (await one.get(wanted)).json()
        assert session["csrfToken"]
        assert (await one.post("/sign-out", data={})).status_code == 403
        assert (await one.post("/sign-out", data={"csrf": session["csrfToken"]})).status_code == 303
        assert (await one.get(wanted)).status_code == 303
        late = await one.post("/sign-out", data={"csrf": session["csrfToken"]})
        assert (late.status_code, late.headers["location"]) == (303, "/sign-in")


async def test_who_opens_the_root_signs_in_and_sees_how_all_stand(app: FastAPI) -> None:
    async with browser(app) as one:
        stranger = await one.get("/")
        assert (stranger.status_code, stranger.headers["location"]) == (303, "/sign-in?next=%2F")
        back = await one.post("/sign-in", data={**CREDENTIALS, "next": "/"})
        assert back.headers["location"] == "/"
        shown = await one.get("/")
        account = await one.get("/sign-in")

    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'<a href="{BASE}/integrations/INT-1">INT-1</a>' in shown.text
    assert "Pump Controller &lt;&gt; Flow Sensor: <strong>RUNNING</strong>" in shown.text
    assert "backbone serve" in shown.text
    assert f'<a href="{BASE}/problems">' in shown.text
    assert '<a href="/sign-in">Sign out</a>' in shown.text
    assert '<a href="/">Synchronizations</a>' in account.text


async def test_who_administers_a_project_only_is_told_how_to_ask(here: Office) -> None:
    here.callers["anna"] = Caller(name="jira:northwind:anna", shown="anna")
    async with here.client("anna") as one:
        shown = await one.get("http://backbone.example/")

    assert "?projectKey=" in shown.text
    assert "INT-1" not in shown.text


@pytest.mark.parametrize(
    "goal", ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\nb", "javascript:x"]
)
async def test_nobody_is_sent_elsewhere_after_signing_in(app: FastAPI, goal: str) -> None:
    async with browser(app) as one:
        answer = await one.post("/sign-in", data={**CREDENTIALS, "next": goal})
    assert answer.headers["location"] == "/sign-in"


async def test_another_site_signs_nobody_in(app: FastAPI) -> None:
    async with browser(app) as one:
        for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            answer = await one.post("/sign-in", data=CREDENTIALS, headers=header)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers


async def test_over_tls_the_cookie_is_for_tls_only(app: FastAPI) -> None:
    async with browser(app, "https") as one:
        opened = await one.post(f"{BASE}/session", json=CREDENTIALS)
        assert opened.status_code == 200
        assert opened.headers["set-cookie"].startswith("__Host-backbone-session=")
        assert "; Secure" in opened.headers["set-cookie"]
        token = opened.json()["csrfToken"]
        assert (await one.get(f"{BASE}/session")).json()["csrfToken"] == token
        assert (await one.delete(f"{BASE}/session")).status_code == 403
        assert (await one.delete(f"{BASE}/session", headers={"X-CSRF-Token": token})).status_code == 200
        assert (await one.get(f"{BASE}/session", headers={"Accept": "application/json"})).status_code == 401


async def test_a_password_does_not_come_back_in_an_error(app: FastAPI) -> None:
    async with browser(app) as one:
        answer = await one.post(f"{BASE}/session", json={"user": ["chief"], "password": "hunter2", "more": "hunter3"})
    assert answer.status_code == 400
    assert "hunter" not in answer.text


async def test_guessing_passwords_comes_to_an_end(app: FastAPI) -> None:
    async with browser(app) as one:
        answers = [await one.get(f"{BASE}/session", headers=basic("chief", str(number))) for number in range(12)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
