"""Where the keys come from that secrets are sealed with: from a setting, or from a file that only we may read.

The first key seals, all of them open: while keys are exchanged there are two.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Protocol

from backbone.ports.sealing import SealBroken

SETTING = "BACKBONE_SECRET_KEY"
FILE = "secret-key"
_LENGTH = 32  # bytes: AES-256


class Key:
    """A key of 256 bits. It shows in no text form."""

    def __init__(self, material: bytes) -> None:
        self.material = material
        self.id = sha256(b"backbone key id\n" + material).hexdigest()[:8]
        """By which sealed texts name it; tells nothing about the key."""

    def __repr__(self) -> str:
        return f"Key({self.id})"

    @property
    def text(self) -> str:
        """As it is written down."""
        return urlsafe_b64encode(self.material).decode().rstrip("=")


class KeySource(Protocol):
    """Keys as they are now; asked again whenever a key is missed."""

    def all(self) -> Sequence[Key]:
        """The newest first; none when there is none yet. Raises SealBroken for what is no key."""

    def first(self) -> Key:
        """The key to seal with; made where there is none and one can be made. Raises SealBroken."""


def new_key_text() -> str:
    """A new key as people write it down."""
    return Key(token_bytes(_LENGTH)).text


class GivenKeys:
    """Keys of the setting, parted by blanks or commas."""

    def __init__(self, text: str) -> None:
        self._text = text

    def all(self) -> Sequence[Key]:
        return _keys(self._text, SETTING)

    def first(self) -> Key:
        return self.all()[0]

    def renew(self) -> None:
        if len(self.all()) < 2:
            cure = (
                f"Make one with 'backbone secrets key', write it before the other one in {SETTING}, then rotate again"
            )
            raise SealBroken(f"{SETTING} holds no new key", cure)

    def settle(self) -> None:
        """Whoever set the variable takes the old keys out of it."""


class FileKeys:
    """Keys of a file, a line each. It is made with the first key when that is needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> Sequence[Key]:
        try:
            text = self.path.read_text("ascii")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise SealBroken(f"{self.path} can't be read", "Let the user of Backbone read it") from error
        self._require_private()
        return _keys(text, str(self.path))

    def first(self) -> Key:
        found = self.all()
        if found:
            return found[0]
        self._write(f"{new_key_text()}\n", replacing=False)
        return self.all()[0]

    def renew(self) -> None:
        known = self.all()
        if len(known) < 2:
            old = "".join(f"{key.text}\n" for key in known)
            self._write(f"{new_key_text()}\n{old}", replacing=True)

    def settle(self) -> None:
        known = self.all()
        if len(known) > 1:
            self._write(f"{known[0].text}\n", replacing=True)

    def _require_private(self) -> None:
        if self.path.stat().st_mode & 0o077:
            raise SealBroken(f"others may read {self.path}", f"Run chmod 600 {self.path}")

    def _write(self, text: str, *, replacing: bool) -> None:
        """All or nothing, also when power fails. Where another process was quicker, its file stays."""
        made = self.path.with_name(f".{self.path.name}.{token_hex(8)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, text.encode("ascii"))
                os.fsync(handle)
            finally:
                os.close(handle)
            self._put_in_place(made, replacing=replacing)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise SealBroken(f"{self.path} can't be written: {reason}", "Make BACKBONE_HOME writable") from error
        finally:
            made.unlink(missing_ok=True)

    def _put_in_place(self, made: Path, *, replacing: bool) -> None:
        if replacing:
            made.replace(self.path)
        else:
            try:
                self.path.hardlink_to(made)
            except FileExistsError:
                return
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _keys(text: str, place: str) -> Sequence[Key]:
    found = [_key(word, place) for word in re.split(r"[\s,]+", text.strip()) if word]
    if not found:
        raise SealBroken(f"{place} holds no key", "Put the key back that secrets were sealed with")
    return found


def _key(word: str, place: str) -> Key:
    try:
        material = b64decode(word.rstrip("=").replace("+", "-").replace("/", "_") + "=", altchars="-_", validate=True)
    except (Error, ValueError):
        material = b""
    if len(material) != _LENGTH:
        raise SealBroken(f"{place} holds something that is no key", "Make one with 'backbone secrets key'")
    return Key(material)
