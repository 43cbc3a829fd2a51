"""Whether a parcel is meant for us, by what its signed header says; looked at before its body is used."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backbone.core.model.keys import Role
from backbone.core.protocol.parcels import ChannelId, Epoch, Header, KeyFingerprint
from backbone.core.protocol.wire import READABLE


class Objection(StrEnum):
    """Why a parcel is not used, though a key of the partner's signed it."""

    OTHER_CHANNEL = "other-channel"
    REFLECTED = "reflected"
    OTHER_SENDER_KEY = "other-sender-key"
    OTHER_RECIPIENT_KEY = "other-recipient-key"
    NEWER_WIRE = "newer-wire"
    OLDER_WIRE = "older-wire"
    FORMER_EPOCH = "former-epoch"
    UNKNOWN_EPOCH = "unknown-epoch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What we know of a channel. There are two keys of a side while one replaces the other.

    ``epoch`` is the partner's, ``None`` until it is known; ``former`` are those that it gave up.
    """

    channel: ChannelId
    partner: Role
    partner_keys: frozenset[KeyFingerprint]
    own_keys: frozenset[KeyFingerprint]
    epoch: Epoch | None = None
    former: frozenset[Epoch] = frozenset()


def check_header(expected: Expected, header: Header, signer: KeyFingerprint) -> Objection | None:
    """The first thing that is wrong; ``signer`` is whose signature was found good.

    An unknown epoch is no offence of its own: a partner that was restored begins one, and says so.
    """
    if header.channel != expected.channel:
        return Objection.OTHER_CHANNEL
    if header.sender is not expected.partner:
        return Objection.REFLECTED
    if header.sender_key != signer or signer not in expected.partner_keys:
        return Objection.OTHER_SENDER_KEY
    if header.recipient_key not in expected.own_keys:
        return Objection.OTHER_RECIPIENT_KEY
    if header.wire not in READABLE:
        return Objection.NEWER_WIRE if header.wire >= READABLE.stop else Objection.OLDER_WIRE
    if expected.epoch is None or header.epoch == expected.epoch:
        return None
    return Objection.FORMER_EPOCH if header.epoch in expected.former else Objection.UNKNOWN_EPOCH
