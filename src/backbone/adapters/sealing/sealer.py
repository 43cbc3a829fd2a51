"""Sealing by AES-256 in Galois/Counter mode: nobody without the key reads a secret, changes it or moves it elsewhere.

A sealed text is ``1.KEY.TEXT``: the version of this form, the id of the key, nonce and ciphertext in URL-safe base64.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backbone.adapters.sealing.keys import Key, KeySource
from backbone.ports.sealing import SealBroken

_VERSION = "1"
_NONCE = 12  # bytes, at random: a key is exchanged long before it has sealed the 2**32 texts that this is good for
_LOST = (
    "Put the key back with which it was sealed (BACKBONE_SECRET_KEY, or the file secret-key), or give the secret anew"
)


class KeySealer:
    """A :class:`backbone.ports.sealing.Sealer`. Keys are read each time: another process may have exchanged them."""

    def __init__(self, source: KeySource) -> None:
        self._source = source

    def seal(self, text: str, about: str) -> str:
        key, nonce = self._source.first(), token_bytes(_NONCE)
        sealed = AESGCM(key.material).encrypt(nonce, text.encode(), _bound(key.id, about))
        return f"{_VERSION}.{key.id}.{urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, about: str) -> str:
        version, _, rest = sealed.partition(".")
        ident, _, text = rest.partition(".")
        key = self._key(ident)
        if version != _VERSION or key is None:
            raise SealBroken("the key that a secret was sealed with is missing", _LOST)
        try:
            data = urlsafe_b64decode(text)
            return AESGCM(key.material).decrypt(data[:_NONCE], data[_NONCE:], _bound(ident, about)).decode()
        except (InvalidTag, Error, ValueError) as error:
            raise SealBroken("a sealed secret was changed, or belongs elsewhere", "Give the secret anew") from error

    def opens(self, sealed: str) -> bool:
        return self._key(_key_id(sealed)) is not None

    def newest(self, sealed: str) -> bool:
        keys = self._source.all()
        return bool(keys) and keys[0].id == _key_id(sealed)

    def _key(self, ident: str) -> Key | None:
        return next((key for key in self._source.all() if key.id == ident), None)


def _key_id(sealed: str) -> str:
    return sealed.split(".", 2)[1] if sealed.count(".") == 2 else ""


def _bound(key: str, about: str) -> bytes:
    """What the sealed text only opens together with."""
    return f"{_VERSION}\n{key}\n{about}".encode()
