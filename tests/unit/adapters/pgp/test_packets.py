"""Armor and packets: what has the shape is read to the last byte, and nothing else passes."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backbone.adapters.pgp.packets import MOST_PACKETS, Label, Malformed, Packet, dearmor, read_packets

CONTENT = b"\xcb\x07b\x00\x00\x00\x00\x00x"


def armored(content: bytes, label: str = "MESSAGE", headers: str = "", tail: str = "") -> bytes:
    body = b64encode(content).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    parts = [f"-----BEGIN PGP {label}-----", *headers.splitlines(), "", *lines, *tail.splitlines()]
    return "\n".join([*parts, f"-----END PGP {label}-----", ""]).encode()


@given(st.binary(min_size=1, max_size=500))
def test_what_is_in_armor_comes_out_again(content: bytes) -> None:
    assert dearmor(armored(content), Label.MESSAGE) == content


@pytest.mark.parametrize(
    "text",
    [
        armored(CONTENT, headers="Version: 1\nComment: made by hand"),
        armored(CONTENT, tail="=abcd"),
        armored(CONTENT).replace(b"\n", b"\r\n"),
        armored(CONTENT).replace(b"\n\n", b"\n"),
        armored(CONTENT).replace(b"\n", b"  \n"),
        b"Hello,\nhere it is:\n\n" + armored(CONTENT) + b"\n-- \nThis message is confidential.\n",
    ],
    ids=["headers", "checksum", "windows", "no-blank-line", "padded", "footer"],
)
def test_what_mail_servers_do_to_armor_does_no_harm(text: bytes) -> None:
    assert dearmor(text, Label.MESSAGE) == CONTENT


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"plain text",
        armored(CONTENT) + armored(CONTENT),
        armored(CONTENT)[:-10],
        armored(CONTENT, "SIGNED MESSAGE"),
        armored(CONTENT).replace(b"END PGP MESSAGE", b"END PGP SIGNATURE"),
        armored(CONTENT, headers="A: b\n" * 30),
        armored(b""),
        armored(CONTENT).replace(b"y", b"!"),
    ],
    ids=["empty", "text", "twice", "cut", "clear", "two-labels", "many-headers", "no-content", "damaged"],
)
def test_what_is_not_one_whole_armor_is_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        dearmor(text, Label.MESSAGE)


def test_what_is_armored_under_another_label_is_named() -> None:
    with pytest.raises(Malformed, match="private key block where a PGP public key block is needed"):
        dearmor(armored(CONTENT, "PRIVATE KEY BLOCK"), Label.PUBLIC)


@given(st.binary(max_size=300))
@example(b"-----BEGIN PGP MESSAGE-----\n-----END PGP MESSAGE-----\n")
def test_nothing_but_a_refusal_comes_of_noise(noise: bytes) -> None:
    for text in (noise, b"-----BEGIN PGP MESSAGE-----\n" + noise + b"\n-----END PGP MESSAGE-----\n"):
        with suppress(Malformed):
            assert len(dearmor(text, Label.MESSAGE)) < len(text)
    with suppress(Malformed):
        assert sum(len(packet.body) for packet in read_packets(noise)) <= len(noise)


@pytest.mark.parametrize(
    ("content", "packets"),
    [
        (b"\xcb\x02ab", [Packet(11, b"ab")]),
        (b"\xcb\xc0\x08" + b"x" * 200, [Packet(11, b"x" * 200)]),
        (b"\xcb\xff\x00\x00\x00\x02ab", [Packet(11, b"ab")]),
        (b"\xcb\xe1ab\x01c", [Packet(11, b"ab")]),
        (b"\xcb\xe1ab\xe1cd\x00\xc2\x00", [Packet(11, b"ab"), Packet(2, b"")]),
        (b"\xac\x02ab", [Packet(11, b"ab")]),
        (b"\xad\x00\x02ab\x88\x01c", [Packet(11, b"ab"), Packet(2, b"c")]),
        (b"\xae\x00\x00\x00\x02ab", [Packet(11, b"ab")]),
        (b"\xa3to the end", [Packet(8, b"to the end")]),
        (b"", []),
    ],
)
def test_packets_are_read_in_each_of_their_forms(content: bytes, packets: list[Packet]) -> None:
    assert read_packets(content) == packets


@pytest.mark.parametrize(
    "content",
    [
        b"\x0b\x02ab",
        b"\xcb\x03ab",
        b"\xcb",
        b"\xcb\xc0",
        b"\xcb\xff\x00\x00",
        b"\xcb\xe1ab",
        b"\xcb\xe5ab",
        b"\xad\x00",
    ],
)
def test_what_ends_too_early_or_is_no_packet_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        read_packets(content)


def test_more_packets_than_anybody_needs_are_refused() -> None:
    assert len(read_packets(b"\xcb\x00" * MOST_PACKETS)) == MOST_PACKETS
    with pytest.raises(Malformed, match="packets"):
        read_packets(b"\xcb\x00" * (MOST_PACKETS + 1))


@given(st.lists(st.tuples(st.integers(1, 60), st.binary(max_size=300)), max_size=5))
def test_packets_that_are_written_are_read(packets: list[tuple[int, bytes]]) -> None:
    content = b"".join(bytes([0xC0 | tag, 255]) + len(body).to_bytes(4, "big") + body for tag, body in packets)

    assert read_packets(content) == [Packet(tag, body) for tag, body in packets]
