"""Handshake files on disk: read with care, and opened with the passphrase that a person has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from backbone.app.channel.greeting import read_file
from backbone.app.declaration.connection import SecretSource
from backbone.app.declaration.credentials import SecretMissing, SecretSources, nothing_sealed, secret_from
from backbone.app.usecases.mistakes import Mistake
from backbone.core.protocol.handshake import LARGEST_FILE, HandshakeFile, HandshakeRefused
from backbone.ports.cipher import Cipher


class Desk(Protocol):
    """What opening a file needs."""

    @property
    def cipher(self) -> Cipher: ...
    @property
    def environment(self) -> Mapping[str, str]: ...
    @property
    def folder(self) -> Path: ...


def located(folder: Path, path: str) -> Path:
    """A path of the configuration file, which may begin in the user's home or at the file."""
    return folder / Path(path).expanduser()


def read_content(place: str, path: Path, largest: int = LARGEST_FILE) -> bytes:
    """The bytes of a file, at most one more than allowed. Raises Mistake."""
    try:
        with path.open("rb") as stream:
            return stream.read(largest + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise Mistake(place, f"{path} can't be read: {reason}", "Check the path") from error


async def unlocked_file(desk: Desk, place: str, content: bytes, passphrase: SecretSource | None) -> HandshakeFile:
    """What a file says that may be locked. Raises Mistake."""
    sources = SecretSources(environment=desk.environment, folder=desk.folder, unseal=nothing_sealed)
    try:
        words = None if passphrase is None else secret_from("passphrase", passphrase, sources)
    except SecretMissing as missing:
        raise Mistake(place, str(missing), missing.cure) from missing
    return await opened_file(desk.cipher, place, content, words)


async def opened_file(cipher: Cipher, place: str, content: bytes, passphrase: str | None) -> HandshakeFile:
    """What a file says, its signature found good. Raises Mistake."""
    try:
        return await read_file(cipher, content, passphrase)
    except HandshakeRefused as error:
        raise Mistake(place, error.cause, error.cure) from error
