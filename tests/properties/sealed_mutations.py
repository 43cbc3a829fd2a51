"""What a hostile transport or a stranger may do to sealed parcels: with their bytes, without any of the keys."""

from __future__ import annotations

import base64
from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes, bytes], bytes]
"""Makes something to deliver of two sealed parcels."""


def flipped_bit(chance: Random, sealed: bytes, _: bytes) -> bytes:
    return _flip(chance, sealed)


def flipped_bits(chance: Random, sealed: bytes, _: bytes) -> bytes:
    for _number in range(chance.choice((2, 5, 50))):
        sealed = _flip(chance, sealed)
    return sealed


def cut(chance: Random, sealed: bytes, _: bytes) -> bytes:
    at = chance.randrange(len(sealed))
    return chance.choice((sealed[:at], sealed[at:]))


def missing_part(chance: Random, sealed: bytes, _: bytes) -> bytes:
    at = chance.randrange(len(sealed))
    return sealed[:at] + sealed[at + chance.choice((1, 4, 64, 65)) :]


def mixed(chance: Random, sealed: bytes, other: bytes) -> bytes:
    """The beginning of one and the end of another."""
    at = chance.randrange(min(len(sealed), len(other)))
    return sealed[:at] + other[at:]


def two_in_one(chance: Random, sealed: bytes, other: bytes) -> bytes:
    return chance.choice((sealed + other, other + sealed, sealed + sealed, sealed[:100] + other + sealed[100:]))


def other_lines(chance: Random, sealed: bytes, _: bytes) -> bytes:
    """What mail servers do: harmless or not."""
    lines = sealed.split(b"\n")
    match chance.randrange(6):
        case 0:
            return b"\r\n".join(lines)
        case 1:
            return b"\n".join(line + b" " for line in lines)
        case 2:
            return b"\n".join([lines[0], b"Comment: x", *lines[1:]])
        case 3:
            chance.shuffle(lines)
            return b"\n".join(lines)
        case 4:
            return b"Hello,\n\n" + sealed + b"\n-- \nThis message may be confidential.\n"
        case _:
            return sealed.replace(b"\n\n", b"\n", 1)


def noise(chance: Random, sealed: bytes, _: bytes) -> bytes:
    return chance.choice(
        (b"", b"\x00", chance.randbytes(len(sealed)), b"-----BEGIN PGP MESSAGE-----", "ä".encode() * 500, sealed * 50)
    )


def broken_packets(chance: Random, sealed: bytes, other: bytes) -> bytes:
    """The bytes inside the armor, with armor around that is whole."""
    inside, foreign = bytearray(content(sealed)), content(other)
    if not inside or not foreign:
        return sealed
    at = chance.randrange(len(inside))
    match chance.randrange(7):
        case 0:
            inside[at] ^= 1 << chance.randrange(8)
        case 1:
            del inside[at:]
        case 2:
            inside[at:at] = chance.randbytes(chance.choice((1, 8, 100)))
        case 3:
            inside[at:] = foreign[at:]
        case 4:
            inside += foreign
        case 5:
            inside[: min(at, 16)] = chance.randbytes(min(at, 16))
        case _:
            inside[0] = chance.randrange(256)
    return rearmored(sealed, bytes(inside))


def content(sealed: bytes) -> bytes:
    """What stands between the blank line and the checksum or the end."""
    inner = sealed.partition(b"\n\n")[2].partition(b"-----END")[0]
    lines = [line for line in inner.split() if not line.startswith(b"=")]
    try:
        return base64.b64decode(b"".join(lines))
    except ValueError:
        return b""


def rearmored(sealed: bytes, inside: bytes) -> bytes:
    """The same armor around something else, without the checksum, which proves nothing."""
    first, _, _ = sealed.partition(b"\n\n")
    return first + b"\n\n" + base64.encodebytes(inside) + b"-----END PGP MESSAGE-----\n"


MUTATIONS: tuple[tuple[Mutation, int], ...] = (
    (flipped_bit, 20),
    (flipped_bits, 5),
    (cut, 10),
    (missing_part, 10),
    (mixed, 10),
    (two_in_one, 5),
    (other_lines, 8),
    (noise, 4),
    (broken_packets, 40),
)


def mutate(chance: Random, sealed: bytes, other: bytes) -> tuple[str, bytes]:
    """One mutation by its name, and what it made."""
    mutations, weights = zip(*MUTATIONS, strict=True)
    mutation: Mutation = chance.choices(mutations, weights)[0]
    return mutation.__name__, mutation(chance, sealed, other)


def _flip(chance: Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
