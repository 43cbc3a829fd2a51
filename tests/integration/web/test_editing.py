"""Synchronizations over REST: created, changed, deleted; what was read may be sent back."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from backbone.app.access.caller import Caller
from backbone.core.model.keys import ConnectionName, Revision
from tests.parts.office import Office

Json = dict[str, Any]
BOTH = {
    "firstConnector": {"projectKey": "PUMP", "connection": {"name": "northwind"}},
    "secondConnector": {"projectKey": "LUM", "connection": {"name": "lumen"}},
}
SIMPLE: Json = {
    "start_with": "new",
    "issue_types": [{"first": "Bug", "second": "Defect"}],
    "fields": [{"first": "summary", "second": "summary"}],
}


async def read(here: Office, key: str = "INT-1") -> Json:
    async with here.client() as client:
        answer = await client.get(f"integrations/{key}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def mapping_ids(here: Office, revision: int | None = None) -> set[str]:
    async with here.store.unit() as uow:
        half = await uow.synchronizations.half(
            here.jiras.halves[0].connector, Revision(revision) if revision is not None else None
        )
    return {one.id for one in half.fields}


async def test_what_was_read_may_be_sent_back_and_changes_nothing(here: Office) -> None:
    before = await read(here)
    async with here.client() as client:
        answer = await client.put("integrations/INT-1", json=before)

    assert answer.status_code == 200, answer.text
    assert answer.json() == before
    assert await read(here) == before


async def test_a_new_name_makes_no_revision_and_the_file_still_knows_it(here: Office) -> None:
    before = await read(here)
    async with here.client() as client:
        answer = await client.put("integrations/INT-1", json={"summary": "Pumps", "description": "Of both"})
    after = await read(here)

    assert (answer.status_code, after["summary"], after["description"]) == (200, "Pumps", "Of both")
    assert after["lastModifiedUser"] == "root"
    assert (after["revision"], after["configuration"]) == (before["revision"], before["configuration"])

    await here.jiras.synchronize()
    async with here.store.unit() as uow:
        [one] = await uow.synchronizations.all()
    assert one.key == "INT-1"
    assert await mapping_ids(here) == await mapping_ids(here, 1)


async def test_a_changed_configuration_is_a_new_revision_whose_mappings_stay_themselves(here: Office) -> None:
    document = await read(here)
    ids = await mapping_ids(here)
    document["configuration"]["interval"] = 7
    document["configuration"]["fields"].reverse()
    document["summary"] = "Renamed at once"
    document["message"] = "slower"
    async with here.client() as client:
        answer = await client.put("integrations/INT-1", json=document)

    assert answer.status_code == 200, answer.text
    assert answer.json()["revision"] == 2
    assert answer.json()["configuration"]["interval"] == 7
    assert answer.json()["secondConnector"]["lastModifiedUser"] == "root"
    assert await mapping_ids(here) == ids


async def test_a_mapping_keeps_its_identity_when_both_its_fields_are_replaced(here: Office) -> None:
    document = await read(here)
    [labels] = [one for one in document["configuration"]["fields"] if one["first"] == "labels"]
    labels["first"], labels["second"] = "description", "description"
    kept = [one for one in document["configuration"]["fields"] if one["first"] != "description" or one is labels]
    document["configuration"]["fields"] = kept
    async with here.client() as client:
        answer = await client.put("integrations/INT-1", json=document)
        again = await client.put("integrations/INT-1", json=answer.json())

    assert answer.status_code == 200, answer.text
    assert labels["id"] in await mapping_ids(here)
    assert again.json()["revision"] == answer.json()["revision"] == 2


async def test_what_is_wrong_is_told_by_place_and_nothing_changes(here: Office) -> None:
    document = await read(here)
    document["configuration"]["fields"][0]["first"] = "Sumary"
    document["configuration"]["fields"][1]["directoin"] = "both"
    misspelt = deepcopy(document)
    del document["configuration"]["fields"][1]["directoin"]
    async with here.client() as client:
        unknown = await client.put("integrations/INT-1", json=document)
        key = await client.put("integrations/INT-1", json=misspelt)
        member = await client.put("integrations/INT-1", json={"sumary": "x"})
        other = await client.put("integrations/INT-1", json={"integrationKey": "INT-2"})

    assert {one.status_code for one in (unknown, key, member, other)} == {400}
    assert "Did you mean" in unknown.json()["errors"]["configuration.fields[1].first"]
    assert "'directoin' is not known here" in key.json()["detail"]
    assert (await read(here))["revision"] == 1


async def test_who_read_an_older_state_changes_nothing(here: Office) -> None:
    async with here.client() as client:
        seen = (await client.get("integrations/INT-1")).headers["etag"]
        fresh = await client.put("integrations/INT-1", json={"summary": "Mine"}, headers={"If-Match": seen})
        stale = await client.put("integrations/INT-1", json={"summary": "Theirs"}, headers={"If-Match": seen})
        gone = await client.delete("integrations/INT-1", headers={"If-Match": seen})
        anything = await client.put("integrations/INT-1", json={"summary": "Any"}, headers={"If-Match": "*"})

    assert (fresh.status_code, stale.status_code, gone.status_code) == (200, 412, 412)
    assert fresh.headers["etag"] != seen
    assert anything.json()["summary"] == "Any"
    assert (await read(here))["summary"] == "Any"


async def test_a_synchronization_is_created_stopped_with_the_usual_name(here: Office) -> None:
    async with here.client() as client:
        answer = await client.post("integrations", json={**BOTH, "configuration": SIMPLE})
        one = answer.json()
        key = one["integrationKey"]
        status = (await client.get(f"integrations/{key}/status")).json()

    assert answer.status_code == 200, answer.text
    assert answer.headers["location"].endswith(f"/integrations/{key}")
    assert one["summary"] == "Northwind Pump Controller <> Flow Sensor" or " <> " in one["summary"]
    assert one["description"].startswith("This integration synchronizes issues between project ")
    assert "(PUMP) and project" in one["description"]
    assert status == {"status": "STOPPED"}
    assert (one["createdUser"], one["firstConnector"]["projectKey"]) == ("root", "PUMP")


async def test_the_same_request_under_a_key_creates_once(here: Office) -> None:
    body = {**BOTH, "summary": "Once", "configuration": SIMPLE}
    async with here.client() as client:
        answers = [await client.post("integrations", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
        listed = await client.get("integrations")

    assert answers[0].json() == answers[1].json()
    assert len(listed.json()) == 2


async def test_two_of_one_name_are_different_ones(here: Office) -> None:
    body = {**BOTH, "summary": "Same", "configuration": SIMPLE}
    async with here.client() as client:
        keys = [(await client.post("integrations", json=body)).json()["integrationKey"] for _ in range(2)]
        shown = [(await client.get(f"integrations/{key}")).json() for key in keys]

    assert [one["summary"] for one in shown] == ["Same", "Same"]
    ids = [one["configuration"]["fields"][0]["id"] for one in shown]
    assert ids[0] != ids[1]


async def test_who_does_not_administer_both_projects_neither_creates_nor_publishes(here: Office) -> None:
    first, second = here.jiras.halves
    here.callers["anna"] = Caller(
        name="jira:northwind:anna", shown="anna", projects=frozenset({(first.connection, first.project)})
    )
    document = await read(here)
    document["configuration"]["interval"] = 9
    async with here.client("anna") as client:
        created = await client.post("integrations", json={**BOTH, "configuration": SIMPLE})
        published = await client.put("integrations/INT-1", json=document)
        renamed = await client.put("integrations/INT-1", json={"summary": "Hers"})
    here.callers["anna"] = Caller(
        name="jira:northwind:anna",
        shown="anna",
        instances=frozenset({ConnectionName("northwind")}),
        projects=frozenset({(second.connection, second.project)}),
    )
    async with here.client("anna") as client:
        now = await client.put("integrations/INT-1", json=document)

    assert (created.status_code, published.status_code, renamed.status_code) == (400, 400, 200)
    assert list(published.json()["errors"]) == ["configuration.second.project"]
    assert now.status_code == 200, now.text


async def test_a_side_can_not_become_another_project(here: Office) -> None:
    document = await read(here)
    configuration = document["configuration"]
    configuration["first"], configuration["second"] = configuration["second"], configuration["first"]
    async with here.client() as client:
        answer = await client.put("integrations/INT-1", json=document)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["configuration.first", "configuration.second"]


async def test_what_is_new_is_newer_than_the_first_start_and_not_than_the_creation(here: Office) -> None:
    async with here.client() as client:
        created = (await client.post("integrations", json={**BOTH, "configuration": SIMPLE})).json()
        key = created["integrationKey"]
        before = here.system.now()
        await client.post(f"integrations/{key}/start")
        async with here.turns() as turns:
            while (await client.get(f"integrations/{key}/status")).json()["status"] != "RUNNING":
                await turns.settle()
    async with here.store.unit() as uow:
        half = await uow.synchronizations.half(created["firstConnector"]["connectorKey"])

    assert half.start_with.since >= before - 1000  # type: ignore[union-attr]  # it starts with new ones


async def test_a_deleted_one_is_gone_with_its_pairs_which_are_archived(here: Office) -> None:
    await here.quiet()
    pairs = len(await here.jiras.partners())
    writes = here.jiras.writes()
    async with here.client() as client:
        deleted = await client.delete("integrations/INT-1")
        codes = [
            (await client.get("integrations/INT-1")).status_code,
            (await client.delete("integrations/INT-1")).status_code,
        ]

    assert deleted.status_code == 200
    assert deleted.json() == {"integrationKey": "INT-1", "archivedPairs": 2 * pairs, "cutShort": 0}
    assert codes == [404, 404]
    assert here.jiras.writes() == writes
    async with here.turns() as turns:
        await turns.settle()
        assert await turns.unfinished() == 0
    assert here.jiras.writes() == writes
    async with here.store.administration() as unit:
        [newest, *_] = await unit.audit.page()
    assert (newest.what, newest.who, newest.about) == ("integration.delete", "local:root", "INT-1")


async def test_a_connection_given_with_its_credentials_is_stored_sealed_or_not_at_all(here: Office) -> None:
    new = {"name": "pumps", "url": here.jiras.first.url, "token": "northwind-token"}
    body = {
        "firstConnector": {"projectKey": "PUMP", "connection": new},
        "secondConnector": BOTH["secondConnector"],
        "configuration": SIMPLE,
    }
    wrong = {**body, "firstConnector": {"projectKey": "PUMP", "connection": {**new, "token": "guessed-token"}}}
    unfit = {**body, "firstConnector": {"projectKey": "NOPE", "connection": new}}
    here.callers["anna"] = Caller(name="jira:lumen:anna", shown="anna", instances=frozenset({ConnectionName("lumen")}))
    async with here.client("anna") as client:
        foreign = await client.post("integrations", json=body)
    async with here.client() as client:
        refused = [await client.post("integrations", json=one) for one in (wrong, unfit)]
        async with here.store.unit() as uow:
            before = [one.name for one in await uow.synchronizations.connections()]
        created = await client.post("integrations", json=body)
        again = await client.post("integrations", json=body)
        named = {"name": "pumps", "url": here.jiras.first.url}
    async with here.store.administration() as unit:
        stored = {one.name: one for one in await unit.synchronizations.connections()}
        entries = await unit.audit.page()

    assert foreign.status_code == 403
    assert [one.status_code for one in refused] == [400, 400]
    assert before == ["lumen", "northwind"]
    assert created.status_code == 200, created.text
    assert created.json()["firstConnector"]["connection"].items() >= named.items()
    assert "already" in again.json()["detail"]
    assert "northwind-token" not in f"{stored['pumps'].document} {entries} {created.text}"  # type: ignore[index]  # a name is a text
