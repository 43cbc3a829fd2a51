"""Servers and directories of a channel are asked before anything is locked: nobody waits for them who needs the database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest

from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases.applying import Applied, apply
from backbone.app.usecases.channels.office import Office as ChannelOffice
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.publishing_to_partner import Publishing
from backbone.ports.store import Store
from backbone.ports.transport import ReceivingDirectory, SendingDirectory
from tests.fakes.transport import Network
from tests.integration.web.test_channels import FILE
from tests.parts.office import Office

PATIENCE = 10.0
"""Seconds after which somebody who waits for a lock would wait for ever."""


class SlowNetwork(Network):
    """Directories that take their time; meanwhile somebody else works with every synchronization."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.locked: list[str] = []

    async def prepare(self, place: SendingDirectory | ReceivingDirectory) -> None:
        async with asyncio.timeout(PATIENCE), self.store.unit() as uow:
            for one in await uow.synchronizations.all():
                await uow.synchronizations.lock(one.key)
                self.locked.append(one.name)
        await super().prepare(place)


@dataclass
class Applying:
    """Files that are applied with a slow network."""

    here: Office
    network: SlowNetwork

    @property
    def office(self) -> ChannelOffice:
        return replace(self.here.office(), transports=self.network)

    async def apply(self, text: str) -> tuple[Applied, ...]:
        declared = await resolve(declaration_from(text.encode(), "f.yaml"), self.here.jiras.trackers)
        publishing = Publishing(office=self.office, system=self.here.system)
        return await apply(self.here.store, declared, "/f.yaml", self.here.system.now(), publishing=publishing)


@pytest.fixture
def applying(here: Office) -> Applying:
    return Applying(here, SlowNetwork(here.store))


async def test_nobody_waits_while_a_new_channel_is_tried(here: Office, applying: Applying) -> None:
    await applying.apply(FILE % here.jiras.first.url)

    assert len(applying.network.locked) == 2  # the only other one, once for each direction


async def test_nobody_waits_while_another_place_is_tried(here: Office, applying: Applying) -> None:
    text = FILE % here.jiras.first.url
    await applying.apply(text)
    applying.network.locked.clear()

    await applying.apply(text.replace("/srv/in", "/srv/elsewhere"))

    assert "Pumps for a partner" in applying.network.locked


async def test_who_was_quicker_wins_and_the_other_is_told(here: Office, applying: Applying) -> None:
    """The same synchronization is made by somebody else while its channel is tried."""
    text = FILE % here.jiras.first.url
    quick = Applying(here, SlowNetwork(here.store))
    other = text.replace("/srv/", "/other/")

    class Overtaken(SlowNetwork):
        async def prepare(self, place: SendingDirectory | ReceivingDirectory) -> None:
            await super().prepare(place)
            if place.path == "/srv/in":
                await quick.apply(other)

    applying.network = Overtaken(here.store)
    with pytest.raises(Mistake, match="just now by somebody else"):
        await applying.apply(text)

    async with here.store.unit() as uow:
        names = [one.name for one in await uow.synchronizations.all()]
    assert names.count("Pumps for a partner") == 1
