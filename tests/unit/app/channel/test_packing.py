"""Bytes of a partner's are a parcel or are refused, and cost no more than what is agreed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tracemalloc
import zlib

import pytest

from backbone.app.channel.packing import FREE, LARGEST, MOST_TIMES, TooMuch, pack, plain_values, unpack
from backbone.core.model.changes import Changes, ElementChange, IssueChanged, IssueCreated
from backbone.core.model.keys import IssueId, IssueKey, IssueRef, Millis, PairUid, Role
from backbone.core.model.stamps import Stamp
from backbone.core.protocol.parcels import Goodbye, Heartbeat, Messages, PairMessage, Ping
from backbone.core.protocol.wire import DEEPEST, MOST_ITEMS, WireError
from tests.fakes.parcels import parcel

STAMP = Stamp(number=1, role=Role.FIRST, origin="a")
GOOD = pack(parcel(Heartbeat(last=7)))


def test_the_plaintext_is_one_line_of_ascii_compressed() -> None:
    text = zlib.decompress(GOOD).decode("ascii")

    assert "\n" not in text
    assert json.loads(text)["body"] == {"kind": "heartbeat", "last": 7}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not whole"),
        (GOOD[:-1], "is not whole"),
        (GOOD[:20], "is not whole"),
        (GOOD + b"x", "is followed by something else"),
        (GOOD + GOOD, "is followed by something else"),
        (b"PK" + GOOD, "is not compressed as it has to be"),
        (zlib.compress(b""), "is not JSON"),
        (zlib.compress(b"\xff\xfe{}"), "is not JSON"),
        (zlib.compress(b"\xef\xbb\xbf{}"), "is not JSON"),
        (zlib.compress("{}".encode("utf-16")), "is not JSON"),
        (zlib.compress(b'"\xed\xa0\x80"'), "is not JSON"),
        (zlib.compress(b'{"a":1}x'), "is not JSON"),
        (zlib.compress(b'"unfinished'), "is not JSON"),
        (zlib.compress(b'"unfinished\\'), "is not JSON"),
        (zlib.compress(b"]"), "is not JSON"),
        (zlib.compress(b'"a\nb"'), "is not JSON"),
        (zlib.compress(b'{"a":1,"a":2}'), "has an object with two members of one name"),
        (zlib.compress(b'{"a":{"b":1,"\\u0062":2}}'), "has an object with two members of one name"),
        (zlib.compress(b"[NaN]"), "has NaN, which is not JSON"),
        (zlib.compress(b"-Infinity"), "has -Infinity, which is not JSON"),
        (zlib.compress(b"1" * 5000), "has a number of more than 20 digits"),
        (zlib.compress(b"1." + b"1" * 5000), "has a number of more than 40 digits"),
        (zlib.compress(b"[" * (DEEPEST + 1)), f"is nested more than {DEEPEST} deep"),
        (zlib.compress(b"[" * MOST_ITEMS), f"is nested more than {DEEPEST} deep"),
        (zlib.compress(b"[" * 3_000_000), f"has more than {MOST_ITEMS} items"),
        (zlib.compress(b"]" * 3_000_000), "is not JSON"),
        (zlib.compress(b"[]]["), "is not JSON"),
        (zlib.compress(b"[" + b"[]," * MOST_ITEMS + b"[]]"), f"has more than {MOST_ITEMS} items"),
        (zlib.compress(b'""' * 3 * MOST_ITEMS), f"has more than {MOST_ITEMS} items"),
    ],
)
def test_what_is_no_parcel_is_refused_with_a_reason(data: bytes, said: str) -> None:
    with pytest.raises(WireError) as refused:
        unpack(data)

    assert refused.value.what == said


@pytest.mark.parametrize("thing", [b" ", b"[]", b'{"":0}', b'"a"', b"[[[[]]]]", b'"\\""', b'"\\u0000"'])
def test_what_becomes_much_larger_than_it_was_sent_is_refused_unread(thing: bytes) -> None:
    crowd = b"[" + b",".join([thing] * (2 * FREE // (len(thing) + 1))) + b"]"
    packed = zlib.compress(crowd)

    assert len(packed) * MOST_TIMES < len(crowd)
    with pytest.raises(WireError, match="the most for its compressed size"):
        unpack(packed)


def test_what_shrinks_very_much_is_not_written() -> None:
    with pytest.raises(TooMuch, match="times its compressed bytes"):
        pack(parcel(Ping(clock=Millis(0), answers=False, filling="x" * FREE)))


def test_a_bomb_is_refused_before_it_takes_more_memory_than_agreed() -> None:
    bomb = zlib.compress(b" " * 200_000_000, 9)
    tracemalloc.start()
    with pytest.raises(WireError, match="has more than 1000000 bytes"):
        unpack(bomb, largest=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(bomb) < 200_000
    assert peak < 8_000_000


@pytest.mark.parametrize("thing", [b"[]", b'{"":0}', b'"a"', b"[[[[]]]]"])
def test_many_small_things_are_refused_before_they_take_memory(thing: bytes) -> None:
    crowd = b"[" + b",".join([thing] * (LARGEST // 2 // (len(thing) + 1))) + b"]"
    memory, error = read_anew(with_ballast(crowd))

    assert "items" in error
    assert memory < 2 * LARGEST


def test_the_most_items_that_are_read_take_bounded_memory() -> None:
    crowd = b'{"header":[' + b",".join([b'{"":0}'] * (MOST_ITEMS // 2 - 10)) + b"]}"
    memory, error = read_anew(zlib.compress(crowd))

    assert "header is not an object" in error
    assert memory < 60_000_000


def with_ballast(text: bytes) -> bytes:
    """The text, compressed, behind one that can't be: so much may become as large as it is."""
    ballast = random.Random(1).randbytes(len(text) // 90)  # noqa: S311 - not for secrets
    return zlib.compress(b'["' + ballast.hex().encode() + b'",' + text + b"]")


def read_anew(data: bytes) -> tuple[int, str]:
    """The most memory that refusing this takes in a process of its own, in bytes, and the reason."""
    script = (
        "import resource, sys\n"
        "from backbone.app.channel.packing import unpack\n"
        "from backbone.core.protocol.wire import WireError\n"
        "data = sys.stdin.buffer.read()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    unpack(data)\n"
        "except WireError as error:\n    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)\n"
    )
    answer = subprocess.run([sys.executable, "-c", script], input=data, capture_output=True, check=True).stdout.decode()
    kilobytes, _, error = answer.partition(" ")
    return int(kilobytes) * 1024, error


def test_quotes_and_brackets_within_texts_are_no_items() -> None:
    ping = parcel(Ping(clock=Millis(0), answers=False, filling='[{,"\\' * (MOST_ITEMS + 1)))

    assert unpack(pack(ping)) == ping


def test_what_is_larger_than_agreed_is_not_written() -> None:
    with pytest.raises(TooMuch, match="bytes"):
        pack(parcel(Ping(clock=Millis(0), answers=False, filling="x" * 1000)), largest=1000)


def test_more_items_than_are_read_are_not_written() -> None:
    created = IssueCreated(issue=IssueRef(id=IssueId("1"), key=IssueKey("A-1")))
    labels = tuple(ElementChange(alias="l", element=str(one), present=True, stamp=STAMP) for one in range(20_000))
    told = IssueChanged(issue=created.issue, changes=Changes(elements=labels))
    messages = tuple(PairMessage(pair=PairUid(f"p{one}"), after=0, contents=(told,)) for one in range(4))

    with pytest.raises(TooMuch, match="items"):
        pack(parcel(Messages(messages=messages), 1))


def test_what_has_the_agreed_size_is_written_and_read() -> None:
    size = len(zlib.decompress(GOOD))

    assert unpack(pack(parcel(Heartbeat(last=7)), largest=size), largest=size) == parcel(Heartbeat(last=7))


def test_values_of_a_newer_version_may_have_fractions() -> None:
    text = zlib.decompress(pack(parcel(Goodbye(), 1))).replace(b'"body":{', b'"body":{"new":[1.5e3,null],')

    assert unpack(zlib.compress(text)) == parcel(Goodbye(), 1)
    assert plain_values(zlib.compress(b"[1.5]")) == [1.5]
