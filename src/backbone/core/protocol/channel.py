"""What one side of an exchange behind firewalls knows of it: who is who, how far both directions have come.

It is one aggregate, loaded, stepped and saved as a whole under the lock of its channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import Millis, PairUid, ProjectKey, Revision, Role
from backbone.core.protocol.parcels import ChannelId, Digest, Epoch, Header, KeyAnnounced, KeyFingerprint

_NOTHING = Digest("")
_NEVER = Millis(0)
_UNPUBLISHED = Revision(0)
FIRST_LARGEST = 1_000_000
"""Bytes that a sealed parcel may have as long as nobody refused that."""


class Stage(StrEnum):
    """How far two installations know each other.

    ``OFFERED``: the master wrote a handshake file. ``ANSWERED``: the slave was made from it and sent its answer.
    ``PINGED``: the master has the slave's answer and sent a ping. ``KNOWN``: both pings came. ``SUSPENDED``: a second
    valid answer came: nothing passes until a person decides.
    """

    OFFERED = "offered"
    ANSWERED = "answered"
    PINGED = "pinged"
    KNOWN = "known"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedKey:
    """A public key that counts as one side's, the one that was pinned last at the end.

    Of a key that takes the place of another, ``announced`` is the number of the parcel that told of it, and ``proven``
    that this one was acknowledged. ``used_from`` is the number from which on all is signed by it, ``named_from`` that
    from which on the other side encrypts to it; 0 where none is known.
    """

    fingerprint: KeyFingerprint
    armored: str
    proven: bool = True
    announced: int = 0
    used_from: int = 0
    named_from: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """How both sides come to know each other, and where they find each other.

    ``receives_by`` and ``sends_by`` are protocols (``files``, ``mail``), ours and the partner's. ``greeted`` is when we
    last sent an answer or a ping, ``asked`` when we first did of those that nobody answered, ``greetings`` how many.
    ``second`` is the key of a second answer. ``moved`` is the number of the parcel that told our new address.
    ``announcement`` is what we said of our newest key, ``told_in`` the epoch in which that or the address was said.
    ``ping_wanted`` tells that a person wants a sign of life.
    """

    receives_by: str = ""
    sends_by: str = ""
    greeted: Millis = _NEVER
    asked: Millis = _NEVER
    greetings: int = 0
    second: KeyFingerprint | None = None
    moved: int = 0
    announcement: KeyAnnounced | None = None
    told_in: Epoch | None = None
    ping_wanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A parcel of ours that is not acknowledged together with all before it.

    ``head`` is that of the chain at its number, ``sent`` when it was handed over last. ``there`` tells that the partner
    has it though it lacks others before it, ``missing`` that it said that it has not. ``keys`` are the fingerprints that
    its header names, the sender's and the recipient's.
    """

    number: int
    octets: int
    head: Digest
    keys: tuple[KeyFingerprint, KeyFingerprint]
    sent: Millis | None = None
    attempts: int = 0
    there: bool = False
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Our direction: the last number given, up to which all is acknowledged, and the chain at both.

    ``burst`` is up to which number was acknowledged when we sealed last. ``told`` is when, by the partner's clock, it
    found what it acknowledged last.
    """

    epoch: Epoch
    last: int = 0
    head: Digest = _NOTHING
    acknowledged: int = 0
    acknowledged_head: Digest = _NOTHING
    acknowledged_at: Millis = _NEVER
    under_way: tuple[UnderWay, ...] = ()
    burst: int = 0
    told: Millis = _NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """A parcel that came while one before it is missing: what the chain needs of it."""

    number: int
    header: Header
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A parcel that came and is not used, or not all of it.

    ``pairs`` are those of its messages that wait, each with the number of the parcel before in which it occurs; of a
    parcel that is used as a whole there are none. ``ordered`` tells that all parcels before it have to come first.
    ``exchange`` is the digest of the configuration that it can be understood with, where it needs one, and ``revision``
    the number of that. ``octets`` are those of its plaintext.
    """

    number: int
    pairs: Mapping[PairUid, int] = field(default_factory=dict)
    ordered: bool = False
    exchange: Digest | None = None
    revision: Revision = _UNPUBLISHED
    octets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """The partner's direction: up to which number all came, the chain there, and the highest number heard of.

    ``told`` is up to which we acknowledged, at ``told_at``; ``owed`` is since when an acknowledgement is due.
    """

    epoch: Epoch | None = None
    contiguous: int = 0
    head: Digest = _NOTHING
    highest: int = 0
    beyond: tuple[Beyond, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    told: int = 0
    told_at: Millis = _NEVER
    owed: Millis | None = None
    former: tuple[Epoch, ...] = ()
    """Epochs that the partner gave up: what was said in them is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """When we last said that we are there.

    ``silent`` counts how often since the partner was heard, ``quiet`` since anything new was said by either side.
    """

    at: Millis = _NEVER
    silent: int = 0
    quiet: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A transport that does not work: how often in a row, and when it is tried again."""

    failures: int = 0
    again: Millis = _NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Whether parcels may become larger again, which a ping of that size finds out.

    ``since`` is when a size was refused, tried or let through last, ``vain`` how often it was tried since one was let
    through. ``size`` is that of the last ping, and ``mark`` how its filling begins.
    """

    since: Millis = _NEVER
    vain: int = 0
    size: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The last acknowledgement of the partner's, as it was signed: ``sealed`` is the parcel as it came.

    ``keys`` are those that it names, the partner's and ours: when one of them has gone, it can't be proved any more.
    """

    epoch: Epoch
    contiguous: int
    head: Digest
    at: Millis
    sealed: str = field(default="", repr=False)
    keys: tuple[KeyFingerprint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """Both memories do not fit: new epochs have begun, and each side tells the other of its pairs, in parts.

    ``seen`` is the partner's epoch in which we noticed, or nothing. ``newest`` is when we heard of the partner before.
    ``heard`` are the partner's parts that came, out of ``parts``.
    """

    seen: Epoch | None
    newest: Millis
    heard: tuple[int, ...] = ()
    parts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A configuration that the master published, under its digest."""

    revision: Revision
    digest: Digest
    exchange: Exchange
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the master's administrator wants: in force once the slave took its ``publication`` over.

    ``document`` is the part of the configuration file; its half is stored under the publication's revision.
    """

    publication: Publication
    name: str
    description: str
    document: Mapping[str, object]
    by: str
    at: Millis
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Which configuration both work by, which one waits for the slave, and how it answered last.

    ``former`` are those that were agreed before, and those of the master's that the slave may have taken over before it
    heard of a newer one: what was said under them can still be read. ``said_in`` is the master's epoch in which it
    published last.
    """

    agreed: Publication | None = None
    pending: Publication | None = None
    declined: str | None = None
    former: tuple[Publication, ...] = ()
    said_in: Epoch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One side's view. ``confirmed`` tells that a person of this side compared the code of both keys and the file's token.

    ``expires`` is when the offer ends. ``used`` are digests of the tokens of former files, none of which counts again.
    ``receives`` and ``sends_to`` are addresses as both sides show them.
    ``partner_ahead`` is by how many milliseconds the partner's clock is ahead of ours, as far as a ping showed.
    ``memory`` is that of the receiving transport. ``retry`` is when parcels are tried again whose signature did not hold.
    ``incarnation`` is that of the store in which this was last stepped, so that a restored one is noticed.
    ``proposal`` is the master's, pending once it was said; ``numbered`` is the greatest revision given to one.
    ``largest`` is how many bytes a sealed parcel may have. ``tidied`` is when old contents were last dropped. ``left`` is
    when we said goodbye.
    After a restored backup, ``listed`` is when we last told our pairs, ``comparing`` are the portions of pairs whose
    values are still to be told.
    ``partner_project`` are the keys of the partner's project that were told since it was renamed, the present one first.
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
    meeting: Meeting = Meeting()
    outgoing: Outgoing
    incoming: Incoming = Incoming()
    agreement: Agreement = Agreement()
    proposal: Proposal | None = None
    numbered: Revision = _UNPUBLISHED
    receives: str = ""
    sends_to: str = ""
    partner_ahead: int | None = None
    heard: Millis = _NEVER
    memory: str = ""
    used: tuple[Digest, ...] = ()
    departed: bool = False
    left: Millis = _NEVER
    largest: int = FIRST_LARGEST
    growth: Growth = Growth()
    pulse: Pulse = Pulse()
    sending: Outage = Outage()
    receiving: Outage = Outage()
    retry: Millis | None = None
    proof: Proof | None = None
    incarnation: str = ""
    restoring: Restoring | None = None
    listed: Millis = _NEVER
    comparing: tuple[int, ...] = ()
    partner_project: tuple[ProjectKey, ...] = ()
    tidied: Millis = _NEVER

    @property
    def our_key(self) -> PinnedKey:
        """The key that we sign with, the newest that the partner has; all that are here are accepted as the recipient's."""
        return next((one for one in reversed(self.our_keys) if one.proven), self.our_keys[-1])

    @property
    def partner_key(self) -> PinnedKey:
        """The key that we encrypt to: the newest that the partner proved."""
        return next((one for one in reversed(self.partner_keys) if one.proven), self.partner_keys[-1])
