"""The first parcel and the handshake file: what is said before both sides have each other's key.

The slave's answer holds its public key beside what it signs, and all of it is locked with the file's token: so nobody
without the file can read it or make one, and the master can prove it with the key that it finds inside.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from backbone.app.channel.packing import unpack
from backbone.core.model.keys import Millis
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.conversing import JudgedKey
from backbone.core.protocol.handshake import (
    LARGEST_FILE,
    HandshakeFile,
    HandshakeRefused,
    bytes_of,
    file_from,
    file_of,
)
from backbone.core.protocol.parcels import Handshake, KeyAnnounced, KeyFingerprint, Parcel, Ping
from backbone.core.protocol.renewing import statement_of
from backbone.core.protocol.wire import WireError
from backbone.ports.cipher import Cipher, CipherError, KeyPair, NotForUs, NotGenuine, PublicKey

_KEY_ENDS = b"-----END PGP PUBLIC KEY BLOCK-----"
_KEY_BEGINS = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"
_MESSAGE_BEGINS = b"-----BEGIN PGP MESSAGE-----"
_LARGEST_ANSWER = 512 * 1024
SMALLEST_FILLING = 10_000


# --- the slave's answer -----------------------------------------------------------------------------------------------


async def seal_answer(cipher: Cipher, channel: Channel, plaintext: bytes, secret: str) -> bytes:
    """The parcel with the slave's answer, as it is sent. Raises CipherError."""
    recipient = channel.partner_key.armored if channel.encrypted else None
    signed = await cipher.seal(plaintext, secret, recipient)
    return await cipher.lock(_joined(channel.our_key.armored, signed), channel.token)


async def open_answer(
    cipher: Cipher, channel: Channel, keys: Mapping[KeyFingerprint, str], sealed: bytes
) -> tuple[Parcel, JudgedKey]:
    """A parcel that may be the answer to our file, and the key that signed it.

    Raises CipherError and WireError for everything else.
    """
    inner = await cipher.unlock(sealed, channel.token, largest=_LARGEST_ANSWER)
    armored, message = _parted(inner)
    key = await cipher.read_public(armored)
    secret = keys.get(channel.our_key.fingerprint) if channel.encrypted else None
    opened = await cipher.open(message, secret, [key.armored], largest=_LARGEST_ANSWER, encrypted=channel.encrypted)
    parcel = unpack(opened.plaintext, largest=_LARGEST_ANSWER)
    body = parcel.body
    if not isinstance(body, Handshake) or (await cipher.read_public(body.armored)).fingerprint != opened.signer:
        raise NotGenuine("It is no answer to the handshake file.")
    return parcel, _judged(key)


def _joined(armored: str, message: bytes) -> bytes:
    return armored.strip().encode() + b"\n" + message


def _parted(content: bytes) -> tuple[str, bytes]:
    """A public key and a message, one after the other. Raises NotGenuine."""
    key, ends, message = content.partition(_KEY_ENDS)
    begins = key.find(_KEY_BEGINS)
    if not ends or begins < 0 or _MESSAGE_BEGINS not in message:
        raise NotGenuine("There is no key with a message signed by it.")
    try:
        return (key[begins:] + ends).decode("ascii") + "\n", message[message.index(_MESSAGE_BEGINS) :]
    except UnicodeDecodeError:
        raise NotGenuine("The key is no ASCII armor.") from None


def _judged(key: PublicKey, statement: bytes = b"") -> JudgedKey:
    return JudgedKey(fingerprint=KeyFingerprint(key.fingerprint), armored=key.armored, statement=statement)


# --- the handshake file -----------------------------------------------------------------------------------------------


async def write_file(cipher: Cipher, channel: Channel, secret: str, now: Millis, passphrase: str | None) -> bytes:
    """The handshake file: the key, and what it signs; locked where there is a passphrase. Raises CipherError."""
    signed = await cipher.seal(bytes_of(file_of(channel, now)), secret, None)
    content = _joined(channel.our_key.armored, signed)
    return content if passphrase is None else await cipher.lock(content, passphrase)


async def read_file(cipher: Cipher, content: bytes, passphrase: str | None) -> HandshakeFile:
    """What a handshake file says, its signature found good. Raises HandshakeRefused."""
    if len(content) > LARGEST_FILE:
        raise HandshakeRefused("it is too large for a handshake file", _CHECK)
    if _KEY_BEGINS not in content:
        content = await _unlocked(cipher, content, passphrase)
    try:
        armored, message = _parted(content)
        key = await cipher.read_public(armored)
        opened = await cipher.open(message, None, [key.armored], largest=LARGEST_FILE, encrypted=False)
        file = file_from(opened.plaintext)
        within = await cipher.read_public(file.armored)
    except CipherError as error:
        cause = f"its signature does not hold: {str(error).rstrip('.')}"
        raise HandshakeRefused(cause, "Ask the partner for the file once more") from error
    if not file.fingerprint == opened.signer == within.fingerprint:
        raise HandshakeRefused("it is signed by another key than the one that it offers", "Ask the partner in person")
    return file


_CHECK = "Check which file this is"


async def _unlocked(cipher: Cipher, content: bytes, passphrase: str | None) -> bytes:
    if _MESSAGE_BEGINS not in content:
        raise HandshakeRefused("it is no handshake file", _CHECK)
    if passphrase is None:
        raise HandshakeRefused("it is locked with a passphrase", "Give the passphrase that the partner told you")
    try:
        return await cipher.unlock(content, passphrase, largest=LARGEST_FILE)
    except NotForUs as error:
        raise HandshakeRefused("the passphrase does not open it", "Ask the partner for the right one") from error
    except CipherError as error:
        raise HandshakeRefused("it is damaged", "Ask the partner for the file once more") from error


# --- another key ------------------------------------------------------------------------------------------------------


async def announcement_of(cipher: Cipher, channel: Channel, new: KeyPair) -> KeyAnnounced:
    """What the old key says of the new one, with what the new one signs. Raises CipherError."""
    fingerprint = KeyFingerprint(new.public.fingerprint)
    told = statement_of(channel.id, channel.role, channel.our_key.fingerprint, fingerprint)
    proof = await cipher.seal(told, new.secret, None)
    return KeyAnnounced(armored=new.public.armored, fingerprint=fingerprint, proof=proof.decode("ascii"))


async def judged_key(cipher: Cipher, told: KeyAnnounced) -> JudgedKey | None:
    """The key that a partner announces, with what it signed; None where it is unfit or did not sign that."""
    try:
        key = await cipher.read_public(told.armored)
        opened = await cipher.open(told.proof.encode(), None, [key.armored], largest=_LARGEST_ANSWER, encrypted=False)
    except CipherError:
        return None
    return _judged(key, opened.plaintext)


# --- the size of parcels ----------------------------------------------------------------------------------------------


def filled(ping: Ping, channel: Channel) -> Ping:
    """A ping of set-up as large as parcels may become; after two that nobody answered half as large, and so on.

    Files have no such limit. What fills it can't be compressed.
    """
    if channel.meeting.sends_by != "mail" or ping.filling:
        return ping
    size = max(channel.largest >> (channel.meeting.greetings // 2), SMALLEST_FILLING)
    return Ping(clock=ping.clock, answers=ping.answers, filling=filling(size))


def filling(size: int) -> str:
    """So many characters, of which a sealed parcel gets about as many bytes."""
    return secrets.token_urlsafe(size)[:size]


NOT_AN_ANSWER = (CipherError, WireError)
"""What :func:`open_answer` raises."""
