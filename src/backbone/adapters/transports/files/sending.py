"""The way out by files: a parcel appears in the directory as a whole, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable

from backbone.adapters.transports.files.directory import discard, is_misplaced_link, misplaced, sync, write
from backbone.adapters.transports.files.failure import PASSING
from backbone.adapters.transports.files.names import is_part, parcel_name, part_name
from backbone.adapters.transports.files.places import within
from backbone.adapters.transports.files.survey import LARGEST
from backbone.ports.transport import SendingDirectory, TooLargeToSend

_A_DAY = 86_400.0
_PROBE = b"This file tests whether parcels can be written here. It may be removed.\n"

Rename = Callable[[int, str, str], None]


def rename_within(handle: int, old: str, new: str) -> None:
    """Rename a file of a directory."""
    os.rename(old, new, src_dir_fd=handle, dst_dir_fd=handle)


class DirectorySender:
    """A ``Sender`` that puts files into a directory. ``now`` (seconds) and ``rename`` are replaced by tests."""

    def __init__(
        self,
        place: SendingDirectory,
        *,
        now: Callable[[], float] = time.time,
        rename: Rename = rename_within,
    ) -> None:
        self._place = place
        self._now = now
        self._rename = rename
        self._newest = 0

    async def send(self, parcel: bytes) -> None:
        if len(parcel) > LARGEST:
            raise TooLargeToSend(f"a file of {len(parcel)} bytes is larger than {LARGEST}")
        await asyncio.to_thread(within, self._place, lambda handle: self._put(handle, parcel))

    async def check(self) -> None:
        await asyncio.to_thread(within, self._place, self._probe)

    async def close(self) -> None:
        return

    def _put(self, handle: int, parcel: bytes) -> None:
        self._sweep(handle)
        part = write(handle, parcel)
        try:
            self._date(handle, part)
            self._put_in_place(handle, part, parcel_name(parcel), len(parcel))
        except OSError:
            discard(handle, part)
            raise
        sync(handle)

    def _date(self, handle: int, part: str) -> None:
        """Let a file be newer than the one before: clocks of file systems tick in milliseconds, or seconds."""
        modified = os.stat(part, dir_fd=handle, follow_symlinks=False).st_mtime_ns
        if modified <= self._newest:
            modified = self._newest + 1
            with contextlib.suppress(OSError):  # they would come in another order, which is no harm
                os.utime(part, ns=(modified, modified), dir_fd=handle, follow_symlinks=False)
        self._newest = modified

    def _put_in_place(self, handle: int, part: str, name: str, size: int) -> None:
        """Give a file its name. Shares tell of errors though it has it: the first answer was lost, not the call."""
        try:
            self._rename(handle, part, name)
        except OSError as error:
            if error.errno not in PASSING or not _is_there(handle, name, size):
                raise

    def _probe(self, handle: int) -> None:
        self._sweep(handle)
        part, other = write(handle, _PROBE), part_name()
        try:
            self._put_in_place(handle, part, other, len(_PROBE))
            os.unlink(other, dir_fd=handle)
        except OSError:
            discard(handle, part)
            discard(handle, other)
            raise
        sync(handle)

    def _sweep(self, handle: int) -> None:
        """Remove what a killed process of ours left behind; a day is more than any clock of a server is off."""
        with os.scandir(handle) as entries:
            for entry in entries:
                if is_misplaced_link(entry):
                    raise misplaced(self._place.path, entry.name)
                if is_part(entry.name) and self._is_old(entry):
                    discard(handle, entry.name)

    def _is_old(self, entry: os.DirEntry[str]) -> bool:
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        return entry.is_file(follow_symlinks=False) and self._now() - status.st_mtime > _A_DAY


def _is_there(handle: int, name: str, size: int) -> bool:
    try:
        return os.stat(name, dir_fd=handle, follow_symlinks=False).st_size == size
    except FileNotFoundError:
        return False
