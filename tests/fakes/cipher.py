"""A cipher for tests of everything but OpenPGP: same promises, other format, no child process, a fraction of the time.

Signer and recipient are proved for real (Ed25519, X25519, ChaCha20-Poly1305), so that a test of forgeries means something.
As in OpenPGP, a signature says nothing about the recipient: a parcel can be forwarded under another encryption.
"""

from __future__ import annotations

import os
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from textwrap import wrap

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from backbone.core.model.keys import Millis
from backbone.ports.cipher import (
    Cipher,
    KeyKind,
    KeyPair,
    KeyRefused,
    NotForUs,
    NotGenuine,
    Opened,
    PublicKey,
    TooLarge,
    Unproven,
)

PUBLIC, SECRET, MESSAGE = "PUBLIC KEY BLOCK", "PRIVATE KEY BLOCK", "MESSAGE"
ENCRYPTED, SIGNED, LOCKED = b"e", b"s", b"l"
TOLERATED_AHEAD = 30 * 60 * 1000
NO_NONCE = bytes(12)
"""Each message has a key of its own."""


def now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


@dataclass(frozen=True, slots=True)
class PlainCipher(Cipher):
    """``clock`` is that of this side: it dates what is sealed and judges what is opened."""

    clock: Callable[[], Millis] = now

    async def generate(self, kind: KeyKind) -> KeyPair:
        return key_pair(_kind_byte(kind) + os.urandom(64))

    async def read_public(self, armored: str) -> PublicKey:
        return public_key(_key_bytes(armored, PUBLIC))

    async def read_secret(self, armored: str) -> KeyPair:
        return key_pair(_key_bytes(armored, SECRET))

    async def seal(self, plaintext: bytes, secret: str, recipient: str | None) -> bytes:
        own = _key_bytes(secret, SECRET)
        body = _fingerprint(_public_half(own)) + self.clock().to_bytes(8, "big") + plaintext
        signed = body + Ed25519PrivateKey.from_private_bytes(own[1:33]).sign(body)
        if recipient is None:
            return armor(SIGNED + signed, MESSAGE).encode()
        return armor(ENCRYPTED + _encrypt(signed, _key_bytes(recipient, PUBLIC)), MESSAGE).encode()

    async def open(
        self, sealed: bytes, secret: str | None, partners: Sequence[str], *, largest: int, encrypted: bool = True
    ) -> Opened:
        packet = _message_bytes(sealed)
        if packet[:1] != (ENCRYPTED if encrypted else SIGNED):
            raise NotGenuine("The parcel is not encrypted." if encrypted else "The parcel is not a signed one.")
        if encrypted and secret is None:
            raise NotForUs("There is no key to open the parcel with.")
        signed = _decrypt(packet[1:], _key_bytes(secret, SECRET)) if encrypted and secret else packet[1:]
        return self._proved(signed, partners, largest)

    def _proved(self, signed: bytes, partners: Sequence[str], largest: int) -> Opened:
        signer, body, signature = signed[:20], signed[:-64], signed[-64:]
        keys = {_fingerprint(key): key for key in (_key_bytes(partner, PUBLIC) for partner in partners)}
        if len(signed) < 92 or signer not in keys:
            raise NotGenuine("The parcel is not signed by one of the partner's keys.")
        at = Millis(int.from_bytes(body[20:28], "big"))
        if not _holds(signature, body, keys[signer]) or at > self.clock() + TOLERATED_AHEAD:
            raise Unproven("The signature does not hold: it is forged, or its clock is ahead of ours.")
        if len(body) - 28 > largest:
            raise TooLarge(f"The parcel says more than {largest} bytes.")
        return Opened(plaintext=body[28:], signer=signer.hex().upper(), signed=at)

    async def lock(self, plaintext: bytes, passphrase: str) -> bytes:
        salt = os.urandom(16)
        locked = ChaCha20Poly1305(sha256(salt + passphrase.encode()).digest()).encrypt(NO_NONCE, plaintext, None)
        return armor(LOCKED + salt + locked, MESSAGE).encode()

    async def unlock(self, locked: bytes, passphrase: str, *, largest: int) -> bytes:
        packet = _message_bytes(locked)
        if packet[:1] != LOCKED:
            raise NotGenuine("It is not locked by a passphrase.")
        try:
            key = ChaCha20Poly1305(sha256(packet[1:17] + passphrase.encode()).digest())
            plaintext = key.decrypt(NO_NONCE, packet[17:], None)
        except (InvalidTag, ValueError) as error:
            raise NotForUs("The passphrase does not open it.") from error
        if len(plaintext) > largest:
            raise TooLarge(f"It says more than {largest} bytes.")
        return plaintext


def armor(content: bytes, label: str) -> str:
    lines = wrap(b64encode(sha256(content).digest()[:3] + content).decode(), 64)
    return "\n".join([f"-----BEGIN PGP {label}-----", "", *lines, f"-----END PGP {label}-----", ""])


def dearmor(text: str, label: str) -> bytes:
    """The content, whatever surrounds the armor and however its lines end. Raises ValueError."""
    _, begin, rest = text.partition(f"-----BEGIN PGP {label}-----")
    inner, end, _ = rest.partition(f"-----END PGP {label}-----")
    if not begin or not end:
        raise ValueError("no armor")
    content = b64decode("".join(inner.split()), validate=True)
    if content[:3] != sha256(content[3:]).digest()[:3]:
        raise ValueError("damaged armor")
    return content[3:]


def key_pair(secret: bytes) -> KeyPair:
    return KeyPair(secret=armor(secret, SECRET), public=public_key(_public_half(secret)))


def public_key(public: bytes) -> PublicKey:
    return PublicKey(
        armored=armor(public, PUBLIC),
        fingerprint=_fingerprint(public).hex().upper(),
        algorithm={_kind_byte(kind): name for kind, name in ALGORITHMS.items()}[public[:1]],
    )


ALGORITHMS = {KeyKind.CURVE_25519: "Curve 25519", KeyKind.RSA_3072: "RSA-3072"}


def _kind_byte(kind: KeyKind) -> bytes:
    return kind.value[:1].encode()


def _public_half(secret: bytes) -> bytes:
    signing = Ed25519PrivateKey.from_private_bytes(secret[1:33]).public_key().public_bytes_raw()
    return secret[:1] + signing + X25519PrivateKey.from_private_bytes(secret[33:]).public_key().public_bytes_raw()


def _fingerprint(public: bytes) -> bytes:
    return sha256(public).digest()[:20]


def _key_bytes(armored: str, label: str) -> bytes:
    try:
        content = dearmor(armored, label)
    except ValueError as error:
        raise KeyRefused(f"This is no {label.lower()} in ASCII armor.") from error
    if len(content) != 65 or content[:1] not in {_kind_byte(kind) for kind in KeyKind}:
        raise KeyRefused("The key is malformed.")
    return content


def _message_bytes(sealed: bytes) -> bytes:
    try:
        return dearmor(sealed.decode("ascii"), MESSAGE)
    except ValueError as error:
        raise NotGenuine("The parcel is not whole.") from error


def _encrypt(signed: bytes, recipient: bytes) -> bytes:
    once = X25519PrivateKey.generate()
    shared = once.exchange(X25519PublicKey.from_public_bytes(recipient[33:]))
    sent = ChaCha20Poly1305(sha256(shared).digest()).encrypt(NO_NONCE, signed, None)
    return _fingerprint(recipient) + once.public_key().public_bytes_raw() + sent


def _decrypt(packet: bytes, secret: bytes) -> bytes:
    recipient, once, sent = packet[:20], packet[20:52], packet[52:]
    if recipient != _fingerprint(_public_half(secret)):
        raise NotForUs("The parcel is for another key.")
    try:
        shared = X25519PrivateKey.from_private_bytes(secret[33:]).exchange(X25519PublicKey.from_public_bytes(once))
        return ChaCha20Poly1305(sha256(shared).digest()).decrypt(NO_NONCE, sent, None)
    except (InvalidTag, ValueError) as error:
        raise NotGenuine("The parcel is not whole.") from error


def _holds(signature: bytes, body: bytes, public: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public[1:33]).verify(signature, body)
    except InvalidSignature:
        return False
    return True
