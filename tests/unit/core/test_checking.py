"""A parcel that is meant for somebody else, or comes from somebody else, is not used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.model.keys import Role
from backbone.core.protocol.checking import Expected, Objection, check_header
from backbone.core.protocol.parcels import ChannelId, Epoch, Header, KeyFingerprint
from tests.fakes.parcels import CHANNEL, EPOCH, FIRST_KEY, SECOND_KEY, header

NEW_KEY = KeyFingerprint("E5" * 20)
EXPECTED = Expected(
    channel=CHANNEL,
    partner=Role.FIRST,
    partner_keys=frozenset({FIRST_KEY, NEW_KEY}),
    own_keys=frozenset({SECOND_KEY}),
    epoch=EPOCH,
    former=frozenset({Epoch("former")}),
)


def test_what_the_partner_says_to_us_is_used() -> None:
    assert check_header(EXPECTED, header(1), FIRST_KEY) is None


def test_a_key_that_was_announced_is_the_partners_too() -> None:
    assert check_header(EXPECTED, replace(header(1), sender_key=NEW_KEY), NEW_KEY) is None


def test_any_epoch_will_do_before_the_first_is_known() -> None:
    assert check_header(replace(EXPECTED, epoch=None), replace(header(1), epoch=Epoch("any")), FIRST_KEY) is None


@pytest.mark.parametrize(
    ("told", "signer", "objection"),
    [
        (replace(header(1), channel=ChannelId("another")), FIRST_KEY, Objection.OTHER_CHANNEL),
        (header(1, Role.SECOND), SECOND_KEY, Objection.REFLECTED),
        (header(1), NEW_KEY, Objection.OTHER_SENDER_KEY),
        (header(1), SECOND_KEY, Objection.OTHER_SENDER_KEY),
        (replace(header(1), sender_key=SECOND_KEY), SECOND_KEY, Objection.OTHER_SENDER_KEY),
        (replace(header(1), recipient_key=NEW_KEY), FIRST_KEY, Objection.OTHER_RECIPIENT_KEY),
        (replace(header(1), wire=2), FIRST_KEY, Objection.NEWER_WIRE),
        (replace(header(1), wire=0), FIRST_KEY, Objection.OLDER_WIRE),
        (replace(header(1), epoch=Epoch("former")), FIRST_KEY, Objection.FORMER_EPOCH),
        (replace(header(1), epoch=Epoch("unheard-of")), FIRST_KEY, Objection.UNKNOWN_EPOCH),
    ],
)
def test_anything_else_is_objected_to(told: Header, signer: KeyFingerprint, objection: Objection) -> None:
    assert check_header(EXPECTED, told, signer) is objection
