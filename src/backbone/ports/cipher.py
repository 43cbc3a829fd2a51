"""The port to OpenPGP: keys are made, parcels sealed and opened, and everything that fails fails closed.

Texts of keys and parcels are ASCII armor. Nothing here knows what a parcel says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from backbone.core.model.keys import Millis


class KeyKind(StrEnum):
    """What kind of key is made. Keys that are brought along may be of any kind that is strong enough."""

    CURVE_25519 = "curve25519"
    RSA_3072 = "rsa3072"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A key that others may know. ``fingerprint`` is upper-case hexadecimal, ``algorithm`` is for people."""

    armored: str
    fingerprint: str
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A key with its secret part, which is kept sealed wherever it is stored."""

    secret: str = field(repr=False)
    public: PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a parcel says, and whose signature proves it: ``signer`` is the fingerprint of the whole key.

    ``signed`` is the time of the signature, where it can be seen: inside an encryption it may not.
    """

    plaintext: bytes = field(repr=False)
    signer: str
    signed: Millis | None


class CipherError(Exception):
    """Something is not as it has to be; the message says what, without any content."""


class KeyRefused(CipherError):
    """A key that is malformed, too weak, revoked or expired, or that lacks what it is needed for."""


class NotForUs(CipherError):
    """A parcel that our key cannot open."""


class NotGenuine(CipherError):
    """A parcel that is not whole, not encrypted where it has to be, or not signed by one of the partner's keys."""


class Unproven(NotGenuine):
    """A parcel that names a partner's key as its signer, but whose signature does not hold now.

    It is forged, or the partner's clock is more than 30 minutes ahead of ours: then it holds when tried again later.
    """


class TooLarge(CipherError):
    """A parcel that would become larger than allowed, or take more memory or time than allowed."""


class Cipher(Protocol):
    """OpenPGP, done where a hostile parcel harms nobody."""

    async def generate(self, kind: KeyKind) -> KeyPair:
        """A new key pair. Its user id says nothing of anybody."""

    async def read_public(self, armored: str) -> PublicKey:
        """A partner's key, judged before it is pinned. Raises KeyRefused."""

    async def read_secret(self, armored: str) -> KeyPair:
        """A key pair that was made elsewhere. Raises KeyRefused."""

    async def seal(self, plaintext: bytes, secret: str, recipient: str | None) -> bytes:
        """Armor: signed, and encrypted to the recipient's public key unless there is none."""

    async def open(
        self, sealed: bytes, secret: str | None, partners: Sequence[str], *, largest: int, encrypted: bool = True
    ) -> Opened:
        """The plaintext of at most ``largest`` bytes, signed by one of the partners' public keys.

        With ``encrypted``, a parcel whose outer packets are not encrypted ones is refused; without, one that is not
        plainly signed. Raises NotForUs, NotGenuine (Unproven where time may mend it) and TooLarge, and KeyRefused
        where a key that is given is none.
        """

    async def lock(self, plaintext: bytes, passphrase: str) -> bytes:
        """Armor that only the passphrase opens."""

    async def unlock(self, locked: bytes, passphrase: str, *, largest: int) -> bytes:
        """The reverse. Raises NotForUs for a wrong passphrase, NotGenuine and TooLarge."""
