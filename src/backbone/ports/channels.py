"""The port to what is remembered of exchanges behind firewalls: channels, and parcels on their way.

Everything of one channel happens under the lock ``channel:SYNCHRONIZATION``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from backbone.core.model.keys import FileId, Millis, PairUid, SynchronizationKey
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.parcels import Digest, Epoch
from backbone.ports.records import OutboxMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChannel:
    """A channel with what only this side knows.

    ``transports`` is how it sends and receives, as the configuration file has it, with its secrets sealed or as
    references. ``secret_keys`` are our secret keys, sealed, by fingerprint.
    """

    synchronization: SynchronizationKey
    channel: Channel
    transports: Mapping[str, object] = field(default_factory=dict)
    secret_keys: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentParcel:
    """A numbered parcel of ours: its plaintext never changes, and is empty where it was forgotten.

    ``sent`` is when it was last handed over.
    """

    synchronization: SynchronizationKey
    epoch: Epoch
    number: int
    digest: Digest
    head: Digest
    sealed: Millis
    plaintext: bytes = field(repr=False)
    sent: Millis | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedParcel:
    """A numbered parcel of the partner's.

    It is ``held`` as long as a gap before it concerns one of its pairs, or it is of an unknown revision.
    """

    synchronization: SynchronizationKey
    epoch: Epoch
    number: int
    digest: Digest
    received: Millis
    plaintext: bytes = field(repr=False)
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedParcel:
    """Something that came and could not be used: kept as it is, for a person or for another try."""

    synchronization: SynchronizationKey
    digest: Digest
    received: Millis
    cause: str
    raw: bytes = field(repr=False)
    retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInPieces:
    """An attachment on its way, ours or the partner's. ``file`` is its id in the Jira that it comes from.

    ``there`` counts bytes: of ours those that were sealed, of the partner's those that are stored. Ours has no
    ``digest`` as long as it is not fetched as a whole; the partner's has no ``pair`` before a message names it.
    """

    synchronization: SynchronizationKey
    ours: bool
    file: FileId
    digest: Digest
    total: int
    begun: Millis
    pair: PairUid | None = None
    there: int = 0

    @property
    def complete(self) -> bool:
        """Whether all its bytes are known, and sealed or stored."""
        return bool(self.digest) and self.there == self.total


class Channels(Protocol):
    async def get(self, key: SynchronizationKey) -> StoredChannel | None: ...

    async def all(self) -> Sequence[StoredChannel]: ...

    async def save(self, one: StoredChannel) -> None:
        """Insert or replace."""

    async def hurry(self, key: SynchronizationKey) -> None:
        """Let the tick ``channel:SYNCHRONIZATION`` run as soon as this unit commits."""

    async def remove(self, key: SynchronizationKey) -> None:
        """With everything that is on its way."""


class Outbox(Protocol):
    """What is told and not sealed yet, in the order in which it was told."""

    async def put_all(self, messages: Sequence[OutboxMessage]) -> None:
        """Keep them in this order, and let the tick ``channel:SYNCHRONIZATION`` run before it is due."""

    async def pairs(self, key: SynchronizationKey, limit: int) -> Sequence[PairUid]:
        """Pairs for which something waits, those that wait longest first."""

    async def of_pairs(
        self, key: SynchronizationKey, pairs: Sequence[PairUid]
    ) -> Mapping[PairUid, Sequence[OutboxMessage]]: ...

    async def take(self, key: SynchronizationKey, sealed: Mapping[PairUid, int]) -> None:
        """The first so many messages of each pair are sealed in this transaction; what was told since then stays."""

    async def waiting(self, key: SynchronizationKey) -> int: ...


class SentParcels(Protocol):
    async def put(self, parcel: SentParcel) -> None: ...

    def after(self, key: SynchronizationKey, epoch: Epoch, number: int) -> AsyncIterator[SentParcel]:
        """Those with a greater number, in order, streamed one by one."""

    async def numbered(self, key: SynchronizationKey, epoch: Epoch, number: int) -> SentParcel | None: ...

    async def handed_over(self, key: SynchronizationKey, epoch: Epoch, numbers: Sequence[int], at: Millis) -> None:
        """These were given to the transport, once more."""

    async def count(self, key: SynchronizationKey, epoch: Epoch, after: int) -> tuple[int, int]:
        """How many have a greater number, and how many bytes they have."""

    async def last_of(self, key: SynchronizationKey, epoch: Epoch, pairs: Sequence[PairUid]) -> Mapping[PairUid, int]:
        """The number of the last parcel in which each pair occurs; those that never did are left out."""

    async def occurs(self, key: SynchronizationKey, epoch: Epoch, number: int, pairs: Sequence[PairUid]) -> None:
        """These pairs occur in this parcel."""

    async def forget(self, key: SynchronizationKey, before: Millis) -> None:
        """Drop the contents of those that were sealed before and are acknowledged or of a former epoch; digests stay.

        What is acknowledged and which epoch is the present one is told by the channel as it is stored.
        """


class ReceivedParcels(Protocol):
    async def put(self, parcel: ReceivedParcel) -> None: ...

    async def digest_of(self, key: SynchronizationKey, epoch: Epoch, number: int) -> Digest | None: ...

    async def have(self, key: SynchronizationKey, epoch: Epoch, numbers: Sequence[int]) -> frozenset[int]:
        """Those of the numbers that were received and used."""

    async def held(self, key: SynchronizationKey) -> Sequence[ReceivedParcel]:
        """Those that wait, in the order of their numbers, epoch by epoch."""

    async def release(self, key: SynchronizationKey, epoch: Epoch, numbers: Sequence[int]) -> None:
        """These are used now."""

    async def after(self, key: SynchronizationKey, epoch: Epoch, number: int) -> Sequence[ReceivedParcel]:
        """Those with a greater number, held or not, in order, without their contents."""

    async def refuse(self, one: RefusedParcel, *, most: int, octets: int) -> None:
        """Keep it; the oldest ones go where there are more than so many or more bytes than that.

        What is refused again keeps the time at which it came first.
        """

    async def refused(self, key: SynchronizationKey) -> Sequence[RefusedParcel]:
        """The oldest first."""

    async def drop_refused(self, key: SynchronizationKey, digests: Sequence[Digest]) -> None: ...

    async def forget(self, key: SynchronizationKey, before: Millis) -> None:
        """Drop the contents of those that were received before and used; digests stay."""


class Pieces(Protocol):
    """Attachments on their way: their bytes are here only until the other side has them."""

    async def begin(self, one: FileInPieces) -> None:
        """Insert it, or replace what is known of it; its bytes stay."""

    async def find(self, key: SynchronizationKey, file: FileId, *, ours: bool) -> FileInPieces | None: ...

    async def find_all(
        self, key: SynchronizationKey, files: Sequence[FileId], *, ours: bool
    ) -> Mapping[FileId, FileInPieces]: ...

    async def under_way(self, key: SynchronizationKey, *, ours: bool) -> Sequence[FileInPieces]:
        """All that are here, the oldest first."""

    async def write(self, one: FileInPieces, offset: int, data: bytes) -> int:
        """Store bytes at their place, each place once; how many bytes of the whole are stored now.

        Where there are bytes already, they stay. Of the partner's, ``there`` follows.
        """

    async def read(self, one: FileInPieces, offset: int, limit: int) -> bytes:
        """The bytes from there on that are stored without a gap, at most so many."""

    async def advanced(self, one: FileInPieces, there: int) -> None:
        """So many bytes of ours were sealed."""

    async def octets(self, key: SynchronizationKey, *, ours: bool) -> int:
        """The sum of the totals of all that are here."""

    async def remove(self, key: SynchronizationKey, file: FileId, *, ours: bool) -> None:
        """With its bytes."""

    async def expire(self, before: Millis) -> Sequence[FileInPieces]:
        """Remove those that were begun before then and are not complete, or that no message named; which they were."""
