"""Real directories and mailboxes as a wire between two installations, with the faults that the wire in memory has."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from backbone.adapters.transports.made import MadeTransports
from backbone.core.model.keys import Role
from backbone.ports.transport import (
    Batch,
    MailProtocol,
    Receiver,
    ReceivingDirectory,
    Sender,
    SendingDirectory,
    TransportError,
)
from tests.fakes.transport import Fault, with_a_flipped_bit
from tests.parts.mail_servers import Delivered, MailServers, User

CHANNEL = "c0ffee" * 5


@dataclass(slots=True)
class BadWay:
    """One direction over a real transport. What is damaged is damaged before it is handed over.

    It is both the sender and the receiver; ``opened`` makes the real sender anew for each parcel, since every step of a
    test may run in another event loop.
    """

    opened: Callable[[], Sender]
    inner: Receiver
    faults: deque[Fault] = field(default_factory=deque)
    down: str = ""
    keeps: bool = False
    sent: list[bytes] = field(default_factory=list)
    _delayed: list[bytes] = field(default_factory=list)
    _overtaken: list[bytes] = field(default_factory=list)
    _put: list[bytes] = field(default_factory=list)

    # what a test lets happen ------------------------------------------------------------------------------------------

    def befall(self, *faults: Fault) -> None:
        """Let these befall the next parcels."""
        self.faults.extend(faults)

    def release(self) -> None:
        """What was delayed leaves before the next parcel, or the next look."""
        self._put += [*self._overtaken, *self._delayed]
        self._overtaken.clear()
        self._delayed.clear()

    def shuffle(self, order: Iterable[int]) -> None:
        """Real transports keep their order, but for what is delayed."""
        del order

    def put(self, parcel: bytes) -> None:
        """Let something arrive that nobody need have sent."""
        self._put.append(parcel)

    # the way out ------------------------------------------------------------------------------------------------------

    async def send(self, parcel: bytes) -> None:
        self._look()
        self.sent.append(parcel)
        match self.faults.popleft() if self.faults else Fault.NONE:
            case Fault.NONE:
                await self._hand_over(parcel)
            case Fault.LOSE:
                pass
            case Fault.REPEAT:
                await self._hand_over(parcel)
                await self._hand_over(parcel)
            case Fault.DELAY:
                self._delayed.append(parcel)
            case Fault.OVERTAKE:
                self._overtaken.append(parcel)
                return
            case Fault.TRUNCATE:
                await self._hand_over(parcel[: len(parcel) // 2])
            case Fault.FLIP:
                await self._hand_over(with_a_flipped_bit(parcel))
            case Fault.DOUBT:
                await self._hand_over(parcel)
                raise TransportError("the connection was reset")
        self._put += self._overtaken
        self._overtaken.clear()

    # the way in -------------------------------------------------------------------------------------------------------

    async def receive(self, memory: str, *, parcels: int, octets: int) -> Batch:
        self._look()
        put, self._put = self._put, []
        for parcel in put:
            await self._hand_over(parcel)
        return await self.inner.receive(memory, parcels=parcels, octets=octets)

    async def confirm(self, handles: tuple[str, ...]) -> None:
        self._look()
        if self.keeps:
            raise TransportError("what was received can't be removed")
        await self.inner.confirm(handles)

    async def wait(self, seconds: float) -> None:
        await self.inner.wait(seconds)

    async def check(self) -> None:
        await self.inner.check()

    async def close(self) -> None:
        await self.inner.close()

    def _look(self) -> None:
        if self.down:
            raise TransportError(self.down)

    async def _hand_over(self, parcel: bytes) -> None:
        sender = self.opened()
        try:
            await sender.send(parcel)
        finally:
            await sender.close()


@dataclass(slots=True)
class BadWire:
    """Two directions, named after the half that receives from them."""

    to_first: BadWay
    to_second: BadWay

    def towards(self, role: Role) -> BadWay:
        return self.to_first if role is Role.FIRST else self.to_second

    def sender(self, role: Role) -> BadWay:
        return self.towards(role.partner)

    def receiver(self, role: Role) -> BadWay:
        return self.towards(role)

    async def close(self) -> None:
        for way in (self.to_first, self.to_second):
            await way.close()


@dataclass(slots=True)
class Later:
    """The clock of file systems, which a test can only move ahead."""

    ahead: Callable[[], float]

    def now(self) -> float:
        return time.time() + self.ahead()


async def wire_of_folders(folder: Path, ahead: Callable[[], float]) -> BadWire:
    """Two directories, each one side's SEND and the other's RECEIVE; ``ahead`` is by how many seconds time was moved."""
    transports = MadeTransports(now=Later(ahead).now)
    return BadWire(*[await _way_of_folder(transports, folder / f"to-{role}", role) for role in Role])


async def _way_of_folder(transports: MadeTransports, path: Path, role: Role) -> BadWay:
    sending = SendingDirectory(path=str(path), channel=CHANNEL, role=role.partner)
    receiving = ReceivingDirectory(path=str(path), channel=CHANNEL, role=role)
    await transports.prepare(sending)
    await transports.prepare(receiving)
    return BadWay(opened=lambda: transports.sender(sending), inner=transports.receiver(receiving))


def wire_of_mails(servers: MailServers) -> BadWire:
    """Two mailboxes that nobody used before."""
    first, second = servers.user(), servers.user()
    return BadWire(*[_way_of_mails(servers, *ends) for ends in ((second, first), (first, second))])


def _way_of_mails(servers: MailServers, sender: User, recipient: User) -> BadWay:
    transports, sending = MadeTransports(), servers.sending(sender, recipient, CHANNEL)
    receiver = transports.receiver(servers.receiving(recipient, MailProtocol.IMAP, CHANNEL))
    return BadWay(opened=lambda: Delivered(transports.sender(sending), recipient), inner=receiver)


async def wire_of_both(servers: MailServers, folder: Path, ahead: Callable[[], float]) -> BadWire:
    """Mails one way and files the other, since each direction is a transport of its own."""
    files, mails = await wire_of_folders(folder, ahead), wire_of_mails(servers)
    await files.to_second.close()
    await mails.to_first.close()
    return BadWire(files.to_first, mails.to_second)
