"""What one side of an exchange behind firewalls knows of it: who is who, how far both directions have come.

It is one aggregate, loaded, stepped and saved as a whole under the lock of its channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import Millis, Revision, Role
from backbone.core.protocol.parcels import ChannelId, Digest, Epoch, KeyFingerprint

_NOTHING = Digest("")
_NEVER = Millis(0)
_UNPUBLISHED = Revision(0)


class Stage(StrEnum):
    """How far two installations know each other.

    ``OFFERED``: the master wrote a handshake file. ``ANSWERED``: the slave was made from it and sent its answer.
    ``PINGED``: the master has the slave's answer and sent a ping. ``KNOWN``: both pings came. ``SUSPENDED``: a second
    valid answer came, or the memories of both do not fit: nothing passes until a person decides.
    """

    OFFERED = "offered"
    ANSWERED = "answered"
    PINGED = "pinged"
    KNOWN = "known"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedKey:
    """A public key that counts as one side's. ``until`` bounds the time after which it is not accepted any more."""

    fingerprint: KeyFingerprint
    armored: str
    proven: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Our direction: the last number given, up to which all is acknowledged, and the chain at both."""

    epoch: Epoch
    last: int = 0
    head: Digest = _NOTHING
    acknowledged: int = 0
    acknowledged_head: Digest = _NOTHING
    acknowledged_at: Millis = _NEVER
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """The partner's direction: up to which number all came, the chain there, and the highest number heard of."""

    epoch: Epoch | None = None
    contiguous: int = 0
    head: Digest = _NOTHING
    highest: int = 0
    told: int = 0
    """Up to which we acknowledged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A configuration that the master published, under its digest."""

    revision: Revision
    digest: Digest
    exchange: Exchange
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Which configuration both work by, which one waits for the slave, and how it answered last."""

    agreed: Publication | None = None
    pending: Publication | None = None
    declined: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One side's view. ``confirmed`` tells that a person of this side compared the code of both keys and the file's token.

    ``expires`` is when the offer ends. ``receives`` and ``sends_to`` are addresses as both sides show them.
    ``partner_ahead`` is by how many milliseconds the partner's clock is ahead of ours, as far as a ping showed.
    """

    id: ChannelId
    role: Role
    stage: Stage
    name: str
    description: str
    encrypted: bool
    token: str
    expires: Millis
    our_keys: tuple[PinnedKey, ...]
    partner_keys: tuple[PinnedKey, ...] = ()
    confirmed: bool = False
    outgoing: Outgoing
    incoming: Incoming = Incoming()
    agreement: Agreement = Agreement()
    receives: str = ""
    sends_to: str = ""
    partner_ahead: int | None = None
    heard: Millis = _NEVER
    memory: str = ""
    departed: bool = False
    last_heartbeat: Millis = _NEVER
    largest: int = 1_000_000
