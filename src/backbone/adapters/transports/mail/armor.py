"""Armor in the middle of other text: found, and brought back to the form in which it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BEGIN = b"-----BEGIN PGP MESSAGE-----"
_END = b"-----END PGP MESSAGE-----"
_MOST = 64
_MOST_HEADERS = 20
_WIDTH = 64
_BLANKS = b" \t\r\n\x0b\x0c"
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LINE_END = re.compile(rb"[\r\n]")
_CHECKSUM = re.compile(rb"=[A-Za-z0-9+/]{4}")


def find_armor(text: bytes) -> Iterator[bytes]:
    """The armored messages in a text, restored, up to a number. One that was cut off is none."""
    position = 0
    for _ in range(_MOST):
        begin = text.find(_BEGIN, position)
        end = text.find(_END, max(begin, 0))
        if begin < 0 or end < 0:
            return
        begin = text.rfind(_BEGIN, begin, end)
        yield _restored(text[begin + len(_BEGIN) : end])
        position = end + len(_END)


def is_sound(armor: bytes) -> bool:
    """Whether restored armor consists of nothing but base64: it was not found in text that is encoded once more."""
    _, _, rest = armor.removesuffix(_END + b"\n").partition(b"\n\n")
    data, _ = _split_checksum(rest.rstrip())
    other = data.translate(None, _ALPHABET + b"\n")
    return other in {b"", b"=", b"=="} and data.rstrip().endswith(other)


def _restored(inside: bytes) -> bytes:
    """The armor with lines of 64 characters, whatever became of their ends, their lengths and blank lines."""
    headers, rest = _split_headers(inside.strip(_BLANKS))
    data, checksum = _split_checksum(rest)
    plain = data.translate(None, _BLANKS)
    wrapped = [plain[at : at + _WIDTH] for at in range(0, len(plain), _WIDTH)]
    return b"\n".join([_BEGIN, *headers, b"", *wrapped, *checksum, _END, b""])


def _split_headers(inside: bytes) -> tuple[list[bytes], bytes]:
    """Lines such as ``Comment: ...`` before the data, in which no colon can be."""
    headers: list[bytes] = []
    while len(headers) < _MOST_HEADERS:
        found = _LINE_END.search(inside)
        line = inside[: found.start()] if found else inside
        if b":" not in line or found is None:
            break
        headers.append(line.rstrip(_BLANKS))
        inside = inside[found.end() :].lstrip(_BLANKS)
    return headers, inside


def _split_checksum(data: bytes) -> tuple[bytes, list[bytes]]:
    last = data[-5:]
    if len(data) > 5 and data[-6:-5] in {b"\r", b"\n", b" "} and _CHECKSUM.fullmatch(last):
        return data[:-5], [last]
    return data, []
