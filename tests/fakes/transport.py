"""Transports in memory whose faults the test decides: mailboxes with names, and a wire of two between two halves."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from backbone.core.model.keys import Role
from backbone.ports.transport import (
    Arrival,
    Batch,
    Notice,
    NotOurPlace,
    Receiver,
    Receiving,
    ReceivingDirectory,
    ReceivingMail,
    Sender,
    Sending,
    SendingDirectory,
    SendingMail,
    TooLargeToSend,
    TransportError,
)


class Fault(StrEnum):
    """What befalls one parcel on its way."""

    NONE = "none"
    LOSE = "lose"
    REPEAT = "repeat"
    DELAY = "delay"  # until the test releases it
    OVERTAKE = "overtake"  # it comes before all that wait
    TRUNCATE = "truncate"
    FLIP = "flip"
    DOUBT = "doubt"  # it arrives, and yet the sender is told of an error


@dataclass
class Mailbox:
    """One direction: what was put in and is not yet confirmed, and what shall go wrong.

    ``faults`` befall the next parcels, one each. ``down`` holds the words of a failure of everything while it lasts.
    ``limit`` is the largest parcel that is taken. With ``keeps`` nothing can be removed. ``sent`` is all that left.
    """

    faults: deque[Fault] = field(default_factory=deque)
    down: str = ""
    limit: int | None = None
    keeps: bool = False
    ours: bool = True
    notices: list[Notice] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    _waiting: list[Arrival] = field(default_factory=list)
    _delayed: list[bytes] = field(default_factory=list)
    _count: int = 0
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def waiting(self) -> tuple[bytes, ...]:
        return tuple(arrival.parcel for arrival in self._waiting)

    def befall(self, *faults: Fault) -> None:
        """Let these befall the next parcels."""
        self.faults.extend(faults)

    def release(self) -> None:
        """What was delayed arrives, after all else."""
        for parcel in self._delayed:
            self.put(parcel)
        self._delayed.clear()

    def shuffle(self, order: Iterable[int]) -> None:
        """What waits is found in this order, given by positions; those that are not named come after."""
        first = [self._waiting[at] for at in dict.fromkeys(order) if at < len(self._waiting)]
        self._waiting = first + [arrival for arrival in self._waiting if arrival not in first]

    def put(self, parcel: bytes, *, ahead: bool = False) -> None:
        """Let something arrive that nobody need have sent."""
        self._count += 1
        arrival = Arrival(handle=f"p{self._count}", parcel=parcel)
        self._waiting.insert(0 if ahead else len(self._waiting), arrival)
        self._came.set()

    def hand_over(self, parcel: bytes) -> None:
        """Take a parcel of the sender's, and let happen to it what shall happen."""
        self.look()
        if self.limit is not None and len(parcel) > self.limit:
            raise TooLargeToSend(f"552 5.3.4 a parcel of {len(parcel)} bytes exceeds the limit of {self.limit}")
        self.sent.append(parcel)
        match self.faults.popleft() if self.faults else Fault.NONE:
            case Fault.NONE:
                self.put(parcel)
            case Fault.LOSE:
                pass
            case Fault.REPEAT:
                self.put(parcel)
                self.put(parcel)
            case Fault.DELAY:
                self._delayed.append(parcel)
            case Fault.OVERTAKE:
                self.put(parcel, ahead=True)
            case Fault.TRUNCATE:
                self.put(parcel[: len(parcel) // 2])
            case Fault.FLIP:
                self.put(with_a_flipped_bit(parcel))
            case Fault.DOUBT:
                self.put(parcel)
                raise TransportError("the connection was reset", cure="Nothing: it is tried again.")

    def look(self) -> None:
        """Raise what is wrong with the whole mailbox."""
        if not self.ours:
            raise NotOurPlace("this is not the mailbox that it was")
        if self.down:
            raise TransportError(self.down)

    def found(self, memory: str, *, parcels: int, octets: int) -> Batch:
        """What a receiver gets to see."""
        self.look()
        self.remove(memory.split())
        stored = [arrival.handle for arrival in self._waiting if arrival.handle in memory.split()]
        fresh = [arrival for arrival in self._waiting if arrival.handle not in stored]
        taken: list[Arrival] = []
        for arrival in fresh[:parcels]:
            if taken and sum(len(one.parcel) for one in taken) + len(arrival.parcel) > octets:
                break
            taken.append(arrival)
        notices, self.notices = tuple(self.notices), []
        self._came.clear()
        return Batch(
            arrivals=tuple(taken),
            notices=notices,
            memory=" ".join([*stored, *(arrival.handle for arrival in taken)]),
            more=len(taken) < len(fresh),
        )

    def remove(self, handles: Iterable[str]) -> None:
        """Forget what was stored, unless nothing can be removed here."""
        gone = set(() if self.keeps else handles)
        self._waiting = [arrival for arrival in self._waiting if arrival.handle not in gone]

    async def wait(self, seconds: float) -> None:
        """Return when something was put in since the last look."""
        try:
            async with asyncio.timeout(seconds):
                await self._came.wait()
        except TimeoutError:
            return


def with_a_flipped_bit(parcel: bytes) -> bytes:
    """The parcel with one bit changed; which one depends on the content alone."""
    if not parcel:
        return b"\x01"
    at, bit = divmod(zlib.crc32(parcel) % (8 * len(parcel)), 8)
    return parcel[:at] + bytes([parcel[at] ^ (1 << bit)]) + parcel[at + 1 :]


@dataclass(frozen=True, slots=True)
class MailboxSender:
    """A ``Sender`` into a mailbox."""

    mailbox: Mailbox

    async def send(self, parcel: bytes) -> None:
        self.mailbox.hand_over(parcel)

    async def check(self) -> None:
        self.mailbox.look()

    async def close(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class MailboxReceiver:
    """A ``Receiver`` of a mailbox."""

    mailbox: Mailbox

    async def receive(self, memory: str, *, parcels: int, octets: int) -> Batch:
        return self.mailbox.found(memory, parcels=parcels, octets=octets)

    async def confirm(self, handles: tuple[str, ...]) -> None:
        self.mailbox.look()
        self.mailbox.remove(handles)
        if self.mailbox.keeps:
            raise TransportError("what was received can't be removed")

    async def wait(self, seconds: float) -> None:
        await self.mailbox.wait(seconds)

    async def check(self) -> None:
        self.mailbox.look()

    async def close(self) -> None:
        return


@dataclass
class Wire:
    """Two mailboxes between two halves, named after the half that receives from them."""

    to_first: Mailbox = field(default_factory=Mailbox)
    to_second: Mailbox = field(default_factory=Mailbox)

    def towards(self, role: Role) -> Mailbox:
        """The mailbox from which this half receives."""
        return self.to_first if role is Role.FIRST else self.to_second

    def sender(self, role: Role) -> MailboxSender:
        """The way out of this half."""
        return MailboxSender(self.towards(role.partner))

    def receiver(self, role: Role) -> MailboxReceiver:
        """The way into this half."""
        return MailboxReceiver(self.towards(role))


@dataclass
class Network:
    """``Transports`` in memory: a mailbox for each path and each address, made when it is first named.

    Two halves exchange parcels by giving one path, or one address, for sending and for receiving.
    """

    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    prepared: list[SendingDirectory | ReceivingDirectory] = field(default_factory=list)

    def mailbox(self, name: str) -> Mailbox:
        return self.mailboxes.setdefault(name, Mailbox())

    def sender(self, to: Sending) -> Sender:
        match to:
            case SendingDirectory(path=path):
                return MailboxSender(self.mailbox(path))
            case SendingMail(to=address):
                return MailboxSender(self.mailbox(address))

    def receiver(self, of: Receiving) -> Receiver:
        match of:
            case ReceivingDirectory(path=path):
                return MailboxReceiver(self.mailbox(path))
            case ReceivingMail(address=address):
                return MailboxReceiver(self.mailbox(address))

    async def prepare(self, place: SendingDirectory | ReceivingDirectory) -> None:
        self.mailbox(place.path).look()
        self.prepared.append(place)

    async def release(self, place: SendingDirectory | ReceivingDirectory) -> None:
        self.prepared.remove(place)

    async def adopt(self, place: SendingDirectory | ReceivingDirectory) -> None:
        self.mailbox(place.path).ours = True
