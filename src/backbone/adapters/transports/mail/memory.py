"""What is remembered of a mailbox between two looks, as text. Text that is not ours means: nothing is remembered."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

import msgspec


class Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a folder was read by IMAP.

    ``handed`` are mails whose parcels were handed over; below ``quiet`` nothing is told again, since the folder was
    only numbered anew.
    """

    validity: int
    uid: int = 0
    quiet: int = 0
    handed: tuple[int, ...] = ()


class Listed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which mails of a POP3 mailbox were looked at, shortened, and those of them whose parcels were handed over."""

    seen: frozenset[str] = frozenset()
    handed: frozenset[str] = frozenset()


def read_cursor(memory: str) -> Cursor | None:
    """What IMAP remembered, if anything."""
    try:
        return msgspec.json.decode(memory, type=Cursor)
    except msgspec.DecodeError:
        return None


def read_listed(memory: str) -> Listed:
    """What POP3 remembered, or nothing."""
    try:
        return msgspec.json.decode(memory, type=Listed)
    except msgspec.DecodeError:
        return Listed()


def write(memory: Cursor | Listed) -> str:
    """The text of a memory; equal memories have equal texts."""
    return msgspec.json.encode(memory, order="deterministic").decode("ascii")


def shorten(unique: str) -> str:
    """A short name for an id of POP3, which may have 70 characters."""
    return urlsafe_b64encode(hashlib.sha256(unique.encode("utf-8", "surrogateescape")).digest()[:9]).decode("ascii")
