"""The hash chain: two sides with the same head know of the same parcels."""

from __future__ import annotations

from dataclasses import fields, replace
from hashlib import sha256

from backbone.core.model.keys import Revision, Role
from backbone.core.protocol.chain import BEGINNING, digest_of, head, header_bytes
from backbone.core.protocol.parcels import ChannelId, Digest, Epoch, Header, KeyFingerprint
from tests.fakes.parcels import header

OTHER = {
    "channel": ChannelId("another"),
    "sender": Role.SECOND,
    "sender_key": KeyFingerprint("C3" * 20),
    "recipient_key": KeyFingerprint("D4" * 20),
    "epoch": Epoch("later"),
    "number": 8,
    "wire": 2,
    "revision": Revision(1),
    "exchange": Digest("1" * 64),
}


def test_the_chain_is_that_of_the_specification() -> None:
    told = header(7)
    lines = [
        "backbone parcel",
        "1",
        told.channel,
        "first",
        told.sender_key,
        told.recipient_key,
        told.epoch,
        "7",
        "0",
        "",
    ]
    form = "".join(f"{line}\n" for line in lines).encode()
    signed = sha256(b"signed").digest()

    assert header_bytes(told) == form
    assert head(BEGINNING, told, digest_of(b"signed")) == sha256(bytes(32) + form + signed).hexdigest()


def test_every_member_of_a_header_makes_another_head() -> None:
    told = header(7)
    others = [replace(told, **{name: value}) for name, value in OTHER.items()]  # type: ignore[arg-type] # of each type

    heads = {head(BEGINNING, one, digest_of(b"")) for one in (told, *others)}

    assert {one.name for one in fields(Header)} == set(OTHER)
    assert len(heads) == 1 + len(OTHER)


def test_a_head_depends_on_all_that_was_before_and_on_its_order() -> None:
    one, two = digest_of(b"one"), digest_of(b"two")

    def after(*parcels: Digest) -> Digest:
        last = BEGINNING
        for number, digest in enumerate(parcels, start=1):
            last = head(last, header(number), digest)
        return last

    assert len({after(one), after(two), after(one, two), after(two, one), after(one, one)}) == 5
