"""Which outer packets a parcel may have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest

from backbone.adapters.pgp.packets import Malformed, Packet, Tag
from backbone.adapters.pgp.shapes import (
    ANYBODY,
    MOST_RECIPIENTS,
    check_encrypted,
    check_locked,
    check_signed,
    recipients,
)

BODIES = {Tag.SEIPD: b"\x02\x09", Tag.PKESK: b"\x03" + bytes(20)}
SHAPES: dict[Callable[[Sequence[Packet]], None], set[tuple[Tag, ...]]] = {
    check_encrypted: {(Tag.PKESK, Tag.SEIPD), (Tag.PKESK, Tag.PKESK, Tag.SEIPD)},
    check_signed: {(Tag.ONE_PASS, Tag.LITERAL, Tag.SIGNATURE)},
    check_locked: {(Tag.SKESK, Tag.SEIPD)},
}


def packets(*tags: Tag) -> list[Packet]:
    return [Packet(tag, BODIES.get(tag, b"")) for tag in tags]


@pytest.mark.parametrize("check", SHAPES)
def test_of_all_sequences_of_up_to_three_packets_only_the_agreed_ones_pass(
    check: Callable[[Sequence[Packet]], None],
) -> None:
    passed = set()
    for tags in (tags for length in range(4) for tags in product(Tag, repeat=length)):
        try:
            check(packets(*tags))
        except Malformed:
            continue
        passed.add(tags)

    assert passed == SHAPES[check]


def test_the_way_in_which_only_gpg_encrypts_is_named() -> None:
    with pytest.raises(Malformed, match="--rfc4880"):
        check_encrypted(packets(Tag.PKESK, Tag.GPG_OCB))


def test_an_unknown_way_of_encryption_is_refused() -> None:
    with pytest.raises(Malformed, match="unknown way"):
        check_encrypted([*packets(Tag.PKESK), Packet(Tag.SEIPD, b"\x03")])


def test_compression_is_named() -> None:
    with pytest.raises(Malformed, match="-z 0"):
        check_signed(packets(Tag.COMPRESSED))


def test_a_parcel_for_very_many_keys_is_refused() -> None:
    check_encrypted(packets(*[Tag.PKESK] * MOST_RECIPIENTS, Tag.SEIPD))
    with pytest.raises(Malformed, match="more than"):
        check_encrypted(packets(*[Tag.PKESK] * (MOST_RECIPIENTS + 1), Tag.SEIPD))


def test_recipients_are_told_by_their_key_ids() -> None:
    key_id, fingerprint = bytes(range(1, 9)), bytes(range(20))
    told = recipients(
        [
            Packet(Tag.PKESK, b"\x03" + key_id + b"\x12more"),
            Packet(Tag.PKESK, b"\x06\x15\x04" + fingerprint + b"\x12more"),
            Packet(Tag.PKESK, b"\x03" + bytes(8) + b"\x12more"),
            Packet(Tag.PKESK, b"\x06\x00\x12more"),
            Packet(Tag.SEIPD, b"\x02"),
        ]
    )

    assert told == [key_id, fingerprint[-8:], ANYBODY, ANYBODY]


@pytest.mark.parametrize("body", [b"", b"\x03", b"\x03" + bytes(8), b"\x06", b"\x06\x21\x06" + bytes(32), b"\x09"])
def test_a_session_key_of_an_unknown_kind_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        recipients([Packet(Tag.PKESK, body)])
