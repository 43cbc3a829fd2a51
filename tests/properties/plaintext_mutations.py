"""What a hostile or broken partner may sign: mutations of a parcel's plaintext, each from one source of chance."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

from backbone.core.protocol.wire import DEEPEST

Mutation = Callable[[Random, bytes, bytes], bytes]
"""Makes a plaintext of two that were packed; the second one is there to be mixed in."""
Spot = tuple[Any, Any]
"""A container of JSON and the key or index of something in it."""

NASTY: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 10**19, 1.5, -0.0, 1e308),
    *("", "\x00", "\ud800", "\udfff\ud800", "../../etc/passwd", "/etc/passwd", "a/b", "..", "C:\\x", "a\nb", "%00"),
    *("\x1b[2J", "\u202e", "é" * 5000, "x" * 200_000, "A" * 40, "0" * 64, "F" * 64, "first", "second", "-1", "NaN"),
    *([], {}, [[]], [None], {"": 0}, {"kind": "goodbye"}, {"kind": "ping"}, {"__class__": "x"}, list(range(50))),
)
TOKENS = (
    *('"', "\\", "{", "}", "[", "]", ",", ":", "null", "NaN", "-Infinity", "1e999", "00", "-", "0x1", "\\ud800"),
    *("\\u0000", "\x00", "\x7f", "é", "//", "/*", "'", '"wire":1,', '"kind":"goodbye",', "9" * 30, "\ufeff"),
)
KINDS = ("messages", "piece", "published", "answered", "renamed", "goodbye", "ping", "acknowledgement", "restored", "x")


def document(data: bytes) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(zlib.decompress(data))


def packed(plain: object) -> bytes:
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode())


def spots(plain: object) -> Iterator[Spot]:
    match plain:
        case dict():
            for key, value in plain.items():
                yield (plain, key)
                yield from spots(value)
        case list():
            for place, value in enumerate(plain):
                yield (plain, place)
                yield from spots(value)
        case _:
            pass


def somewhere(chance: Random, plain: object) -> Spot:
    return chance.choice(list(spots(plain)))


def nasty_value(chance: Random, data: bytes, _: bytes) -> bytes:
    plain = document(data)
    for _number in range(chance.choice((1, 1, 1, 2, 5))):
        container, key = somewhere(chance, plain)
        container[key] = deepcopy(chance.choice(NASTY))
    return packed(plain)


def near_value(chance: Random, data: bytes, _: bytes) -> bytes:
    """A value of the same type: what is most likely to be taken."""
    plain = document(data)
    container, key = somewhere(chance, plain)
    match container[key]:
        case bool() as flag:
            container[key] = not flag
        case int() as number:
            container[key] = number + chance.choice((-(2**40), -1, 1, 2**40, 2**62))
        case str() as text:
            at = chance.randint(0, len(text))
            container[key] = text[:at] + chance.choice(("", "x", "0", "\x00", "\ud83d", "/", " ")) + text[at + 1 :]
        case list() as items:
            container[key] = items * 2
        case dict() as members:
            container[key] = dict(reversed(members.items()))
        case _:
            container[key] = "something"
    return packed(plain)


def missing_member(chance: Random, data: bytes, _: bytes) -> bytes:
    plain = document(data)
    container, key = somewhere(chance, plain)
    del container[key]
    return packed(plain)


def renamed_member(chance: Random, data: bytes, _: bytes) -> bytes:
    plain = document(data)
    container, key = somewhere(chance, plain)
    if isinstance(container, dict):
        container[chance.choice(("", "Kind", key + " ", "__proto__", "header", "made"))] = container.pop(key)
    return packed(plain)


def moved_value(chance: Random, data: bytes, other: bytes) -> bytes:
    plain, foreign = document(data), document(other)
    container, key = somewhere(chance, plain)
    source, place = somewhere(chance, chance.choice((plain, foreign)))
    container[key] = deepcopy(source[place])
    return packed(plain)


def repeated_item(chance: Random, data: bytes, _: bytes) -> bytes:
    plain = document(data)
    lists = [container[key] for container, key in spots(plain) if isinstance(container[key], list) and container[key]]
    if lists:
        chosen = chance.choice(lists)
        chosen.extend(deepcopy(chosen[0]) for _number in range(chance.choice((1, 2, 2000))))
    return packed(plain)


def other_header(chance: Random, data: bytes, _: bytes) -> bytes:
    """Swapped or foreign members of the header: reflected, forwarded, replayed into another channel or epoch."""
    plain = document(data)
    header = plain["header"]
    if chance.random() < 0.3:
        header["from_key"], header["to_key"] = header["to_key"], header["from_key"]
    name = chance.choice(("wire", "channel", "from", "from_key", "to_key", "epoch", "number", "revision", "exchange"))
    foreign = {
        "wire": (0, 2, 3, 2**31),
        "channel": ("d0" * 16, "C0" * 16, ""),
        "from": ("first", "second"),
        "from_key": ("C3" * 20, header["to_key"]),
        "to_key": ("C3" * 20, header["from_key"]),
        "epoch": ("f0" * 16, "a", ""),
        "number": (None, 0, 1, 2**63 - 1),
        "revision": (0, 1, 2**40),
        "exchange": ("", "1" * 64, "x"),
    }
    header[name] = chance.choice(foreign[name])
    return packed(plain)


def other_body(chance: Random, data: bytes, other: bytes) -> bytes:
    plain = document(data)
    if chance.random() < 0.5:
        plain["body"] = document(other)["body"]
    else:
        plain["body"]["kind"] = chance.choice(KINDS)
    return packed(plain)


def unknown_members(chance: Random, data: bytes, _: bytes) -> bytes:
    """What a newer version may add: to be passed over."""
    plain = document(data)
    records = [plain, *(container[key] for container, key in spots(plain) if isinstance(container[key], dict))]
    chance.choice(records)[f"x{chance.randint(0, 9)}"] = deepcopy(chance.choice(NASTY))
    return packed(plain)


def broken_text(chance: Random, data: bytes, _: bytes) -> bytes:
    text = zlib.decompress(data).decode("ascii")
    for _number in range(chance.choice((1, 1, 3))):
        at, cut = chance.randint(0, len(text)), chance.choice((0, 0, 1, 5))
        text = text[:at] + chance.choice(("", *TOKENS)) + text[at + cut :]
    return zlib.compress(text.encode(chance.choice(("utf-8", "utf-8", "utf-16", "utf-7"))))


def broken_bytes(chance: Random, data: bytes, _: bytes) -> bytes:
    text = bytearray(zlib.decompress(data))
    for _number in range(chance.choice((1, 3, 20))):
        text[chance.randrange(len(text))] = chance.randrange(256)
    return zlib.compress(bytes(text))


def doubled_member(chance: Random, data: bytes, _: bytes) -> bytes:
    text = zlib.decompress(data).decode("ascii")
    name = chance.choice(("wire", "from", "kind", "number", "channel", "body", "header", "x"))
    begins = [place for place, character in enumerate(text) if character == "{"]
    at = chance.choice(begins) + 1
    return zlib.compress(f'{text[:at]}"{name}":1,"{name}":1,{text[at:]}'.encode())


def deep(chance: Random, data: bytes, _: bytes) -> bytes:
    depth = chance.choice((DEEPEST - 8, DEEPEST, 100, 5000, 200_000))
    opening, closing = chance.choice((("[", "]"), ('{"a":', "}")))
    nest = opening * depth + "0" + closing * depth
    whole = zlib.decompress(data).decode("ascii")
    return zlib.compress((nest if chance.random() < 0.3 else f'{{"x":{nest},{whole[1:]}').encode())


def huge_number(chance: Random, data: bytes, _: bytes) -> bytes:
    text = zlib.decompress(data).decode("ascii")
    digits = [place for place, character in enumerate(text) if character in "0123456789" and text[place - 1] == ":"]
    at = chance.choice(digits or [0])
    return zlib.compress((text[:at] + "9" * chance.choice((19, 20, 21, 400, 5000, 300_000)) + text[at + 1 :]).encode())


def broken_compression(chance: Random, data: bytes, other: bytes) -> bytes:
    at = chance.randrange(len(data))
    text = zlib.decompress(data)
    raw = zlib.compressobj(wbits=-15)
    return chance.choice(
        (
            data[:at],
            data[at:],
            data + other,
            data + b"\x00",
            data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :],
            text,
            gzip.compress(text),
            raw.compress(text) + raw.flush(),
            zlib.compress(data),
            b"",
        )
    )


@cache
def bombs() -> tuple[bytes, ...]:
    """Small bytes that stand for much; made once."""
    big = 16 * 1024 * 1024
    fillings = (
        b" " * big,
        b"[" * big,
        b'"' + b"a" * big,
        b"[" + b"0," * (big // 2),
        b'{"a":' * (big // 5),
        b'""' * big,
    )
    return tuple(zlib.compress(one, 6) for one in fillings)


def bomb(chance: Random, _: bytes, __: bytes) -> bytes:
    return chance.choice(bombs())


MUTATIONS: tuple[tuple[Mutation, float], ...] = (
    (nasty_value, 20),
    (near_value, 20),
    (missing_member, 6),
    (renamed_member, 4),
    (moved_value, 10),
    (repeated_item, 4),
    (other_header, 10),
    (other_body, 4),
    (unknown_members, 4),
    (broken_text, 6),
    (broken_bytes, 3),
    (doubled_member, 2),
    (deep, 2),
    (huge_number, 2),
    (broken_compression, 2),
    (bomb, 0.15),
)


def mutate(chance: Random, data: bytes, other: bytes) -> tuple[str, bytes]:
    """One mutation by its name, and what it made."""
    mutations, weights = zip(*MUTATIONS, strict=True)
    mutation: Mutation = chance.choices(mutations, weights)[0]
    return mutation.__name__, mutation(chance, data, other)
