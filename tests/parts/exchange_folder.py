"""A directory that the first half sends into and the second half receives from, with a clock that the test turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from backbone.adapters.transports.files.names import parcel_name
from backbone.adapters.transports.files.places import prepare
from backbone.adapters.transports.files.receiving import DirectoryReceiver
from backbone.adapters.transports.files.sending import DirectorySender
from backbone.core.model.keys import Role
from backbone.ports.transport import Batch, ReceivingDirectory, SendingDirectory

CHANNEL = "5f2c"


@dataclass
class Folder:
    """``slept`` are the pauses that the receiver made; each turns the clock (seconds)."""

    path: Path
    clock: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sending = sending(self.path)
        self.receiving = receiving(self.path)
        self.sender = DirectorySender(self.sending, now=lambda: self.clock)
        self.receiver = DirectoryReceiver(self.receiving, sleep=self.sleep, now=lambda: self.clock)

    async def prepare(self) -> Folder:
        await prepare(self.sending)
        await prepare(self.receiving)
        return self

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock += seconds

    async def look(self, memory: str = "") -> Batch:
        return await self.receiver.receive(memory, parcels=100, octets=1_000_000)

    def put(self, parcel: bytes, *, name: str = "") -> Path:
        """Put a file into the directory as somebody else's tool would."""
        path = self.path / (name or parcel_name(parcel))
        path.write_bytes(parcel)
        return path

    def names(self) -> set[str]:
        """What is in the directory besides markers."""
        return {path.name for path in self.path.iterdir() if not path.name.startswith(".backbone-")}


def sending(path: Path, role: Role = Role.FIRST, channel: str = CHANNEL) -> SendingDirectory:
    return SendingDirectory(path=str(path), channel=channel, role=role)


def receiving(path: Path, role: Role = Role.SECOND, channel: str = CHANNEL) -> ReceivingDirectory:
    return ReceivingDirectory(path=str(path), channel=channel, role=role)


def parcels(batch: Batch) -> list[bytes]:
    return [arrival.parcel for arrival in batch.arrivals]


def handles(batch: Batch) -> tuple[str, ...]:
    return tuple(arrival.handle for arrival in batch.arrivals)


def words(batch: Batch) -> list[str]:
    return [notice.words for notice in batch.notices]
