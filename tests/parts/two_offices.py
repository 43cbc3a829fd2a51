"""Two installations without Jiras and mail: what administrators declare, and what is said, carried by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from backbone.app.channel.packing import unpack
from backbone.app.channel.settings import with_part
from backbone.app.declaration.channel import ChannelPart
from backbone.app.declaration.declared import Declared, ResolvedSynchronization
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases.agreeing import announce, settle
from backbone.app.usecases.applying import Applied, apply, preview, published_for
from backbone.app.usecases.publishing_to_partner import UNNAMED, Begun, Publishing
from backbone.app.usecases.standing import Status
from backbone.app.usecases.status import status
from backbone.app.usecases.switching import start, stop
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, SynchronizationKey
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.conversing import PublicationAnswered, heard
from backbone.core.protocol.handshake import code_of, confirm
from backbone.core.protocol.parcels import Answered, Body, Published
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Synchronization
from backbone.ports.store import Store, UnitOfWork
from tests.fakes.meeting import NOW, Both, from_
from tests.fakes.world import FakeSystem
from tests.unit.app.declaration.fake_metadata import FakeMetadata


@dataclass
class HandMadeChannels:
    """Channels that exist already: how they come to be is told elsewhere. ``edited`` counts changes of their places."""

    channel: Channel
    edited: int = 0

    async def begin(self, resolved: ResolvedSynchronization, /) -> Begun:
        assert resolved.channel is not None
        stored = StoredChannel(synchronization=UNNAMED, channel=self.channel)
        return Begun(stored=with_part(stored, resolved.channel, Path("/")), secret="")

    def named(self, begun: Begun, key: SynchronizationKey, /) -> StoredChannel:
        return replace(begun.stored, synchronization=key)

    async def abandon(self, _: Begun, /) -> None:
        """Nothing was made."""

    async def try_out(self, _: Synchronization, __: StoredChannel, ___: ChannelPart, /) -> None:
        """All works."""

    async def edit(
        self, _: UnitOfWork, __: Synchronization, stored: StoredChannel, ___: ChannelPart, /
    ) -> StoredChannel:
        self.edited += 1
        return stored


@dataclass
class OneOffice:
    """One installation with its only Jira."""

    store: Store
    jira: tuple[str, FakeMetadata]
    channels: HandMadeChannels
    system: FakeSystem = field(default_factory=lambda: FakeSystem(time=NOW))
    taken_out: int = 0

    async def apply(self, text: str, message: str = "") -> Applied:
        """What becomes of the only synchronization of a file."""
        declared = await self._declared(text)
        publishing = Publishing(office=self.channels, system=self.system, message=message)
        [applied] = await apply(self.store, declared, "/f.yaml", self.system.now(), publishing=publishing)
        return applied

    async def preview(self, text: str, message: str = "") -> Applied:
        declared = await self._declared(text)
        [applied] = await preview(self.store, declared, message)
        return applied

    async def _declared(self, text: str) -> Declared:
        trackers = {ConnectionName(self.jira[0]): self.jira[1]}
        return await resolve(declaration_from(text.encode(), "f.yaml"), trackers, await published_for(self.store))

    async def status(self) -> Status:
        [one] = await status(self.store, None, self.system.now())
        return one.status

    async def synchronization(self) -> Synchronization:
        async with self.store.unit() as uow:
            [one] = await uow.synchronizations.all()
        return one

    async def half(self) -> HalfConfiguration:
        one = await self.synchronization()
        async with self.store.unit() as uow:
            return await uow.synchronizations.half(one.connectors[0])

    async def channel(self) -> Channel:
        async with self.store.unit() as uow:
            stored = await uow.channels.get((await self.synchronization()).key)
        assert stored is not None
        return stored.channel

    async def start(self) -> None:
        await start(self.store, (await self.synchronization()).key, self.system.now())

    async def stop(self) -> None:
        await stop(self.store, None, self.system.now())

    async def confirm(self) -> None:
        """A person compares the code, and what waits for that is said."""
        async with self.store.unit() as uow:
            stored = await self._stored(uow)
            channel = confirm(stored.channel, code_of(stored.channel) or "")
            stored = await announce(uow, replace(stored, channel=channel), self.system.now())
            await uow.channels.save(stored)
            await uow.commit()

    async def said(self) -> list[Body]:
        """What was said since this was asked last."""
        async with self.store.unit() as uow:
            stored = await self._stored(uow)
            sent = uow.sent.after(stored.synchronization, stored.channel.outgoing.epoch, self.taken_out)
            found = [unpack(one.plaintext).body async for one in sent]
        self.taken_out += len(found)
        return found

    async def hear(self, body: Body, partner: Channel) -> None:
        """Take in what the partner said."""
        async with self.store.unit() as uow:
            stored = await self._stored(uow)
            told = heard(stored.channel, from_(partner, body, to=stored.channel, number=1), self.system.now())
            stored = replace(stored, channel=told.channel)
            for event in told.events:
                if isinstance(event, PublicationAnswered):
                    stored = await settle(uow, stored, event.answer, self.system.now())
            await uow.channels.save(stored)
            await uow.commit()

    async def _stored(self, uow: UnitOfWork) -> StoredChannel:
        [stored] = await uow.channels.all()
        return stored


@dataclass
class TwoOffices:
    """Master and slave."""

    master: OneOffice
    slave: OneOffice

    @classmethod
    def met(cls, first: Store, second: Store, acme: FakeMetadata, beta: FakeMetadata) -> TwoOffices:
        """Both know each other; no person has compared the code."""
        both = Both().meet()
        master = OneOffice(store=first, jira=("acme", acme), channels=HandMadeChannels(both.master))
        slave = OneOffice(store=second, jira=("beta", beta), channels=HandMadeChannels(both.slave))
        return cls(master=master, slave=slave)

    async def carry(self) -> list[Published | Answered]:
        """Let each side hear what the other one said; what that was."""
        carried: list[Published | Answered] = []
        for speaker, listener in ((self.master, self.slave), (self.slave, self.master)):
            for body in await speaker.said():
                assert isinstance(body, Published | Answered)
                await listener.hear(body, await speaker.channel())
                carried.append(body)
        return carried
