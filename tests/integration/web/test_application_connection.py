"""Address, credentials and proxy of a synchronization: tried before anything is stored, and nobody else's changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backbone.app.access.caller import Caller
from backbone.simulator import Simulator
from backbone.simulator.demo import northwind
from tests.parts.office import Office


def path(here: Office) -> str:
    return f"integrations/{here.jiras.halves[0].synchronization}/applicationConnection"


def user_path(here: Office) -> str:
    return f"connectors/{here.jiras.halves[0].connector}/user"


@asynccontextmanager
async def second_address(here: Office) -> AsyncIterator[str]:
    """The first Jira at another address as well."""
    again = Simulator(here.jiras.first.world, here.jiras.first.traits)
    async with again:
        yield again.url


async def stored(here: Office) -> dict[str, object]:
    """All connections by name."""
    async with here.store.unit() as uow:
        return {one.name: dict(one.document) for one in await uow.synchronizations.connections()}


async def connection_in_use(here: Office) -> str:
    async with here.store.unit() as uow:
        return (await uow.synchronizations.half(here.jiras.halves[0].connector)).connection


async def works(here: Office) -> bool:
    """Whether everything is synchronized and nothing stands in the way of the connections."""
    quiet = await here.quiet()
    return bool(await here.jiras.partners()) and not any(one.problem.holds.pair is None for one in quiet.problems)


LOG_IN = {"username": "gero", "password": "gero"}


async def test_other_credentials_are_taken_for_this_synchronization_alone(here: Office) -> None:
    before = await stored(here)
    async with here.client() as client:
        answer = await client.put(path(here), json=LOG_IN)
        user = await client.get(user_path(here))
    after = await stored(here)
    own = f"northwind~{here.jiras.halves[0].synchronization}"

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "name": "northwind",
            "url": here.jiras.first.url,
            "user": "gero",
            "warning": "Passwords and issues travel unencrypted: use https:// wherever this Jira has it.",
        },
    )
    assert user.json() == {"user": "gero"}
    assert await connection_in_use(here) == own
    assert {name: document for name, document in after.items() if name != own} == before
    assert "'password': {'sealed': " in str(after[own])
    assert await works(here)


async def test_wrong_credentials_change_nothing(here: Office) -> None:
    before = await stored(here)
    async with here.client() as client:
        answer = await client.put(path(here), json={"username": "gero", "password": "wrong"})
    assert answer.status_code == 409
    assert await stored(here) == before


async def test_a_new_address_needs_the_credentials_again(here: Office) -> None:
    before = await stored(here)
    async with second_address(here) as url, here.client() as client:
        without = await client.put(path(here), json={"baseUrl": url})
        proxied = await client.put(path(here), json={"proxy": "http://127.0.0.1:1"})
        left = await stored(here)
        taken = await client.put(path(here), json={"baseUrl": url, "token": "northwind-token"})
        assert await works(here)
        assert "northwind-token" not in str(await stored(here))
    assert (without.status_code, proxied.status_code, left) == (400, 400, before)
    assert (taken.status_code, taken.json()["url"]) == (200, url)


async def test_the_address_of_another_jira_is_refused(here: Office) -> None:
    await here.quiet()
    plan = northwind()
    async with (
        Simulator.of_plan(plan.model_copy(update={"issues": ()})) as empty,
        here.client() as client,
    ):
        log_in = {"token": "northwind-token"}
        other = await client.put(path(here), json={"baseUrl": here.jiras.second.url, **log_in})
        fresh = await client.put(path(here), json={"baseUrl": empty.url, **log_in})
        nobody = await client.put(path(here), json={"baseUrl": "http://127.0.0.1:1", **log_in})
    assert [other.status_code, fresh.status_code, nobody.status_code] == [409, 409, 503]
    assert "None of 5 issues" in fresh.json()["detail"]


async def test_what_can_not_be_meant_is_refused(here: Office) -> None:
    bodies: list[dict[str, object]] = [
        {},
        {"username": "gero"},
        {"token": "a", "username": "gero", "password": "gero"},
        {"side": "second", "connectorKey": here.jiras.halves[0].connector, **LOG_IN},
        {"connectorKey": "NONE-1", **LOG_IN},
        {"baseUrl": "ftp://jira.example", **LOG_IN},
        {"proxyUsername": "a", "proxyPassword": "b", **LOG_IN},
        {"basUrl": "https://jira.example"},
    ]
    async with here.client() as client:
        statuses = [(await client.put(path(here), json=body)).status_code for body in bodies]
    assert statuses == [400] * len(bodies)


async def test_an_address_is_not_a_matter_of_project_administrators(here: Office) -> None:
    first, second = here.jiras.halves
    here.callers["first"] = Caller(
        name="jira:northwind:mara", shown="mara", projects=frozenset({(first.jira, first.project)})
    )
    here.callers["second"] = Caller(
        name="jira:lumen:priya", shown="priya", projects=frozenset({(second.jira, second.project)})
    )
    async with here.client("first") as client:
        address = await client.put(path(here), json={"baseUrl": here.jiras.first.url, **LOG_IN})
        credentials = await client.put(path(here), json=LOG_IN)
    async with here.client("second") as client:
        foreign = await client.put(path(here), json=LOG_IN)
        user = await client.put(user_path(here), params={"newUser": "gero"})
    assert [address.status_code, credentials.status_code] == [403, 200]
    assert [foreign.status_code, user.status_code] == [403, 403]
