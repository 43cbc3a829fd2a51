"""The outer shape of OpenPGP data: armor, and which packets stand in it, before any library touches them.

What is looked at here is handed on in binary, so that nobody reads another message than the one that was judged.
Formats: RFC 4880, sections 4 and 6; RFC 9580, sections 4 and 5.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Tag(IntEnum):
    """The packets that we know. Of the others only the number is told."""

    PKESK = 1
    """A session key, encrypted to a public key."""
    SIGNATURE = 2
    SKESK = 3
    """A session key, encrypted by a passphrase."""
    ONE_PASS = 4
    """Tells that what follows is signed, so that it can be digested in passing."""
    SECRET_KEY = 5
    PUBLIC_KEY = 6
    SECRET_SUBKEY = 7
    COMPRESSED = 8
    LITERAL = 11
    USER_ID = 13
    PUBLIC_SUBKEY = 14
    USER_ATTRIBUTE = 17
    """A picture, usually."""
    SEIPD = 18
    """What is encrypted with the session key, its integrity protected."""
    GPG_OCB = 20
    """What gpg 2.3 and later make of it for each other; no standard has it."""


class Label(StrEnum):
    """What stands in the first line of an armor."""

    MESSAGE = "MESSAGE"
    PUBLIC = "PUBLIC KEY BLOCK"
    SECRET = "PRIVATE KEY BLOCK"  # noqa: S105 - the word in the armor, not a password


class Malformed(ValueError):
    """It does not have the shape that it has to have; the message says which."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; ``body`` is that of the first part where it comes in parts."""

    tag: int
    body: bytes


LONGEST_HEADERS = 20
"""Lines between the first one of an armor and its content."""
MOST_PACKETS = 500
LINE = re.compile(rb"-----(BEGIN|END) PGP ([A-Z ]{1,30})-----[ \t]*\r?$", re.MULTILINE)


def dearmor(armored: bytes, label: Label) -> bytes:
    """The content of the only armor in it. The checksum is not looked at: what is inside proves itself (RFC 9580, 6.1).

    Raises Malformed.
    """
    lines = list(LINE.finditer(armored))
    if [line[1] for line in lines] != [b"BEGIN", b"END"]:
        raise Malformed("There is no whole ASCII armor, or more than one.")
    if {line[2].decode() for line in lines} != {label.value}:
        raise Malformed(f"It is a PGP {lines[0][2].decode().lower()} where a PGP {label.lower()} is needed.")
    return _decode(armored[lines[0].end() : lines[1].start()].splitlines())


def _decode(lines: list[bytes]) -> bytes:
    stripped = [line.strip() for line in lines]
    start = _end_of_headers(stripped[1:]) + 1
    body = [line for line in stripped[start:] if line]
    if body and body[-1].startswith(b"=") and len(body[-1]) == 5:
        del body[-1]
    try:
        content = b64decode(b"".join(body), validate=True)
    except ValueError as error:
        raise Malformed("The ASCII armor is damaged.") from error
    if not content:
        raise Malformed("The ASCII armor is empty.")
    return content


def _end_of_headers(lines: list[bytes]) -> int:
    """The blank line after the headers. Mail servers were seen to drop it where there are none."""
    for number, line in enumerate(lines[:LONGEST_HEADERS]):
        if not line:
            return number
        if b": " not in line:
            return number - 1 if number == 0 else number
    raise Malformed("The ASCII armor is damaged.")


def read_packets(content: bytes) -> list[Packet]:
    """The outermost packets, up to the last byte. Raises Malformed."""
    packets = []
    for packet in _packets(content):
        packets.append(packet)
        if len(packets) > MOST_PACKETS:
            raise Malformed(f"It has more than {MOST_PACKETS} packets.")
    return packets


def _packets(content: bytes) -> Iterator[Packet]:
    at = 0
    while at < len(content):
        first = content[at]
        if not first & 0x80:
            raise Malformed("It is no sequence of OpenPGP packets.")
        if first & 0x40:
            tag, (at, body) = first & 0x3F, _new_body(content, at + 1)
        else:
            tag, (at, body) = (first >> 2) & 0x0F, _old_body(content, at + 1, first & 3)
        yield Packet(tag, body)


def _old_body(content: bytes, at: int, kind: int) -> tuple[int, bytes]:
    """The fourth kind has no length and reaches to the end; gpg compresses into such a packet."""
    if kind == 3:
        return len(content), content[at:]
    size = 1 << kind
    return _cut(content, at + size, int.from_bytes(_exactly(content, at, size), "big"))


def _new_body(content: bytes, at: int) -> tuple[int, bytes]:
    """A body that comes in parts ends with a part that is not marked as one."""
    after, length, partial = _new_length(content, at)
    end, body = _cut(content, after, length)
    while partial:
        after, length, partial = _new_length(content, end)
        end, _ = _cut(content, after, length)
    return end, body


def _new_length(content: bytes, at: int) -> tuple[int, int, bool]:
    first = _exactly(content, at, 1)[0]
    if first < 192:
        return at + 1, first, False
    if first < 224:
        return at + 2, ((first - 192) << 8) + _exactly(content, at + 1, 1)[0] + 192, False
    if first < 255:
        return at + 1, 1 << (first & 0x1F), True
    return at + 5, int.from_bytes(_exactly(content, at + 1, 4), "big"), False


def _cut(content: bytes, at: int, length: int) -> tuple[int, bytes]:
    return at + length, _exactly(content, at, length)


def _exactly(content: bytes, at: int, length: int) -> bytes:
    if at + length > len(content):
        raise Malformed("It ends too early.")
    return content[at : at + length]
