"""Channels to partners, put together: transports that stay open, effects of parcels, the step that is a tick."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from backbone.app.channel.conversation import Conversation
from backbone.app.channel.effects import EngineEffects
from backbone.app.channel.exchange import exchange
from backbone.app.channel.host import Effects, Heard, Means
from backbone.app.channel.leaving import leave
from backbone.app.channel.lookout import Lookout
from backbone.app.channel.moving import TwoReceivers
from backbone.app.channel.settings import former_receiving_of, receiving_of, secret_keys_of, sending_of
from backbone.app.channel.troubles import over, trouble
from backbone.app.engine.context import Engine
from backbone.app.engine.guarded import guarded
from backbone.app.usecases.channels.departing import depart
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.core.model.problems import Code
from backbone.core.protocol.parcels import Parcel
from backbone.ports.channels import StoredChannel
from backbone.ports.cipher import Cipher
from backbone.ports.sealing import Sealer
from backbone.ports.store import UnitOfWork
from backbone.ports.transport import Receiver, Receiving, Sender, Sending, TransportError, Transports

log = structlog.get_logger()

_Settings = tuple[Sending, Receiving, Receiving | None]
_SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEffects(EngineEffects):
    """What parcels do: messages to the engine, all else to the conversation."""

    conversation: Conversation

    async def conversed(self, uow: UnitOfWork, stored: StoredChannel, parcel: Parcel, now: Millis) -> Heard:
        return await self.conversation.conversed(uow, stored, parcel, now)

    async def stranger(
        self, uow: UnitOfWork, stored: StoredChannel, means: Means, sealed: bytes, now: Millis
    ) -> Heard | None:
        return await self.conversation.stranger(uow, stored, means, sealed, now)

    async def due(self, uow: UnitOfWork, stored: StoredChannel, now: Millis) -> Heard | None:
        return await self.conversation.due(uow, stored, now)


@dataclass(slots=True, kw_only=True)
class Channels:
    """A ``ChannelHost``: one a process. Transports stay open until their settings change."""

    engine: Engine
    cipher: Cipher
    transports: Transports
    sealer: Sealer
    environment: Mapping[str, str] = field(repr=False)
    _open: dict[SynchronizationKey, tuple[_Settings, Sender, Receiver]] = field(default_factory=dict, init=False)
    _lookout: Lookout | None = field(default=None, init=False)

    @property
    def effects(self) -> Effects:
        return ProcessEffects(engine=self.engine, conversation=Conversation(cipher=self.cipher))

    async def means(self, stored: StoredChannel) -> Means:
        """The transports as they are set now. Raises TransportError."""
        try:
            settings = (
                sending_of(stored, self),
                receiving_of(stored, self),
                former_receiving_of(stored, self),
            )
            secrets = secret_keys_of(stored, self.sealer)
        except Mistake as mistake:
            raise TransportError(f"{mistake.place}: {mistake.cause}", cure=mistake.cure) from mistake
        sender, receiver = await self._opened(stored.synchronization, settings)
        _, receiving, former = settings
        look = self._lookout is None or self._lookout.begin_look(stored, receiving, former, self.engine.system.now())
        return Means(sender=sender, receiver=receiver, secrets=secrets, look=look)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """As long as the block lasts, mailboxes that tell of mails are listened at, and looked at less often."""
        self._lookout = Lookout(self)
        try:
            async with self._lookout.kept():
                yield
        finally:
            self._lookout = None

    async def _opened(self, key: SynchronizationKey, settings: _Settings) -> tuple[Sender, Receiver]:
        known = self._open.get(key)
        if known is not None and known[0] == settings:
            return known[1], known[2]
        await self._close_one(key)
        sending, receiving, former = settings
        sender, receiver = self.transports.sender(sending), self.transports.receiver(receiving)
        if former is not None:
            receiver = TwoReceivers(new=receiver, old=self.transports.receiver(former))
        self._open[key] = (settings, sender, receiver)
        return sender, receiver

    async def step(self, key: SynchronizationKey) -> None:
        """One tick of a channel; what goes wrong is told where people look."""
        async with self.engine.store.unit() as uow:
            one = await uow.synchronizations.get(key)
        if one is None:
            if await leave(self, key):
                await self._close_one(key)
            return
        connector = one.connectors[0]

        async def work() -> None:
            try:
                await exchange(self, key)
            except TransportError as error:
                async with self.engine.store.unit() as uow:
                    cause = f"{_SETTINGS}: {error.words}"
                    problem = trouble(Code.CHANNEL_DOWN, connector, cause, _SETTINGS)
                    await uow.problems.report(problem, self.engine.system.now())
                    await uow.commit()
                return
            await self._settings_work(key)

        await guarded(self.engine, connector, work)

    async def _settings_work(self, key: SynchronizationKey) -> None:
        async with self.engine.store.unit() as uow:
            one = await uow.synchronizations.get(key)
            if one is None:
                return
            known = await uow.problems.find(trouble(Code.CHANNEL_DOWN, one.connectors[0], "", _SETTINGS).identity)
            if known is not None:
                await over(uow, Code.CHANNEL_DOWN, one.connectors[0], _SETTINGS)
                await uow.commit()

    async def say_farewell(self, key: SynchronizationKey) -> None:
        """Tell the partner that our half is deleted, and let that leave at once if it can."""
        if await depart(self.engine.store, self.engine.system, key):
            await self.step(key)

    async def keys(self) -> list[SynchronizationKey]:
        """The channels that there are, stopped ones too: they collect, store and acknowledge."""
        async with self.engine.store.unit() as uow:
            return [one.synchronization for one in await uow.channels.all()]

    async def _close_one(self, key: SynchronizationKey) -> None:
        known = self._open.pop(key, None)
        if known is not None:
            await known[1].close()
            await known[2].close()

    async def close(self) -> None:
        """Close all that is open."""
        for key in list(self._open):
            await self._close_one(key)
