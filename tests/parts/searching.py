"""Everything that bytes may hold in a form that anybody can undo: base64, quoted-printable, zlib, one in the other."""

from __future__ import annotations

import quopri
import re
import zlib
from base64 import b64decode
from collections.abc import Iterable, Iterator
from hashlib import sha256

_RUN = re.compile(rb"[A-Za-z0-9+/]{16,}(?:\r?\n[A-Za-z0-9+/]+)*={0,2}")
_STREAM = re.compile(rb"[\x78\x58\x68\x48][\x01\x5e\x9c\xda]")
_QUOTED = re.compile(rb"=[0-9A-F]{2}")
_DEPTH = 4
_MOST = 8_000_000
_BETWEEN = b"\0\0\0\0"
_LONG = 50_000
"""Characters; that many are a parcel or a file, which begin where they begin."""


def views(places: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes, and whatever they become when they are decoded, again and again; each once."""
    seen: set[bytes] = set()
    todo = [(place, _DEPTH) for place in places]
    while todo:
        raw, depth = todo.pop()
        digest = sha256(raw).digest()
        if digest in seen:
            continue
        seen.add(digest)
        yield raw
        if depth:
            todo.extend((one, depth - 1) for one in (*_decoded(raw), *_inflated(raw)))


def _decoded(raw: bytes) -> Iterator[bytes]:
    if _QUOTED.search(raw):
        yield quopri.decodestring(raw)
    for run in _RUN.finditer(raw):
        packed = re.sub(rb"[\r\n=]", b"", run.group())
        for start in range(4 if len(packed) < _LONG else 1):  # where it begins may be hidden behind other letters
            part = packed[start:]
            yield b64decode(part[: len(part) // 4 * 4])


def _inflated(raw: bytes) -> Iterator[bytes]:
    whole = memoryview(raw)
    for begin in _STREAM.finditer(raw):
        try:
            found = zlib.decompressobj().decompress(whole[begin.start() :], _MOST)
        except zlib.error:
            continue
        if found:
            yield found


def found_in(places: Iterable[bytes], words: Iterable[str]) -> set[str]:
    """Those of the words that are anywhere in there, by any of these ways."""
    every = _BETWEEN.join(view.lower() for view in views(places))
    return {word for word in words if any(one in every for one in _spellings(word))}


def _spellings(word: str) -> tuple[bytes, ...]:
    lower = word.lower()
    return (lower.encode(), lower.encode("utf-16-le"), lower.encode().hex().encode())
