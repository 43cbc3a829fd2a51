"""Configurations have a life: drafted, checked, published, compared, rolled back, exchanged as files."""

from __future__ import annotations

import json
from dataclasses import replace

from httpx2 import AsyncClient

from backbone.app.access.caller import Caller
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import plain_json
from backbone.ports.records import StoredConnection
from tests.integration.web.test_editing import Json, read
from tests.parts.office import Office


async def published(client: AsyncClient, interval: int, message: str = "") -> Json:
    document = (await client.get("integrations/INT-1")).json()
    document["configuration"]["interval"] = interval
    answer = await client.put("integrations/INT-1", json={**document, "message": message})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_revisions_tell_who_published_them_when_and_why(here: Office) -> None:
    async with here.client() as client:
        await published(client, 7, "calmer")
        listed = await client.get("integrations/INT-1/revisions")

    assert listed.headers["x-total-count"] == "2"
    newest, oldest = listed.json()
    assert (newest["revision"], newest["inForce"], newest["publishedUser"]) == (2, True, "root")
    assert (newest["message"], oldest["inForce"], oldest["message"]) == ("calmer", False, "applied test.yaml")


async def test_an_old_revision_stays_readable_and_tells_what_changed_since(here: Office) -> None:
    before = await read(here)
    async with here.client() as client:
        await published(client, 7)
        await published(client, 8)
        old = (await client.get("integrations/INT-1/revisions/1")).json()
        since = (await client.get("integrations/INT-1/revisions/1/difference")).json()
        between = (await client.get("integrations/INT-1/revisions/1/difference", params={"to": 2})).json()
        missing = await client.get("integrations/INT-1/revisions/9")

    assert old["configuration"] == before["configuration"]
    assert [(one["about"], one["after"]) for one in since] == [("interval", "8")]
    assert [one["after"] for one in between] == ["7"]
    assert missing.status_code == 404


async def test_rolling_back_is_a_new_revision_with_the_old_configuration_and_the_new_name(here: Office) -> None:
    before = await read(here)
    async with here.client() as client:
        await published(client, 7)
        await client.put("integrations/INT-1", json={"summary": "Renamed"})
        answer = await client.post("integrations/INT-1/revisions/1/rollback", json={"message": "too slow"})
        listed = (await client.get("integrations/INT-1/revisions")).json()

    assert answer.status_code == 200, answer.text
    assert answer.json()["revision"] == 3
    assert answer.json()["summary"] == "Renamed"
    assert answer.json()["configuration"] == before["configuration"]
    assert listed[0]["message"] == "rolled back to revision 1: too slow"


async def test_a_draft_may_be_wrong_and_is_published_when_it_is_right(here: Office) -> None:
    document = await read(here)
    wrong = json.loads(json.dumps(document["configuration"]))
    wrong["fields"][0]["first"] = "Sumary"
    right = {**document["configuration"], "interval": 9}
    path = "integrations/INT-1/draft"
    async with here.client() as client:
        nothing = await client.get(path)
        await client.put(path, json={"configuration": wrong, "message": "try"})
        found = (await client.post(f"{path}/check")).json()
        refused = await client.post(f"{path}/publish")
        saved = (await client.put(path, json={"configuration": right, "message": "slow down"})).json()
        clean = (await client.post(f"{path}/check")).json()
        difference = (await client.get(f"{path}/difference")).json()
        done = await client.post(f"{path}/publish", json={})
        gone = await client.get(path)
        listed = (await client.get("integrations/INT-1/revisions")).json()

    assert nothing.status_code == gone.status_code == 404
    assert [one["place"] for one in found if one["serious"]] == ["configuration.fields[1].first"]
    assert refused.status_code == 400
    assert saved["configuration"] == right
    assert (saved["basedOn"], saved["outdated"]) == (1, False)
    assert not any(one["serious"] for one in clean)
    assert [one["about"] for one in difference] == ["interval"]
    assert done.status_code == 200, done.text
    assert done.json()["configuration"]["interval"] == 9
    assert listed[0]["message"] == "slow down"


async def test_a_draft_that_another_revision_overtook_is_not_published(here: Office) -> None:
    document = await read(here)
    path = "integrations/INT-1/draft"
    async with here.client() as client:
        await client.put(path, json={"configuration": {**document["configuration"], "interval": 9}})
        await published(client, 7)
        draft = (await client.get(path)).json()
        refused = await client.post(f"{path}/publish")
        thrown = await client.delete(path)
        again = await client.delete(path)

    assert draft["outdated"]
    assert (refused.status_code, thrown.status_code, again.status_code) == (409, 200, 404)
    assert (await read(here))["configuration"]["interval"] == 7


async def test_who_may_not_publish_learns_nothing_of_the_other_jira_from_a_check(here: Office) -> None:
    first, _ = here.jiras.halves
    here.callers["anna"] = Caller(
        name="jira:northwind:anna", shown="anna", projects=frozenset({(first.connection, first.project)})
    )
    document = await read(here)
    document["configuration"]["fields"][0]["second"] = "Sumary"
    async with here.client("anna") as client:
        await client.put("integrations/INT-1/draft", json={"configuration": document["configuration"]})
        found = (await client.post("integrations/INT-1/draft/check")).json()

    assert [one["place"] for one in found] == ["configuration.second.project"]


async def test_conflicts_tell_what_the_jiras_do_not_have_any_more(here: Office) -> None:
    async with here.client() as client:
        before = (await client.get("integrations/INT-1/conflicts")).json()
        async with here.store.unit() as uow:
            [one] = await uow.synchronizations.all()
            document = json.loads(json.dumps(one.document).replace('"Defect"', '"Gone"'))
            await uow.synchronizations.save(replace(one, document=document), [])
            await uow.commit()
        after = (await client.get("integrations/INT-1/conflicts")).json()

    assert not any(one["serious"] for one in before)
    assert "configuration.issue_types[1].second" in [one["place"] for one in after if one["serious"]]


async def test_an_exported_file_declares_the_same_and_importing_it_changes_nothing(here: Office) -> None:
    async with here.client() as client:
        exported = await client.get("integrations/INT-1/export")
        imported = await client.post("integrations/import", content=exported.content)

    async with here.store.unit() as uow:
        [one] = await uow.synchronizations.all()
    declared = declaration_from(exported.content, "exported.yaml").document
    assert exported.headers["content-type"].startswith("application/yaml")
    assert plain_json(declared.synchronizations[0]) == one.document
    assert [one["outcome"] for one in imported.json()] == ["unchanged"], imported.text


async def test_what_is_sealed_is_exported_as_a_variable_to_set(here: Office) -> None:
    async with here.store.unit() as uow:
        [lumen, northwind] = await uow.synchronizations.connections()
        declared = {**northwind.document["declared"], "token": {"sealed": "a-secret"}}  # type: ignore[dict-item]
        await uow.synchronizations.save_connection(
            StoredConnection(name=northwind.name, document={**northwind.document, "declared": declared})
        )
        await uow.commit()
    async with here.client() as client:
        exported = (await client.get("integrations/INT-1/export")).text

    assert "a-secret" not in exported
    assert "NORTHWIND_TOKEN" in exported
    assert lumen.name in exported


async def test_an_imported_file_creates_stopped_and_changes_what_it_declares_or_nothing(here: Office) -> None:
    async with here.client() as client:
        text = (await client.get("integrations/INT-1/export")).text
        other = text.replace("Pump Controller <> Flow Sensor", "Another one")
        seen = await client.post("integrations/import", content=other.encode(), params={"dryRun": "true"})
        listed = len((await client.get("integrations")).json())
        done = await client.post("integrations/import", content=other.encode())
        [one] = done.json()
        status = (await client.get(f"integrations/{one['integrationKey']}/status")).json()
        elsewhere = await client.post(
            "integrations/import", content=text.replace(here.jiras.first.url, "http://127.0.0.1:1").encode()
        )
        broken = await client.post("integrations/import", content=text.replace("summary", "sumary").encode())

    assert (seen.json()[0]["outcome"], listed) == ("created", 1)
    assert (one["outcome"], one["revision"], status["status"]) == ("created", 1, "STOPPED")
    assert (elsewhere.status_code, broken.status_code) == (400, 400)
    assert "connections.northwind.url" in elsewhere.json()["errors"]
    assert any(place.startswith("line ") for place in broken.json()["errors"])
