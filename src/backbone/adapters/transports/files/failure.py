"""What the system says when a directory does not work, and what a person can do about it."""

from __future__ import annotations

import errno
import os

from backbone.ports.transport import TooLargeToSend, TransportError

PASSING = frozenset({errno.ESTALE, errno.EIO, errno.ENOENT})
"""Errors that shares tell although all is well: of another server's cache, or of a call that was made twice."""

LACKING_RIGHTS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

_AWAY = frozenset({errno.ESTALE, errno.EIO, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOTCONN})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def told(error: OSError, path: str) -> TransportError:
    """The failure in the system's own words."""
    words = f"{path}: {os.strerror(error.errno) if error.errno else error}"
    if error.errno == errno.EFBIG:
        return TooLargeToSend(words, cure="Raise the limit of the size of files there.")
    return TransportError(words, cure=_cure(error.errno))


def _cure(number: int | None) -> str:
    if number in _FULL:
        return "Make room on that file system, or raise the quota; nothing is lost, and it is tried again by itself."
    if number == errno.EROFS:
        return "Mount that file system for writing: parcels are put there and removed."
    if number in LACKING_RIGHTS:
        return f"Let the account that runs Backbone (user id {os.geteuid()}) read, write and remove files there."
    if number in _AWAY:
        return "Look whether the file server runs and is reached; it is tried again by itself."
    if number in {errno.EMFILE, errno.ENFILE}:
        return "Raise the number of files that may be open at once."
    return "Look at that directory; it is tried again by itself."
