"""The channel to a partner over the REST API: shown, offered, confirmed, tested, and refused in a sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from httpx2 import AsyncClient

from backbone.app.channel.greeting import read_file
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases.applying import apply
from backbone.app.usecases.deleting import delete_integration
from backbone.app.usecases.publishing_to_partner import Publishing
from backbone.core.model.keys import SynchronizationKey
from backbone.core.protocol.channel import Channel, PinnedKey, Stage
from backbone.core.protocol.handshake import code_of
from backbone.core.protocol.parcels import KeyFingerprint
from backbone.ports.cipher import KeyKind
from tests.fakes.cipher import PlainCipher
from tests.parts.office import ROOT, Office

FILE = """
connections:
  northwind: {url: "%s", user: sync, password: {env: NORTHWIND_PASSWORD}}
synchronizations:
  - name: Pumps for a partner
    first: {connection: northwind, project: PUMP}
    channel: {send: {directory: /srv/out}, receive: {directory: /srv/in}}
    start_with: all
    issue_types: [{first: Bug, second: problem}]
    fields: [{first: summary, second: title}]
"""


@pytest.fixture
async def client(here: Office) -> AsyncIterator[AsyncClient]:
    """With a synchronization of a master that has offered nothing yet."""
    declared = await resolve(declaration_from((FILE % here.jiras.first.url).encode(), "f.yaml"), here.jiras.trackers)
    publishing = Publishing(office=here.office(), system=here.system)
    await apply(here.store, declared, "/f.yaml", here.system.now(), publishing=publishing)
    async with here.client() as client:
        yield client


async def key_of(here: Office) -> SynchronizationKey:
    async with here.store.unit() as uow:
        return next(one.key for one in await uow.synchronizations.all() if one.here is not None)


async def address(here: Office, more: str = "") -> str:
    return f"integrations/{await key_of(here)}/channel{more}"


async def change(here: Office, **changes: object) -> Channel:
    """Let something have happened to the channel."""
    async with here.store.unit() as uow:
        stored = await uow.channels.get(await key_of(here))
        assert stored is not None
        channel = replace(stored.channel, **changes)  # type: ignore[arg-type] # the test names fields of a channel
        await uow.channels.save(replace(stored, channel=channel))
        await uow.commit()
    return channel


async def met(here: Office) -> Channel:
    """The slave has answered, and both pings went by."""
    pair = await PlainCipher().generate(KeyKind.CURVE_25519)
    key = PinnedKey(fingerprint=KeyFingerprint(pair.public.fingerprint), armored=pair.public.armored)
    return await change(here, stage=Stage.KNOWN, partner_keys=(key,))


async def test_a_channel_tells_how_it_stands_and_what_to_do(here: Office, client: AsyncClient) -> None:
    told = (await client.get(await address(here))).json()
    assert (told["role"], told["stage"], told["confirmed"]) == ("master", "offered", False)
    assert told["next"].startswith("Hand over the handshake file, then wait")
    assert told["next"].endswith("makes one that was written before void.")
    assert "code" not in told


async def test_a_handshake_file_is_written_and_locked_if_wanted(here: Office, client: AsyncClient) -> None:
    plain = (await client.post(await address(here, "/offer"), json={})).json()
    assert (await read_file(PlainCipher(), plain["file"].encode(), None)).name == "Pumps for a partner"
    asked = {"passphrase": "correct horse", "days": 1}
    locked = (await client.post(await address(here, "/offer"), json=asked)).json()
    assert locked["locked"] is True
    file = await read_file(PlainCipher(), locked["file"].encode(), "correct horse")
    assert file.expires - file.created <= 24 * 3_600_000


async def test_a_name_that_no_partner_can_be_told_is_refused_in_a_sentence(here: Office, client: AsyncClient) -> None:
    renamed = await client.put(f"integrations/{await key_of(here)}", json={"summary": "Pumps\x1b[2J"})
    assert renamed.status_code == 200
    refused = await client.post(await address(here, "/offer"), json={})
    assert refused.status_code == 400
    assert "no partner can be told its name" in refused.text


async def test_nothing_secret_is_in_an_answer_or_the_audit_log(here: Office, client: AsyncClient) -> None:
    await client.post(await address(here, "/offer"), json={"passphrase": "correct horse"})
    shown = (await client.get(await address(here))).text
    async with here.store.administration() as unit:
        stored = await unit.channels.get(await key_of(here))
        entries = await unit.audit.page()
    assert stored is not None
    assert stored.channel.token not in shown
    assert "PRIVATE" not in repr(stored.secret_keys)
    assert "correct horse" not in repr(entries)
    assert "channel.offer" in {one.what for one in entries}


async def test_the_code_opens_the_channel_and_another_one_does_not(here: Office, client: AsyncClient) -> None:
    channel = await met(here)
    refused = await client.post(await address(here, "/confirm"), json={"code": "1234 " * 8})
    assert refused.status_code == 400
    assert "not the code" in refused.json()["detail"]
    done = await client.post(await address(here, "/confirm"), json={"code": code_of(channel)})
    assert done.json()["confirmed"] is True


async def test_settings_are_tested_with_the_words_of_the_system(here: Office, client: AsyncClient) -> None:
    here.network.mailbox("/srv/out").down = "the share is gone"
    found = (await client.post(await address(here, "/test"))).json()["directions"]
    assert [(one["way"], one["works"], one.get("words")) for one in found] == [
        ("send", False, "the share is gone"),
        ("receive", True, None),
    ]


async def test_a_partner_that_is_not_there_is_not_asked(here: Office, client: AsyncClient) -> None:
    assert (await client.post(await address(here, "/ping"))).status_code == 400
    await met(here)
    assert (await client.post(await address(here, "/ping"))).status_code == 202


async def test_a_key_is_renewed_between_partners_who_know_each_other(here: Office, client: AsyncClient) -> None:
    assert (await client.post(await address(here, "/key"), json={})).status_code == 400
    await met(here)
    await change(here, confirmed=True)
    fingerprint = (await client.post(await address(here, "/key"), json={})).json()["fingerprint"]
    assert (await client.get(await address(here))).json()["ourKeys"][-1] == fingerprint


async def test_a_synchronization_with_both_halves_here_has_no_channel(here: Office, client: AsyncClient) -> None:
    async with here.store.unit() as uow:
        other = next(one.key for one in await uow.synchronizations.all() if one.here is None)
    refused = await client.get(f"integrations/{other}/channel")
    assert refused.status_code == 400
    assert "no channel" in refused.json()["detail"]


@pytest.mark.usefixtures("client")
async def test_a_partner_is_told_when_a_half_is_deleted(here: Office) -> None:
    await met(here)
    await change(here, confirmed=True)
    said: list[int] = []

    async def farewell(key: SynchronizationKey) -> None:
        await here.farewell(key)
        async with here.store.unit() as uow:
            stored = await uow.channels.get(key)
        assert stored is not None
        said.append(stored.channel.outgoing.last)

    await delete_integration(here.store, here.system, ROOT, await key_of(here), farewell)
    assert said == [1]
    async with here.store.unit() as uow:
        (left,) = await uow.channels.all()
        assert await uow.synchronizations.get(left.synchronization) is None
        assert await uow.sent.numbered(left.synchronization, left.channel.outgoing.epoch, 1) is not None
