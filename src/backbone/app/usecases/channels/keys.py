"""Our key pairs: made here, or brought along."""

from __future__ import annotations

from pathlib import Path

from backbone.app.declaration.channel import ChannelPart
from backbone.app.usecases.channels.files import located, read_content
from backbone.app.usecases.mistakes import Mistake
from backbone.core.protocol.channel import PinnedKey
from backbone.core.protocol.parcels import KeyFingerprint
from backbone.ports.cipher import Cipher, CipherError, KeyKind, KeyPair

_LARGEST_KEY = 64 * 1024


def pinned_key(key: KeyPair) -> PinnedKey:
    """The key as a channel knows it."""
    return PinnedKey(fingerprint=KeyFingerprint(key.public.fingerprint), armored=key.public.armored)


async def new_key(cipher: Cipher, part: ChannelPart, folder: Path) -> KeyPair:
    """The key pair of a new channel, as its part of the file wants it. Raises Mistake."""
    if part.key_file is None:
        return await made_key(cipher, part.key_kind)
    return await imported_key(cipher, located(folder, part.key_file))


async def made_key(cipher: Cipher, kind: KeyKind) -> KeyPair:
    """A fresh one. Raises Mistake."""
    try:
        return await cipher.generate(kind)
    except CipherError as error:
        raise Mistake("key", str(error), "Try again, or bring a key along that was made by gpg") from error


async def imported_key(cipher: Cipher, path: Path) -> KeyPair:
    """One that was made elsewhere, in ASCII armor and without a passphrase. Raises Mistake."""
    content = read_content("key", path, _LARGEST_KEY)
    try:
        return await cipher.read_secret(content.decode("ascii"))
    except UnicodeDecodeError as error:
        cure = "Export it with: gpg --export-secret-keys --armor"
        raise Mistake("key", f"{path} is not in ASCII armor", cure) from error
    except CipherError as error:
        cure = "Use a key of Curve 25519 or RSA-3000 or stronger, without a passphrase"
        raise Mistake("key", str(error).rstrip("."), cure) from error
