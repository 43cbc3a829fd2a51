"""Tokens over HTTP: made for oneself, shown once, as wide as allowed, and gone when revoked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from backbone.app.access.caller import Scope
from backbone.ports.access import Administrator
from backbone.web.app import BASE, create_app
from backbone.web.authentication import HttpAuthentication
from tests.parts.office import ROOT, Office


@pytest.fixture
async def served(here: Office) -> FastAPI:
    """The API that knows tokens, with the account that the other clients call as."""
    now = here.system.now()
    async with here.store.administration() as unit:
        await unit.administrators.save(Administrator(name="root", password="", created=now, changed=now))
        await unit.commit()
    return create_app(here, HttpAuthentication(here.authentication, here.system))


def bearer(app: FastAPI, token: str) -> AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return AsyncClient(transport=ASGITransport(app=app), base_url=f"http://backbone.example{BASE}/", headers=headers)


async def test_a_token_works_until_it_is_revoked_and_shows_its_secret_once(here: Office, served: FastAPI) -> None:
    async with here.client() as root:
        made = (await root.post("tokens", json={"label": "report"})).json()
        token = made.pop("token")
        assert (await root.get("tokens")).json() == [made]
        assert made["scope"] == "read"
        async with bearer(served, token) as script:
            assert (await script.get("session")).json()["user"] == "local:root"
            assert (await script.post("tokens", json={"label": "more"})).status_code == 403
            assert (await script.delete(f"tokens/{made['id']}")).status_code == 403
            assert (await root.delete(f"tokens/{made['id']}")).status_code == 200
            assert (await script.get("session")).status_code == 401
        assert (await root.get("tokens")).json()[0]["revoked"] is True
        assert (await root.delete("tokens/unknown")).status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"label": ""},
        {"label": " "},
        {"label": "x", "days": 0},
        {"label": "x", "days": 10_000},
        {"label": "x", "s": 1},
    ],
)
async def test_a_token_needs_a_label_and_an_end(here: Office, served: FastAPI, wanted: dict[str, object]) -> None:
    del served
    async with here.client() as root:
        assert (await root.post("tokens", json=wanted)).status_code == 400


async def test_tokens_of_others_are_not_there(here: Office, served: FastAPI) -> None:
    del served
    here.callers["other"] = replace(ROOT, name="local:other", everything=False, scope=Scope.ADMINISTER)
    async with here.client() as root, here.client("other") as other:
        made = (await root.post("tokens", json={"label": "mine"})).json()
        assert (await other.get("tokens")).json() == []
        assert (await other.delete(f"tokens/{made['id']}")).status_code == 404
