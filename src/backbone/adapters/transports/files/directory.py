"""A directory by its handle: whatever happens to its path meanwhile, one look is a look at one directory."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from backbone.adapters.transports.files.names import part_name
from backbone.ports.transport import NotOurPlace

_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
# SMB and some FUSE file systems cannot sync a directory; their servers write names at once.
_CANNOT_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EISDIR})
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_GROUP = 0o060


class Unfit(Exception):
    """A file that is not taken; the text says why."""


class Changed(Unfit):
    """A file that somebody writes to just now."""


@contextlib.contextmanager
def opened(path: str) -> Iterator[int]:
    """The handle of the directory to which a path, or the link there, leads now.

    Raises NotOurPlace when there is none: directories are made at set-up and never again.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in _NOT_THERE:
            raise
        raise NotOurPlace(
            f"{path}: {os.strerror(error.errno or 0)}",
            cure="Mount the share, or put the directory or the symbolic link back; Backbone never makes it again.",
        ) from error
    try:
        yield handle
    finally:
        os.close(handle)


def unfit(status: os.stat_result, largest: int) -> str:
    """Why a file is not taken, or nothing.

    A file with further hard links may be one that its owner never meant for this directory.
    """
    if stat.S_ISLNK(status.st_mode):
        return "a symbolic link"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if status.st_nlink > 1:
        return "a file with several hard links"
    if status.st_size > largest:
        return f"larger than {largest} bytes"
    return ""


def read(handle: int, name: str, largest: int) -> tuple[bytes, os.stat_result]:
    """A regular file of the directory as a whole. Raises Unfit, also when it changed meanwhile, and OSError."""
    try:
        number = os.open(name, _READING, dir_fd=handle)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise Unfit("a symbolic link") from error
    with open(number, "rb") as file:  # noqa: PTH123 - opened relative to the handle, which a path cannot be
        before = os.fstat(number)
        if reason := unfit(before, largest):
            raise Unfit(reason)
        content = file.read(before.st_size + 1)
        after = os.fstat(number)
    if len(content) != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise Changed("changed while it was read")
    return content, after


def write(handle: int, content: bytes, *, readable: bool = False) -> str:
    """Write a new file under a temporary name for good, and return the name.

    It is as accessible to the group as the directory is, and to nobody else; with ``readable`` to all who see it.
    """
    name = part_name()
    shared = 0o044 if readable else os.fstat(handle).st_mode & _GROUP
    number = os.open(name, _WRITING, 0o600, dir_fd=handle)
    try:
        with open(number, "wb") as file:  # noqa: PTH123 - opened relative to the handle, which a path cannot be
            file.write(content)
            file.flush()
            if shared:
                # SMB has rights of its own and may refuse modes.
                with contextlib.suppress(OSError):
                    os.fchmod(number, 0o600 | shared)
            os.fsync(number)
    except OSError:
        discard(handle, name)
        raise
    return name


def discard(handle: int, name: str) -> None:
    """Remove a file of ours if that is possible; what stays is swept later."""
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=handle)


def is_misplaced_link(entry: os.DirEntry[str]) -> bool:
    """Whether this is what ``ln -s`` leaves inside of a directory that should have been removed first."""
    with contextlib.suppress(OSError):  # a link in a circle, or to where we may not look
        return entry.is_symlink() and entry.is_dir()
    return False


def misplaced(path: str, name: str) -> NotOurPlace:
    """What to raise where there is such a link."""
    return NotOurPlace(
        f"{path} contains a symbolic link to a directory, {ascii(name)[:80]}, instead of being one",
        cure=f"Move the files aside, remove the directory {path}, and make the link in its place; or remove the link.",
    )


def sync(handle: int) -> None:
    """Make names that were given or removed last."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
