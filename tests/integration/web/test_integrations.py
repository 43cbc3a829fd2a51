"""Synchronizations as scripts find them: members, dates, filters; and who sees which."""

from __future__ import annotations

import re

from backbone.app.access.caller import Caller
from backbone.app.usecases.at_work import say_at_work
from backbone.core.model.keys import ConnectionName
from backbone.ports.records import KnownProject
from tests.parts.office import Office

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}")


def anna(here: Office, **rights: object) -> str:
    """A project administrator; without rights one of nothing."""
    here.callers["anna"] = Caller(name="jira:northwind:anna", shown="anna", **rights)  # type: ignore[arg-type]
    return "anna"


def of_first(here: Office) -> str:
    """Anna administers the first project."""
    half = here.jiras.halves[0]
    return anna(here, projects=frozenset({(half.connection, half.project)}))


async def test_the_list_is_a_bare_array_of_documented_objects(here: Office) -> None:
    await say_at_work(here.engine)
    async with here.client() as client:
        answer = await client.get("integrations")

    assert answer.status_code == 200
    assert answer.headers["x-total-count"] == "1"
    [one] = answer.json()
    assert {key: one[key] for key in ("integrationKey", "summary", "createdUser")} == {
        "integrationKey": "INT-1",
        "summary": "Pump Controller <> Flow Sensor",
        "createdUser": "backbone",
    }
    assert one["status"] == {"status": "RUNNING"}
    assert all(DATE.fullmatch(one[name]) for name in ("createdDate", "lastModifiedDate"))
    assert one["firstConnector"]["connectorKey"] == "PUMP-2"
    assert one["secondConnector"]["projectKey"] == "LUM"
    connection = one["firstConnector"]["connection"]
    assert (connection["name"], connection["url"]) == ("northwind", here.jiras.first.url)
    assert not {"token", "password", "apiToken"} & connection.keys()
    assert all(DATE.fullmatch(one["firstConnector"][name]) for name in ("createdDate", "lastModifiedDate"))
    assert "configuration" not in one


async def test_one_is_shown_with_its_configuration_and_the_id_of_each_mapping(here: Office) -> None:
    async with here.client() as client:
        answer = await client.get("integrations/INT-1")

    one = answer.json()
    assert one["revision"] == 1
    assert one["configuration"]["first"]["project"] == "PUMP"
    mappings = {mapping.id for mapping in here.jiras.halves[0].fields}
    shown = [mapping["id"] for mapping in one["configuration"]["fields"]]
    assert len(shown) == len(set(shown)) > 3
    assert mappings.issuperset(shown)
    assert answer.headers["etag"].startswith('"')


async def test_a_part_of_the_list_may_be_asked_for(here: Office) -> None:
    async with here.client() as client:
        assert (await client.get("integrations", params={"startAt": 1})).json() == []
        nothing = await client.get("integrations", params={"maxResults": 0})
        assert (await client.get("integrations", params={"startAt": -1})).status_code == 400

    assert (nothing.json(), nothing.headers["x-total-count"]) == ([], "1")


async def test_the_filter_takes_keys_of_either_project_and_former_ones(here: Office) -> None:
    async with here.store.unit() as uow:
        [one] = await uow.synchronizations.all()
        pump, lum = one.projects
        former = KnownProject(id=pump.id, key=pump.key, name=pump.name, former=("OLD",))  # type: ignore[arg-type]
        await uow.synchronizations.save_projects(one.key, [former, lum])
        await uow.commit()
    found = {}
    async with here.client() as client:
        for key in ("PUMP", "LUM", "OLD", "pump", "NOPE"):
            found[key] = len((await client.get("integrations", params={"projectKey": key})).json())

    assert found == {"PUMP": 1, "LUM": 1, "OLD": 1, "pump": 1, "NOPE": 0}


async def test_project_administrators_have_to_name_a_project_and_see_theirs(here: Office) -> None:
    async with here.client(of_first(here)) as client:
        unnamed = await client.get("integrations")
        named = await client.get("integrations", params={"projectKey": "PUMP"})
        one = await client.get("integrations/INT-1")

    assert unnamed.status_code == 400
    assert "projectKey" in unnamed.json()["cure"]
    assert [one["integrationKey"] for one in named.json()] == ["INT-1"]
    assert one.status_code == 200


async def test_what_is_not_the_callers_does_not_exist(here: Office) -> None:
    async with here.client(anna(here)) as client:
        listed = await client.get("integrations", params={"projectKey": "PUMP"})
        codes = [
            (await client.get(f"integrations/INT-{key}{path}")).status_code
            for key in (1, 9)
            for path in ("", "/status")
        ]
        start = await client.post("integrations/INT-1/start")

    assert listed.json() == []
    assert codes == [404, 404, 404, 404]
    assert start.status_code == 404


async def test_administrators_of_an_instance_see_its_synchronizations_without_a_filter(here: Office) -> None:
    async with here.client(anna(here, instances=frozenset({ConnectionName("lumen")}))) as client:
        theirs = await client.get("integrations")
    async with here.client(anna(here, instances=frozenset({ConnectionName("elsewhere")}))) as client:
        others = await client.get("integrations")

    assert len(theirs.json()) == 1
    assert others.json() == []
