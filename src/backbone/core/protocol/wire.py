"""Parcels as plain JSON values and back: strict when written, tolerant of what it does not know when read.

Version 1 of the format is told in ``docs/reference/wire.md``; its JSON Schema is made from here. A header looks alike
in all versions, so that what a newer one says can be kept until it is understood.
"""

from __future__ import annotations

from typing import Final

from backbone.core.protocol.parcels import WIRE, Header, Parcel
from backbone.core.protocol.shapes import Maybe, Member, Misfit, Named, Plain, Record, UnknownKind, Whole
from backbone.core.protocol.wire_bodies import BODY, NO_DIGEST
from backbone.core.protocol.wire_checks import check_header, check_parcel
from backbone.core.protocol.wire_values import COUNT, IDENTIFIER, KEY_FINGERPRINT, NUMBER, ROLE

READABLE: Final = range(max(1, WIRE - 1), WIRE + 1)
"""The versions that are read."""
MOST_ITEMS: Final = 200_000
"""Items that a document may have in all, which is what it costs to read it; see ``app/channel/packing.py``."""
DEEPEST: Final = 32
"""How deep objects and lists may lie in each other."""


class WireError(Exception):
    """What a partner sent is not a parcel: its program has to be mended. Never quotes what was sent."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place or 'the document'} {what}")
        self.place = place
        self.what = what


class NewerVersionNeeded(WireError):
    """A parcel that a newer version of this program may understand; ``header`` tells whom it concerns."""

    def __init__(self, place: str, what: str, header: Header) -> None:
        super().__init__(place, what)
        self.header = header


class Unwritable(Exception):
    """A parcel of ours that could not be read back: a defect, or something of Jira's beyond every limit."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place or 'the document'} {what}")
        self.place = place
        self.what = what


_HEADER = Record(
    Header,
    (
        Member("wire", "wire", Whole(1, 2**31 - 1)),
        Member("channel", "channel", IDENTIFIER),
        Member("from", "sender", ROLE),
        Member("from_key", "sender_key", KEY_FINGERPRINT),
        Member("to_key", "recipient_key", KEY_FINGERPRINT),
        Member("epoch", "epoch", IDENTIFIER),
        Member("number", "number", Maybe(NUMBER), None),
        Member("revision", "revision", COUNT, 0),
        Member("exchange", "exchange", NO_DIGEST, ""),
    ),
    check_header,
)
_PARCEL = Record(Parcel, (Member("header", "header", _HEADER), Member("body", "body", BODY)), check_parcel)


def to_plain(parcel: Parcel) -> dict[str, Plain]:
    """The parcel as what JSON holds. Raises Unwritable."""
    if parcel.header.wire not in READABLE:
        raise Unwritable("header.wire", "is a version that we do not write")
    try:
        return _PARCEL.write(parcel)
    except Misfit as misfit:
        raise Unwritable(misfit.place, misfit.what) from None


def read_header(plain: object) -> Header:
    """The header alone, of any version. Raises WireError."""
    if not isinstance(plain, dict):
        raise WireError("", "is not an object")
    if "header" not in plain:
        raise WireError("header", "is missing")
    try:
        return _HEADER.read(plain["header"])
    except Misfit as misfit:
        misfit.steps.insert(0, "header")
        raise WireError(misfit.place, misfit.what) from None


def from_plain(plain: object) -> Parcel:
    """The parcel that was written so. Raises WireError, and NewerVersionNeeded where it may be our fault."""
    header = read_header(plain)
    if header.wire > WIRE:
        raise NewerVersionNeeded("header.wire", f"is newer than version {WIRE}, the newest known here", header)
    if header.wire not in READABLE:
        raise WireError("header.wire", "is a version that is no longer read")
    try:
        return _PARCEL.read(plain)
    except UnknownKind as misfit:
        raise NewerVersionNeeded(misfit.place, misfit.what, header) from None
    except Misfit as misfit:
        raise WireError(misfit.place, misfit.what) from None


def describe_parcel() -> dict[str, Plain]:
    """The JSON Schema of what is written; it cannot say what parts have to do with each other."""
    named: Named = {}
    parcel = _PARCEL.object(named)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Parcel of Backbone, wire version {WIRE}",
        **parcel,
        "$defs": dict(sorted(named.items())),
    }
