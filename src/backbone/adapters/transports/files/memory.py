"""What a receiver remembers of a directory from look to look; bounded, and only of files that are still there."""

from __future__ import annotations

import hashlib
import os

import msgspec

MOST_STORED = 2_000
"""So many files that were stored and cannot be removed are borne with."""
MOST_INCOMPLETE = 1_000
MOST_NOTICED = 200


class Incomplete(msgspec.Struct, frozen=True, kw_only=True):
    """A file whose bytes are not what its name says: since when (seconds, our clock) it looks as it does."""

    identity: str
    since: float


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """``stored`` has the identity of each file by name, ``noticed`` names that were told of, shortened."""

    stored: dict[str, str] = {}
    incomplete: dict[str, Incomplete] = {}
    noticed: frozenset[str] = frozenset()


def identity(status: os.stat_result) -> str:
    """What distinguishes a file from another of its name; not the inode, which some shares make up anew."""
    return f"{status.st_size}:{status.st_mtime_ns}"


def shortened(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:16]


def recalled(memory: str) -> Memory:
    """What was remembered; what can't be read is no memory, and all that is still there comes again as repeats."""
    try:
        return msgspec.json.decode(memory, type=Memory)
    except msgspec.DecodeError:
        return Memory()


def remembered(memory: Memory) -> str:
    return msgspec.json.encode(memory, order="sorted").decode() if memory != Memory() else ""
