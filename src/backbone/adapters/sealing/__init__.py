"""Cryptography: secrets sealed at rest with a key from outside the database, and hashes of passwords."""

from __future__ import annotations

from backbone.adapters.sealing.keys import FileKeys, GivenKeys, KeySource, new_key_text
from backbone.adapters.sealing.passwords import Argon2Passwords
from backbone.adapters.sealing.sealer import KeySealer

__all__ = ["Argon2Passwords", "FileKeys", "GivenKeys", "KeySealer", "KeySource", "new_key_text"]
