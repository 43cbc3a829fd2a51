"""A synchronization whose other half is a partner's over the REST API: what is known is shown, what can't be is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from httpx2 import AsyncClient

from backbone.app.declaration.difference import Unchanged
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases.applying import apply, preview
from backbone.app.usecases.at_work import say_at_work
from backbone.app.usecases.choosing import chosen
from backbone.app.usecases.configuring.exchanging import export_file
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.publishing_to_partner import Publishing
from backbone.app.usecases.verifying import verify
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import Revision
from backbone.core.protocol.publication import publication_of, said
from tests.fakes.meeting import Both
from tests.integration.web.test_switching import ended
from tests.parts.office import Office
from tests.parts.two_offices import HandMadeChannels

FILE = """
connections:
  northwind: {url: "%s", user: sync, password: {env: NORTHWIND_PASSWORD}}
synchronizations:
  - name: Pumps for a partner
    first: {connection: northwind, project: PUMP}
    channel: {send: {directory: /srv/out}, receive: {directory: /srv/in}}
    start_with: all
    issue_types: [{first: Bug, second: problem}]
    fields:
      - {first: summary, second: title}
      - {first: priority, second: urgency, values: by_name}
"""
SLAVE = """
connections:
  northwind: {url: "%s", user: sync, password: {env: NORTHWIND_PASSWORD}}
synchronizations:
  - name: Pumps of a partner
    second: {connection: northwind, project: PUMP}
    channel: {send: {directory: /srv/out}, receive: {directory: /srv/in}, handshake: handshake.asc}
    start_with: all
"""


@pytest.fixture
async def client(here: Office) -> AsyncIterator[AsyncClient]:
    """With a synchronization of a master, whose slave did not answer yet."""
    declared = await resolve(declaration_from(_file(here).encode(), "f.yaml"), here.jiras.trackers)
    publishing = Publishing(office=HandMadeChannels(Both().meet().confirm().master), system=here.system)
    await apply(here.store, declared, "/f.yaml", here.system.now(), publishing=publishing)
    async with here.client() as client:
        yield client


def _file(here: Office) -> str:
    return FILE % here.jiras.first.url


async def _key(here: Office) -> str:
    async with here.store.unit() as uow:
        [one] = await chosen(uow, "Pumps for a partner")
    return one.key


async def test_the_partners_half_is_shown_by_its_key_alone(here: Office, client: AsyncClient) -> None:
    one = (await client.get(f"integrations/{await _key(here)}")).json()

    assert one["status"] == {"status": "STOPPED"}
    assert one["firstConnector"]["projectKey"] == "PUMP"
    assert one["secondConnector"]["partner"] is True
    assert one["secondConnector"]["connectorKey"].startswith("PARTNER-")
    assert not {"projectKey", "connection"} & one["secondConnector"].keys()
    assert one["configuration"]["fields"][0]["second"] == "title"
    assert {field["id"] for field in one["configuration"]["fields"]}


async def test_it_is_listed_with_the_others_and_by_its_project(here: Office, client: AsyncClient) -> None:
    named = (await client.get("integrations", params={"projectKey": "PUMP"})).json()

    assert await _key(here) in [one["integrationKey"] for one in named]


async def test_a_publication_that_waits_shows_in_the_status(here: Office, client: AsyncClient) -> None:
    await say_at_work(here.engine)
    async with here.store.unit() as uow:
        [stored] = await uow.channels.all()
        await uow.channels.save(replace(stored, channel=said(stored.channel)))
        await uow.commit()

    one = (await client.get(f"integrations/{await _key(here)}")).json()

    assert one["status"] == {"status": "WAITING FOR SLAVE"}


async def test_its_name_may_be_changed_and_its_configuration_by_a_file_alone(here: Office, client: AsyncClient) -> None:
    path = f"integrations/{await _key(here)}"
    shown = (await client.get(path)).json()

    renamed = await client.put(path, json={"summary": "Pumps"})
    other = {**shown["configuration"], "interval": 60}
    refused = await client.put(path, json={"configuration": other})

    assert renamed.status_code == 200
    assert renamed.json()["summary"] == "Pumps"
    assert refused.status_code == 400
    assert "is declared in a file alone" in refused.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "draft/publish"),
        ("GET", "draft"),
        ("GET", "revisions"),
        ("GET", "problems"),
        ("GET", "syncInformation"),
    ],
)
async def test_no_question_about_it_is_a_defect(here: Office, client: AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, f"integrations/{await _key(here)}/{path}")

    assert answer.status_code < 500


async def test_it_is_not_started_before_a_configuration_is_agreed(here: Office, client: AsyncClient) -> None:
    path = f"integrations/{await _key(here)}"

    refused = await ended(here, client, await client.post(f"{path}/start"))

    assert refused["hasFailed"]
    assert "no configuration is agreed yet" in str(refused["failureMessage"])
    assert (await client.get(path)).json()["status"] == {"status": "STOPPED"}


@pytest.mark.parametrize("came", [False, True])
async def test_the_doctor_knows_what_the_master_published_for_our_slave(here: Office, came: bool) -> None:
    channel = Both().meet().confirm().slave
    if came:
        pending = publication_of(Revision(1), Exchange(), "the first")
        channel = replace(channel, agreement=replace(channel.agreement, pending=pending))
    text = SLAVE % here.jiras.first.url
    declared = await resolve(declaration_from(text.encode(), "f.yaml"), here.jiras.trackers)
    publishing = Publishing(office=HandMadeChannels(channel), system=here.system)
    [applied, *_] = await apply(here.store, declared, "/f.yaml", here.system.now(), publishing=publishing)

    async with here.client() as client:
        found = (await client.get(f"integrations/{applied.key}/doctor")).text

    assert ("nothing that the master published has come yet" in found) is not came


async def test_it_can_be_deleted(here: Office, client: AsyncClient) -> None:
    path = f"integrations/{await _key(here)}"

    assert (await client.delete(path)).status_code < 300

    assert (await client.get(path)).status_code == 404


async def test_the_partners_connector_can_be_asked_nothing(here: Office, client: AsyncClient) -> None:
    key = (await client.get(f"integrations/{await _key(here)}")).json()["secondConnector"]["connectorKey"]

    for path in ("projectKey", "user", "syncInformation"):
        assert (await client.get(f"connectors/{key}/{path}")).status_code in (404, 405)


async def test_what_is_exported_declares_it_as_it_is(here: Office, client: AsyncClient) -> None:
    del client
    async with here.store.administration() as unit:
        text = await export_file(unit, await chosen(unit, "Pumps for a partner"))

    declared = await resolve(declaration_from(text.encode(), "f.yaml"), here.jiras.trackers)
    outcomes = [one.outcome for one in await preview(here.store, declared)]

    assert isinstance(outcomes[0], Unchanged)


async def test_it_can_not_be_verified_from_one_side(here: Office, client: AsyncClient) -> None:
    del client
    with pytest.raises(Mistake, match="its other half is a partner's"):
        await verify(here.engine, "Pumps for a partner")


async def test_it_can_not_be_created_over_rest(here: Office, client: AsyncClient) -> None:
    shown = (await client.get(f"integrations/{await _key(here)}")).json()

    refused = await client.post("integrations", json={"summary": "Another", "configuration": shown["configuration"]})

    assert refused.status_code == 400
    assert "backbone apply" in refused.text
