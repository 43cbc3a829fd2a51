"""The plaintext of a parcel: its JSON, compressed. What is signed, numbered and resent are these bytes."""

from __future__ import annotations

import json
import re
import zlib
from itertools import accumulate
from typing import Final, NoReturn

from backbone.core.protocol.parcels import Parcel
from backbone.core.protocol.wire import DEEPEST, MOST_ITEMS, Unwritable, WireError, from_plain, to_plain

LARGEST: Final = 48 * 1024 * 1024
"""Bytes of JSON in one parcel."""
FREE: Final = 4 * 1024 * 1024
"""Bytes of JSON that any parcel may have, however short it becomes by compression."""
MOST_TIMES: Final = 100
"""So many times its compressed bytes a parcel may have beyond that: reading costs no more than was taken to send it."""
_LONGEST_NUMBER: Final = 20

_TEXT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""A text, closed or not."""
_STEPS: Final = {ord("["): 1, ord("{"): 1, ord(","): 0, ord("]"): -1, ord("}"): -1}
"""What begins, separates or ends items, and how much deeper it leads."""
_NO_STEPS: Final = bytes(set(range(256)) - set(_STEPS))


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
    packed = zlib.compress(text)
    if len(text) > _most(packed, largest):
        raise TooMuch("", f"has more than {MOST_TIMES} times its compressed bytes")
    return packed


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


def _most(packed: bytes, largest: int) -> int:
    """Bytes of JSON that may be in these."""
    return min(largest, max(FREE, MOST_TIMES * len(packed)))


def _decompress(data: bytes, largest: int) -> bytes:
    reader, most = zlib.decompressobj(), _most(data, largest)
    try:
        text = reader.decompress(data, most + 1)
    except zlib.error:
        raise WireError("", "is not compressed as it has to be") from None
    if len(text) > most:
        raise WireError("", f"has more than {most} bytes, the most for its compressed size")
    if not reader.eof:
        raise WireError("", "is not whole")
    if reader.unused_data:
        raise WireError("", "is followed by something else")
    return text


def _count(text: bytes) -> None:
    """Refuses what would take a multiple of its size when read: many small things, or very deep ones."""
    rest, texts = _TEXT.subn(b"", text, 2 * MOST_ITEMS + 1)
    steps = rest.translate(None, _NO_STEPS)
    ends = steps.count(b"]") + steps.count(b"}")
    items = len(steps) - ends
    if items > MOST_ITEMS or texts > 2 * MOST_ITEMS:
        raise WireError("", f"has more than {MOST_ITEMS} items")
    if ends > items:
        raise WireError("", "is not JSON")
    depths = list(accumulate(map(_STEPS.__getitem__, steps), initial=0))
    if max(depths) > DEEPEST:
        raise WireError("", f"is nested more than {DEEPEST} deep")
    if min(depths) < 0:
        raise WireError("", "is not JSON")


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
