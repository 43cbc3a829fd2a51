"""The plaintext of a parcel: its JSON, compressed. What is signed, numbered and resent are these bytes."""

from __future__ import annotations

import json
import re
import zlib
from typing import Final, NoReturn

from backbone.core.protocol.parcels import Parcel
from backbone.core.protocol.wire import DEEPEST, MOST_ITEMS, Unwritable, WireError, from_plain, to_plain

LARGEST: Final = 48 * 1024 * 1024
"""Bytes of JSON in one parcel."""
_LONGEST_NUMBER: Final = 20

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{,\]}]', re.DOTALL)
"""A text, closed or not, or what begins, separates or ends items."""


class TooMuch(Unwritable):
    """A parcel of ours that is too large: it has to say less."""


def pack(parcel: Parcel, *, largest: int = LARGEST) -> bytes:
    """The bytes to seal. Raises Unwritable, and TooMuch where the JSON has more than ``largest`` bytes."""
    text = json.dumps(to_plain(parcel), ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")
    if len(text) > largest:
        raise TooMuch("", f"has {len(text)} bytes, not at most {largest}")
    try:
        _count(text)
    except WireError as error:
        raise TooMuch(error.place, error.what) from None
    return zlib.compress(text)


def unpack(data: bytes, *, largest: int = LARGEST) -> Parcel:
    """The parcel in bytes that a partner sealed, of at most ``largest`` bytes of JSON. Raises WireError."""
    return from_plain(plain_values(data, largest=largest))


def plain_values(data: bytes, *, largest: int = LARGEST) -> object:
    """The JSON values alone, as ``read_header`` and ``from_plain`` take them. Raises WireError."""
    text = _decompress(data, largest)
    _count(text)
    try:
        return json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_fraction,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        raise WireError("", "is not JSON") from None


def _decompress(data: bytes, largest: int) -> bytes:
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(data, largest + 1)
    except zlib.error:
        raise WireError("", "is not compressed as it has to be") from None
    if len(text) > largest:
        raise WireError("", f"has more than {largest} bytes")
    if not reader.eof:
        raise WireError("", "is not whole")
    if reader.unused_data:
        raise WireError("", "is followed by something else")
    return text


def _count(text: bytes) -> None:
    """Refuses what would take a multiple of its size when read: many small things, or very deep ones."""
    depth = items = texts = 0
    for found in _TOKEN.finditer(text):
        match found[0]:
            case b"[" | b"{":
                depth += 1
                items += 1
            case b"]" | b"}":
                depth -= 1
            case b",":
                items += 1
            case _:
                texts += 1
        if depth < 0:
            raise WireError("", "is not JSON")
        if depth > DEEPEST:
            raise WireError("", f"is nested more than {DEEPEST} deep")
        if items > MOST_ITEMS or texts > 2 * MOST_ITEMS:
            raise WireError("", f"has more than {MOST_ITEMS} items")


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) != len(members):
        raise WireError("", "has an object with two members of one name")
    return found


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise WireError("", f"has a number of more than {_LONGEST_NUMBER} digits")
    return int(digits)


def _fraction(digits: str) -> float:
    """Fits nowhere in this version, but may stand where a newer one says more."""
    if len(digits) > 2 * _LONGEST_NUMBER:
        raise WireError("", f"has a number of more than {2 * _LONGEST_NUMBER} digits")
    return float(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise WireError("", f"has {name}, which is not JSON")
