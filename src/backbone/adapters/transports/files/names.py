"""What the files of an exchange are called: strict, lower-case, and never told by what a parcel says."""

from __future__ import annotations

import hashlib
import re
import secrets

_PARCEL = re.compile(r"b-([0-9a-f]{32})\.parcel", re.ASCII)
_PART = re.compile(r"b-[0-9a-f]{32}\.part", re.ASCII)


def parcel_name(parcel: bytes) -> str:
    """The name of a parcel: half of the SHA-256 of its bytes, which tells whether all of it is there.

    What is sealed is never sealed to the same bytes again, so that two parcels have two names.
    """
    return f"b-{hashlib.sha256(parcel).hexdigest()[:32]}.parcel"


def part_name() -> str:
    """A name for what is being written; nobody takes it for a parcel."""
    return f"b-{secrets.token_hex(16)}.part"


def is_parcel(name: str) -> bool:
    return _PARCEL.fullmatch(name) is not None


def is_part(name: str) -> bool:
    return _PART.fullmatch(name) is not None


def is_of_the_system(name: str) -> bool:
    """Whether file systems and shares make such names themselves (``.nfs…``, ``.snapshot``), or we do (markers)."""
    return name.startswith(".")
