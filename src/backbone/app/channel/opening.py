"""From what came to a parcel that may be used: opened, proved, read and meant for us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backbone.app.channel.packing import LARGEST, unpack
from backbone.core.protocol.chain import digest_of
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.checking import Expected, Objection, check_header
from backbone.core.protocol.parcels import Digest, Header, KeyFingerprint, Parcel
from backbone.core.protocol.wire import NewerVersionNeeded, WireError
from backbone.ports.cipher import Cipher, KeyRefused, NotForUs, NotGenuine, Opened, TooLarge, Unproven

LARGEST_SEALED = 64 * 1024 * 1024
"""Bytes of something that came that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A parcel of the partner's. ``objection`` is left to whoever knows the epochs: nothing else is wrong with it."""

    parcel: Parcel
    digest: Digest
    plaintext: bytes = field(repr=False)
    objection: Objection | None


class Refusal(Exception):
    """What came can't be used. ``cause`` is one of few, and says nothing of what came.

    ``retry`` tells that time may mend it, ``stranger`` that none of the partner's keys signed it.
    """

    def __init__(self, cause: str, *, retry: bool = False, stranger: bool = False) -> None:
        super().__init__(cause)
        self.cause = cause
        self.retry = retry
        self.stranger = stranger


async def understand(
    cipher: Cipher, channel: Channel, secrets: Mapping[KeyFingerprint, str], sealed: bytes
) -> Understood:
    """The parcel. Raises Refusal."""
    if len(sealed) > LARGEST_SEALED:
        raise Refusal("is larger than allowed")
    opened = await _opened(cipher, channel, secrets, sealed)
    try:
        parcel = unpack(opened.plaintext)
    except NewerVersionNeeded as error:
        _require_ours(channel, error.header, opened)
        raise Refusal("is of a newer version of this program", retry=True) from None
    except WireError:
        raise Refusal("is signed by the partner and can't be read") from None
    objection = _require_ours(channel, parcel.header, opened)
    return Understood(
        parcel=parcel, digest=digest_of(opened.plaintext), plaintext=opened.plaintext, objection=objection
    )


async def _opened(cipher: Cipher, channel: Channel, secrets: Mapping[KeyFingerprint, str], sealed: bytes) -> Opened:
    partners = [one.armored for one in channel.partner_keys]
    keys = [secrets.get(one.fingerprint) for one in reversed(channel.our_keys)] if channel.encrypted else [None]
    ended = False
    for secret in keys:
        try:
            return await cipher.open(sealed, secret, partners, largest=LARGEST, encrypted=channel.encrypted)
        except NotForUs:
            continue
        except KeyRefused:
            ended = True
        except Unproven:
            raise Refusal("has a signature that does not hold, or that lies in the future", retry=True) from None
        except NotGenuine:
            raise Refusal("is not whole, not encrypted or not signed by the partner", stranger=True) from None
        except TooLarge:
            raise Refusal("is larger than allowed") from None
    if ended:
        raise Refusal("is perhaps for a key of ours that may not be used any more", retry=True)
    raise Refusal("is for another key than ours", stranger=True)


_CAUSES: Mapping[Objection, str] = {
    Objection.OTHER_CHANNEL: "is of another synchronization",
    Objection.REFLECTED: "is one of our own",
    Objection.OTHER_SENDER_KEY: "names another key of the sender than it is signed by",
    Objection.OTHER_RECIPIENT_KEY: "is meant for another key than ours",
    Objection.NEWER_WIRE: "is of a newer version of this program",
    Objection.OLDER_WIRE: "is of a version of this program that is too old",
}


def _require_ours(channel: Channel, header: Header, opened: Opened) -> Objection | None:
    """What is to be said of the epoch. Raises Refusal for every other objection."""
    expected = Expected(
        channel=channel.id,
        partner=channel.role.partner,
        partner_keys=frozenset(one.fingerprint for one in channel.partner_keys),
        own_keys=frozenset(one.fingerprint for one in channel.our_keys),
        epoch=channel.incoming.epoch,
        former=frozenset(channel.incoming.former),
    )
    objection = check_header(expected, header, KeyFingerprint(opened.signer))
    if objection is not None and objection in _CAUSES:
        raise Refusal(_CAUSES[objection])
    if header.epoch in expected.former:  # also while the present one is not known
        return Objection.FORMER_EPOCH
    return objection
