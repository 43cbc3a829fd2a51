"""The port to how parcels get to the partner and come from there. Each direction is a transport of its own.

A transport promises little: a parcel may get lost, come twice, late or in another order. Everything else is promised
by the numbers inside (``core/protocol``). It never looks into a parcel.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Security(StrEnum):
    """How a connection to a mail server is protected: from the start, or by STARTTLS before anything is said."""

    TLS = "tls"
    STARTTLS = "starttls"


class MailProtocol(StrEnum):
    """How mails are fetched."""

    IMAP = "imap"
    POP3 = "pop3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who logs in at a mail server: ``secret`` is a password, or with ``oauth`` an access token for XOAUTH2."""

    user: str
    secret: str = field(repr=False)
    oauth: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where a mail server is and who logs in. ``ca_file`` replaces the certificates that the system trusts."""

    host: str
    port: int
    security: Security
    login: Login
    ca_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingDirectory:
    """Parcels are put into a directory; ``channel`` and ``role`` are what its marker has to say."""

    path: str
    channel: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingDirectory:
    """Parcels are expected in a directory; ``channel`` and ``role`` are what its marker has to say."""

    path: str
    channel: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingMail:
    """Parcels are mailed from ``address`` to ``to``. ``channel`` and ``role`` are what their headers say."""

    server: MailServer
    address: str
    to: str
    channel: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingMail:
    """Parcels are fetched from a mailbox that people may use, too, and the partner's half as well.

    ``channel`` is what their header says, ``role`` what is said by those of our own half, which are not fetched.
    """

    server: MailServer
    protocol: MailProtocol
    address: str
    channel: str
    role: str
    folder: str = "INBOX"


Sending = SendingDirectory | SendingMail
Receiving = ReceivingDirectory | ReceivingMail


class TransportError(Exception):
    """A transport does not work now. The message has the server's or the system's own words, and no secret."""

    def __init__(self, words: str, *, cure: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.cure = cure


class TooLargeToSend(TransportError):
    """The transport never takes a parcel of that size."""


class NotOurPlace(TransportError):
    """A directory or mailbox is not the one that it was: a person has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A parcel that came. ``handle`` is what the transport knows it by."""

    handle: str
    parcel: bytes = field(repr=False)


class NoticeKind(StrEnum):
    """What came that is no parcel of ours; it is shown and never acted on."""

    BOUNCE = "bounce"
    TOO_LARGE = "too-large"  # a bounce, too
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that came and is no parcel; ``words`` of a bounce are the server's own, shortened."""

    kind: NoticeKind
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was found. ``memory`` has to be given at the next look once the parcels are stored; ``more`` may wait."""

    arrivals: tuple[Arrival, ...] = ()
    notices: tuple[Notice, ...] = ()
    memory: str = ""
    more: bool = False


class Sender(Protocol):
    """The way out."""

    async def send(self, parcel: bytes) -> None:
        """Hand over one parcel. Raises TransportError: it may have been handed over nevertheless."""

    async def check(self) -> None:
        """Do all that a parcel needs except for sending it. Raises TransportError."""

    async def close(self) -> None: ...


class Receiver(Protocol):
    """The way in."""

    async def receive(self, memory: str, *, parcels: int, octets: int) -> Batch:
        """What waits and is not remembered, oldest first: at most so many parcels, and about so many bytes.

        ``memory`` is what the batch before said, or nothing at first. Raises TransportError.
        """

    async def confirm(self, handles: tuple[str, ...]) -> None:
        """These were stored for good: they may be removed. Raises TransportError: they come again, as repeats."""

    async def wait(self, seconds: float) -> None:
        """Return when something may have come since the last look or wait, at the latest after so long.

        Raises TransportError.
        """

    async def check(self) -> None:
        """Do all that receiving needs without taking anything. Raises TransportError."""

    async def close(self) -> None: ...


@runtime_checkable
class TellingReceiver(Receiver, Protocol):
    """A way in that may be told of what comes; one that does nothing but wait hears of it."""

    @property
    def tells(self) -> bool:
        """Whether a wait that goes on now ends as soon as something comes, as far as is known."""


class Transports(Protocol):
    """Makes transports of their settings; nothing is opened yet."""

    def sender(self, to: Sending) -> Sender: ...

    def receiver(self, of: Receiving) -> Receiver: ...

    async def prepare(self, place: SendingDirectory | ReceivingDirectory) -> None:
        """Make a directory and its marker, once, at set-up. Raises TransportError."""

    async def release(self, place: SendingDirectory | ReceivingDirectory) -> None:
        """Take its marker out of a directory that was prepared in vain; all else stays. Raises TransportError."""

    async def adopt(self, place: SendingDirectory | ReceivingDirectory) -> None:
        """Mark a directory that takes the place of one, since a person said so. Raises TransportError."""
