"""What the exchange of parcels works with, and what it does with what comes: seams that tests fill otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from backbone.app.channel.files import Split
from backbone.app.engine.context import Engine
from backbone.core.model.changes import Content
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import Millis, PairUid, SynchronizationKey
from backbone.core.protocol.parcels import Header, KeyFingerprint, PairMessage, Parcel, Passing, Piece
from backbone.ports.channels import StoredChannel
from backbone.ports.cipher import Cipher
from backbone.ports.sealing import Sealer
from backbone.ports.store import UnitOfWork
from backbone.ports.transport import Receiver, Sender, Transports


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The ways out and in of one channel, and our secret keys by their fingerprints.

    ``look`` is whether it is time to look at what came.
    """

    sender: Sender
    receiver: Receiver
    secrets: Mapping[KeyFingerprint, str] = field(repr=False)
    look: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The channel after something was heard; ``passing`` is said once the transaction is committed."""

    stored: StoredChannel
    passing: tuple[Passing, ...] = ()


class Effects(Protocol):
    """What parcels do beyond their own delivery. Everything happens in the unit of work that is given."""

    async def messages(
        self, uow: UnitOfWork, stored: StoredChannel, header: Header, messages: Sequence[PairMessage], now: Millis
    ) -> None:
        """Messages of pairs may be used now: each once, those of a pair in order."""

    async def piece(self, uow: UnitOfWork, stored: StoredChannel, piece: Piece, now: Millis) -> None:
        """A piece of an attachment came, in any order with others."""

    async def prepare(self, half: HalfConfiguration, told: Mapping[PairUid, Sequence[Content]]) -> None:
        """Fetch attachments that are about to be told of; outside of any unit of work."""

    async def ready(self, uow: UnitOfWork, key: SynchronizationKey, contents: Sequence[Content]) -> Split:
        """What of a pair may be sealed now, and what has to wait for its attachments."""

    async def pieces(self, uow: UnitOfWork, stored: StoredChannel, octets: int, now: Millis) -> Sequence[Piece]:
        """Pieces of our attachments to seal in this unit, of about so many bytes together."""

    async def conversed(self, uow: UnitOfWork, stored: StoredChannel, parcel: Parcel, now: Millis) -> Heard:
        """Any body but messages, pieces, acknowledgements, heartbeats and what follows a restored backup."""

    async def stranger(
        self, uow: UnitOfWork, stored: StoredChannel, means: Means, sealed: bytes, now: Millis
    ) -> Heard | None:
        """Something came that none of the partner's keys signed: the answer to our handshake file, or None."""

    async def due(self, uow: UnitOfWork, stored: StoredChannel, now: Millis) -> Heard | None:
        """What the conversation has to say by itself at this time; None where nothing has changed."""


class ChannelHost(Protocol):
    """The process in which channels are stepped."""

    @property
    def engine(self) -> Engine: ...
    @property
    def cipher(self) -> Cipher: ...
    @property
    def transports(self) -> Transports: ...
    @property
    def sealer(self) -> Sealer: ...
    @property
    def effects(self) -> Effects: ...

    async def means(self, stored: StoredChannel) -> Means:
        """What one step works with: transports as they are set now, kept open from step to step.

        Raises TransportError.
        """
