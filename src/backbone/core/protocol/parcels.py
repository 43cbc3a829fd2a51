"""What two installations say to each other: a header that names whom it concerns, and a body.

A body is either one of the *numbered* ones, of which none may get lost, or one that is worth saying only now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NewType

from backbone.core.model.changes import Content
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import FileId, IssueKey, IssueRef, Millis, PairUid, ProjectKey, Revision, Role

WIRE = 1
"""The newest version of the wire format that is written; one older is read, too."""

ChannelId = NewType("ChannelId", str)
"""The synchronization as both sides know it: random text of the handshake file."""
Epoch = NewType("Epoch", str)
"""Random text; numbers count from 1 within the epoch of a direction."""
Digest = NewType("Digest", str)
"""SHA-256 in lower-case hexadecimal."""
KeyFingerprint = NewType("KeyFingerprint", str)
"""Of an OpenPGP key, upper-case hexadecimal."""

_BEFORE_THE_FIRST = Revision(0)
_NOTHING = Digest("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Whom a parcel concerns; part of what is signed, and checked before the body is used.

    ``number`` is absent for bodies that are not part of the sequence. ``revision`` and ``exchange`` name the
    configuration that the sender works by, as the master published it; 0 and nothing before the first one.
    """

    channel: ChannelId
    sender: Role
    sender_key: KeyFingerprint
    recipient_key: KeyFingerprint
    epoch: Epoch
    number: int | None = None
    wire: int = WIRE
    revision: Revision = _BEFORE_THE_FIRST
    exchange: Digest = _NOTHING


# --- numbered: none may get lost --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMessage:
    """What is said of one pair; ``after`` is the number of the parcel before in which it occurs, 0 for none."""

    pair: PairUid
    after: int
    contents: tuple[Content, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """What is said of issues, each pair once."""

    messages: tuple[PairMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Part of an attachment of the sender's. ``digest`` and ``total`` (bytes) are those of the whole."""

    file: FileId
    digest: Digest
    offset: int
    total: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The master's new configuration, and what its administrator wrote to the slave's."""

    revision: Revision
    digest: Digest
    exchange: Exchange
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The slave took a publication over, or declined it; ``digest`` is that of the publication."""

    revision: Revision
    digest: Digest
    accepted: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """The sender's project has another key; these issues are called so now (all of them where none is named)."""

    project: ProjectKey
    former: ProjectKey
    issues: tuple[tuple[PairUid, IssueKey], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAnnounced:
    """The sender will sign with this key, too; said under the old one, with a proof under the new one."""

    armored: str
    fingerprint: KeyFingerprint
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChanged:
    """Where the sender receives from now on; the old place is read until all that was sent there is acknowledged."""

    protocol: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodbye:
    """The sender's half was deleted."""


Numbered = Messages | Piece | Published | Answered | Renamed | KeyAnnounced | AddressChanged | Goodbye


# --- not numbered: worth saying only now ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """The slave's answer to a handshake file: its key, where it receives, and a proof that it knows the file's token."""

    armored: str
    proof: Digest
    protocol: str
    address: str
    clock: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A test of the connection. ``answers`` tells that it is an answer; ``filling`` probes the size of parcels."""

    clock: Millis
    answers: bool
    filling: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """The sender got two answers to its handshake file: neither side goes on before their people looked into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What of the recipient's parcels arrived: all up to ``contiguous``, and beyond it all but for ``gaps``.

    ``epoch`` is the recipient's, ``at`` when the sender found this, by its clock: what is later cannot be less. ``head`` is
    that of the hash chain at ``contiguous``. Gaps are first and last numbers.
    """

    epoch: Epoch
    at: Millis
    contiguous: int
    head: Digest
    highest: int
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The last number that the sender gave: reveals that what came last was lost."""

    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPair:
    """A pair as the sender knows it."""

    pair: PairUid
    local: IssueRef | None
    remote: IssueRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The sender's memory and the recipient's do not fit: the sender begins an epoch and tells its pairs in parts.

    ``seen`` is the recipient's epoch that the sender heard of last, ``newest`` when the sender's memory was last
    changed by its own clock: the half whose memory is older is the restored one.
    """

    seen: Epoch
    newest: Millis
    part: int
    parts: int
    pairs: tuple[KnownPair, ...] = ()


Passing = Handshake | Ping | Suspended | Acknowledgement | Heartbeat | Restored
Body = Numbered | Passing


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Everything that is signed."""

    header: Header
    body: Body
