"""Problems over the API: listed for those who may see them, shown with their content, acted on, and recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from httpx2 import AsyncClient

from backbone.app.access.caller import Caller, Scope
from backbone.core.model.keys import ConnectionName, ProjectId
from backbone.core.model.problems import Code, Holds, Problem
from backbone.ports.records import Loser
from backbone.web.lists import TOTAL
from tests.parts.office import Office


@pytest.fixture
async def api(here: Office) -> AsyncClient:
    return here.client()


async def report(here: Office, *codes: Code, first: bool = True) -> str:
    """Problems that are open; the key of the synchronization."""
    half = here.jiras.halves[0 if first else 1]
    async with here.store.unit() as uow:
        for number, code in enumerate(codes):
            found = Problem(
                code=code,
                connector=half.connector,
                occurred_in=None,
                cause="something is in the way",
                remedy="Mend it.",
                holds=Holds(thing=str(number)),
            )
            await uow.problems.report(found, here.system.now())
        await uow.commit()
    return half.synchronization


async def test_problems_are_listed_by_code_and_in_parts(here: Office, api: AsyncClient) -> None:
    key = await report(here, Code.DEFECT, Code.DEFECT, Code.JQL_REFUSED)

    whole = await api.get("problems")
    part = await api.get("problems", params={"code": "defect", "startAt": 1, "maxResults": 5})

    assert [one["code"] for one in whole.json()] == ["defect", "defect", "jql-refused"]
    assert len(part.json()) == 1
    assert part.headers[TOTAL] == "2"
    one = part.json()[0]
    assert (one["integrationKey"], one["error"], one["cause"]) == (
        key,
        "A defect of the program",
        "something is in the way",
    )
    assert (one["help"], one["actions"], one["count"]) == ("reference/problems/defect.md", ["retry"], 1)
    assert "content" not in one


async def test_a_project_administrator_sees_the_problems_of_the_project_and_no_others(here: Office) -> None:
    key = await report(here, Code.DEFECT)
    half = here.jiras.halves[0]
    here.callers["ann"] = Caller(name="jira:a:ann", shown="Ann", projects=frozenset({(half.connection, half.project)}))
    here.callers["eve"] = Caller(
        name="jira:a:eve", shown="Eve", projects=frozenset({(ConnectionName("x"), ProjectId("1"))})
    )
    async with here.client("ann") as ann, here.client("eve") as eve, here.client("nobody") as nobody:
        number = (await ann.get("problems")).json()[0]["id"]

        assert (await eve.get("problems")).json() == []
        assert (await nobody.get("problems")).status_code == 401
        assert (await ann.get(f"integrations/{key}/problems/{number}")).status_code == 200
        assert (await eve.get(f"integrations/{key}/problems/{number}")).status_code == 404
        assert (await eve.post(f"integrations/{key}/problems/{number}/retry")).status_code == 404


async def test_whoever_may_only_read_acts_on_nothing(here: Office) -> None:
    key = await report(here, Code.DEFECT)
    here.callers["reader"] = replace(here.callers["root"], scope=Scope.READ)
    async with here.client("reader") as reader:
        number = (await reader.get("problems")).json()[0]["id"]

        assert (await reader.post(f"integrations/{key}/problems/{number}/retry")).status_code == 403


async def test_an_action_is_done_and_recorded(here: Office, api: AsyncClient) -> None:
    key = await report(here, Code.DEFECT)
    number = (await api.get(f"integrations/{key}/problems")).json()[0]["id"]

    acted = await api.post(f"integrations/{key}/problems/{number}/retry")

    assert (acted.status_code, acted.json()) == (200, {"done": [number], "failed": {}})
    assert (await api.get("problems")).json() == []
    assert (await api.get(f"integrations/{key}/problems/{number}")).status_code == 404
    async with here.store.administration() as unit:
        [entry, *_] = await unit.audit.page()
    assert (entry.who, entry.what, entry.about) == ("local:root", "problem.retry", str(number))


async def test_an_action_that_is_not_offered_is_a_conflict_and_an_unknown_one_a_mistake(
    here: Office, api: AsyncClient
) -> None:
    key = await report(here, Code.DEFECT)
    number = (await api.get("problems")).json()[0]["id"]

    refused = await api.post(f"integrations/{key}/problems/{number}/recreate")
    unknown = await api.post(f"integrations/{key}/problems/{number}/explode")

    assert refused.status_code == 409
    assert "retry" in refused.json()["cure"]
    assert unknown.status_code == 400


async def test_all_problems_of_a_code_are_acted_on_at_once(here: Office, api: AsyncClient) -> None:
    key = await report(here, Code.DEFECT, Code.DEFECT, Code.HALF_PAIR)

    acted = await api.post(f"integrations/{key}/problems", json={"code": "defect", "action": "retry"})

    assert len(acted.json()["done"]) == 2
    assert [one["code"] for one in (await api.get("problems")).json()] == ["half-pair"]


async def test_the_catalogue_says_what_each_code_means(api: AsyncClient) -> None:
    codes = (await api.get("problems/codes")).json()

    assert {one["code"] for one in codes} == set(Code)
    assert all(one["meaning"] and one["help"] for one in codes)


async def test_a_value_that_lost_is_listed_and_restored(here: Office, api: AsyncClient) -> None:
    await here.quiet()
    half = here.jiras.halves[0]
    async with here.store.unit() as uow:
        pair = await anext(
            one async for one in uow.pairs.all(half.connector) if one.local and one.local.key == "PUMP-4"
        )
        mapping = next(one for one in half.fields if one.field == "summary")
        lost = Loser(
            at=here.system.now(),
            connector=half.connector,
            pair=pair.uid,
            mapping=mapping.id,
            value="The old words",
            winner="a newer edit at the partner",
            shared=("The old words",),
        )
        await uow.journal.lose([lost])
        await uow.commit()

    [listed] = (await api.get(f"integrations/{half.synchronization}/overwritten")).json()
    restored = await api.post(f"integrations/{half.synchronization}/overwritten/{listed['id']}/restore")
    await here.quiet()

    assert (listed["issue"], listed["value"], restored.status_code) == ("PUMP-4", "The old words", 200)
    partner = (await here.jiras.partners())["PUMP-4"]
    assert here.jiras.first.as_user("gero").issue("PUMP-4").values["summary"] == "The old words"
    assert here.jiras.second.as_user("owen").issue(partner).values["summary"] == "The old words"
    [again] = (await api.get(f"integrations/{half.synchronization}/overwritten")).json()
    assert "restoredDate" in again
