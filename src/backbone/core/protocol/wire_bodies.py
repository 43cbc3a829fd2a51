"""Bodies of parcels as plain values."""

from __future__ import annotations

from backbone.core.protocol.parcels import (
    Acknowledgement,
    AddressChanged,
    Answered,
    Body,
    Goodbye,
    Handshake,
    Heartbeat,
    KeyAnnounced,
    KnownPair,
    Messages,
    PairMessage,
    Piece,
    Ping,
    Published,
    Renamed,
    Restored,
    Suspended,
)
from backbone.core.protocol.shapes import (
    Bytes,
    Maybe,
    Member,
    Misfit,
    Named,
    OneOf,
    Plain,
    Record,
    Several,
    Shape,
    Text,
)
from backbone.core.protocol.wire_changes import CONTENT_OF_PAIR, EXCHANGE
from backbone.core.protocol.wire_checks import (
    check_acknowledgement,
    check_handshake,
    check_pair_message,
    check_piece,
    check_restored,
)
from backbone.core.protocol.wire_values import (
    ARMOR,
    COUNT,
    DIGEST,
    IDENTIFIER,
    INSTANT,
    ISSUE,
    ISSUE_KEY,
    KEY_FINGERPRINT,
    LINE,
    NUMBER,
    PRINTABLE,
    PROJECT_KEY,
    WORDS,
    YES_OR_NO,
)

MOST_MESSAGES = 1_000
"""Pairs of which one parcel speaks."""
MOST_PAIRS = 20_000
"""Pairs or issues that one parcel lists."""
MOST_GAPS = 1_000
LONGEST_PIECE = 16 * 1024 * 1024
"""Bytes of an attachment in one parcel."""
LONGEST_FILLING = 32 * 1024 * 1024

NO_DIGEST = Text(64, 0, r"(?:|[0-9a-f]{64})")
"""A digest, or nothing where there is nothing yet."""
NO_IDENTIFIER = Text(64, 0, r"(?:|[0-9A-Za-z][0-9A-Za-z_\-]*)")


class _Couple:
    """A list of two."""

    def __init__(self, first: Shape[str] | Shape[int], second: Shape[str] | Shape[int]) -> None:
        self._shapes = (first, second)

    def write(self, value: tuple[object, object]) -> Plain:
        return list(self.read(list(value)))

    def read(self, plain: object) -> tuple[Plain, Plain]:
        if not isinstance(plain, list) or len(plain) != 2:
            raise Misfit("is not a list of two")
        first, second = (shape.read(one) for shape, one in zip(self._shapes, plain, strict=True))
        return (first, second)

    def describe(self, named: Named) -> Plain:
        items: list[Plain] = [shape.describe(named) for shape in self._shapes]
        return {"type": "array", "prefixItems": items, "minItems": 2, "maxItems": 2}


_PAIR_MESSAGE = Record(
    PairMessage,
    (
        Member("pair", "pair", IDENTIFIER),
        Member("after", "after", COUNT),
        Member("contents", "contents", Several(CONTENT_OF_PAIR, 2, 1)),
    ),
    check_pair_message,
)
_MESSAGES = Record(
    Messages,
    (Member("messages", "messages", Several(_PAIR_MESSAGE, MOST_MESSAGES, 1, key=lambda one: one.pair)),),
)
_PIECE = Record(
    Piece,
    (
        Member("file", "file", IDENTIFIER),
        Member("digest", "digest", DIGEST),
        Member("offset", "offset", COUNT),
        Member("total", "total", COUNT),
        Member("data", "data", Bytes(LONGEST_PIECE)),
    ),
    check_piece,
)
_PUBLISHED = Record(
    Published,
    (
        Member("revision", "revision", NUMBER),
        Member("digest", "digest", DIGEST),
        Member("exchange", "exchange", EXCHANGE),
        Member("message", "message", WORDS, ""),
    ),
)
_ANSWERED = Record(
    Answered,
    (
        Member("revision", "revision", NUMBER),
        Member("digest", "digest", DIGEST),
        Member("accepted", "accepted", YES_OR_NO),
        Member("message", "message", WORDS, ""),
    ),
)
_RENAMED = Record(
    Renamed,
    (
        Member("project", "project", PROJECT_KEY),
        Member("former", "former", PROJECT_KEY),
        Member(
            "issues", "issues", Several(_Couple(IDENTIFIER, ISSUE_KEY), MOST_PAIRS, key=lambda one: str(one[0])), ()
        ),
    ),
)
_KEY_ANNOUNCED = Record(
    KeyAnnounced,
    (
        Member("key", "armored", ARMOR),
        Member("fingerprint", "fingerprint", KEY_FINGERPRINT),
        Member("proof", "proof", ARMOR),
    ),
)
_ADDRESS_CHANGED = Record(
    AddressChanged, (Member("protocol", "protocol", IDENTIFIER), Member("address", "address", LINE, ""))
)
_HANDSHAKE = Record(
    Handshake,
    (
        Member("key", "armored", ARMOR),
        Member("proof", "proof", DIGEST),
        Member("protocol", "protocol", IDENTIFIER),
        Member("address", "address", LINE, ""),
        Member("clock", "clock", INSTANT),
    ),
    check_handshake,
)
_PING = Record(
    Ping,
    (
        Member("clock", "clock", INSTANT),
        Member("answers", "answers", YES_OR_NO),
        Member("filling", "filling", Text(LONGEST_FILLING, 0, PRINTABLE), ""),
    ),
)
_ACKNOWLEDGEMENT = Record(
    Acknowledgement,
    (
        Member("epoch", "epoch", IDENTIFIER),
        Member("at", "at", INSTANT),
        Member("contiguous", "contiguous", COUNT),
        Member("head", "head", NO_DIGEST, ""),
        Member("highest", "highest", COUNT),
        Member("gaps", "gaps", Several(_Couple(NUMBER, NUMBER), MOST_GAPS), ()),
    ),
    check_acknowledgement,
)
_KNOWN_PAIR = Record(
    KnownPair,
    (
        Member("pair", "pair", IDENTIFIER),
        Member("local", "local", Maybe(ISSUE), None),
        Member("remote", "remote", Maybe(ISSUE), None),
    ),
)
_RESTORED = Record(
    Restored,
    (
        Member("seen", "seen", NO_IDENTIFIER, ""),
        Member("newest", "newest", INSTANT),
        Member("part", "part", NUMBER),
        Member("parts", "parts", NUMBER),
        Member("pairs", "pairs", Several(_KNOWN_PAIR, MOST_PAIRS, key=lambda one: one.pair), ()),
    ),
    check_restored,
)

BODY: OneOf[Body] = OneOf(
    "Body",
    {
        "messages": _MESSAGES,
        "piece": _PIECE,
        "published": _PUBLISHED,
        "answered": _ANSWERED,
        "renamed": _RENAMED,
        "key-announced": _KEY_ANNOUNCED,
        "address-changed": _ADDRESS_CHANGED,
        "goodbye": Record(Goodbye, ()),
        "handshake": _HANDSHAKE,
        "ping": _PING,
        "suspended": Record(Suspended, ()),
        "acknowledgement": _ACKNOWLEDGEMENT,
        "heartbeat": Record(Heartbeat, (Member("last", "last", COUNT),)),
        "restored": _RESTORED,
    },
)
