"""The parts of a mail, found within limits that hold for any bytes.

The standard library's parser makes objects of every line and every part, many times the size of a hostile mail; this one
walks over the bytes and reads headers with it. It forgives what mail gateways do and understands no more than a search
for parcels needs.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser

MOST_PARTS = 200
MOST_DEPTH = 12
_MOST_HEADER_BYTES = 64 * 1024
_MOST_PARAMETERS = 1000  # characters of a Content-Type: the library reads long ones in quadratic time
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r(?!\n)|\n\r\n")
_BLANKS = b" \t\r\n\x0b\x0c"
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a mail, a container or a leaf. ``body`` is decoded, and empty for containers."""

    kind: str
    header: Message
    body: bytes = field(repr=False)
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Bytes from ``start`` to ``end`` of ``source``, which hold one part."""

    source: bytes = field(repr=False)
    start: int
    end: int
    depth: int
    kind: str = "text/plain"


def walk(raw: bytes) -> Iterator[Part]:
    """All parts of a mail in their order, at most ``MOST_PARTS`` of them and ``MOST_DEPTH`` deep."""
    waiting = [_Stretch(raw, 0, len(raw), 0)]
    seen = 0
    while waiting and seen < MOST_PARTS:
        stretch = waiting.pop()
        seen += 1
        header, start = _read_header(stretch)
        kind = _kind_of(header, stretch.kind)
        children = _children(header, kind, stretch, start) if stretch.depth < MOST_DEPTH else []
        if children:
            waiting.extend(reversed(children))
            yield Part(kind=kind, header=header, body=b"", raw=b"")
            continue
        whole = stretch.source[start : stretch.end]
        yield Part(kind=kind, header=header, body=_decode(whole, header), raw=whole)


def read_header(raw: bytes) -> Message:
    """The header of a mail, or of what is left of it."""
    return BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:_MOST_HEADER_BYTES])


def text_of(header: Message, name: str) -> str:
    """A field of a header on one line, empty where there is none."""
    try:
        return " ".join(str(header.get(name, "")).split())
    except (MessageError, ValueError, LookupError):  # what the library says of bytes in no known encoding
        return ""


def _read_header(stretch: _Stretch) -> tuple[Message, int]:
    """The header of a part and where its body starts: with no blank line between them, the body has it all."""
    source, start, end = stretch.source, stretch.start, stretch.end
    for nothing in (b"\r\n", b"\n", b"\r"):
        if source.startswith(nothing, start, end):
            return Message(), start + len(nothing)
    limit = min(end, start + _MOST_HEADER_BYTES)
    found = _BLANK_LINE.search(source, start, limit)
    if found is None:
        return read_header(source[start:limit]), start
    return read_header(source[start : found.start()]), found.end()


def _kind_of(header: Message, default: str) -> str:
    if "content-type" not in header:
        return default
    kind = text_of(header, "content-type").partition(";")[0].strip().lower()
    return kind if kind.count("/") == 1 else "text/plain"


def _children(header: Message, kind: str, stretch: _Stretch, start: int) -> list[_Stretch]:
    deeper = stretch.depth + 1
    if kind in {"message/rfc822", "message/global"}:
        inner = stretch.source[start : stretch.end]
        decoded = _decode(inner, header)
        if decoded is not inner:
            return [_Stretch(decoded, 0, len(decoded), deeper)]
        return [_Stretch(stretch.source, start, stretch.end, deeper)]
    if not kind.startswith("multipart/"):
        return []
    boundary = _boundary_of(header)
    if not boundary:
        return []
    default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
    return [
        _Stretch(stretch.source, first, last, deeper, default)
        for first, last in _between(stretch.source, boundary, start, stretch.end)
    ]


def _boundary_of(header: Message) -> bytes:
    if len(str(header.get("content-type", ""))) > _MOST_PARAMETERS:
        return b""
    try:
        return (header.get_boundary("") or "").encode("ascii", "surrogateescape")
    except (MessageError, ValueError, LookupError):
        return b""


def _between(source: bytes, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Where the parts between the lines of a boundary are; what precedes the first and follows the last is left out."""
    line = re.compile(b"--" + re.escape(boundary) + rb"(--)?[ \t]{0,80}(?:\r\n|\n|\r|\Z)")
    spans: list[tuple[int, int]] = []
    opened = -1
    for found in line.finditer(source, start, end):
        if found.start() > 0 and source[found.start() - 1] not in b"\r\n":
            continue
        if opened >= 0:
            spans.append((opened, max(opened, _before_line_end(source, found.start()))))
        opened = -1 if found.group(1) else found.end()
        if opened < 0 or len(spans) == MOST_PARTS:
            return spans
    return [*spans, (opened, end)] if opened >= 0 else spans


def _before_line_end(source: bytes, position: int) -> int:
    """Where the line before a boundary ends: its line end belongs to the boundary."""
    return position - (2 if source.endswith(b"\r\n", 0, position) else 1)


def _decode(body: bytes, header: Message) -> bytes:
    match text_of(header, "content-transfer-encoding").lower():
        case "base64":
            return _decode_base64(body)
        case "quoted-printable":
            return binascii.a2b_qp(body.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        case _:
            return body


def _decode_base64(body: bytes) -> bytes:
    """What can be decoded from the start: gateways were seen adding a plain text after it."""
    found = _BASE64.match(body.translate(None, _BLANKS))
    data = found.group() if found else b""
    usable = len(data) - 1 if len(data) % 4 == 1 else len(data)
    return binascii.a2b_base64(data[:usable] + b"=" * (-usable % 4))
