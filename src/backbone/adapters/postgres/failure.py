"""What is said when the database cannot be had, and who must act."""

from __future__ import annotations

import errno
import shutil


class PostgresUnavailable(Exception):
    """The PostgreSQL we bring along cannot serve; the administrator of this machine must act.

    `cause` and `remedy` are one sentence each, fit to be shown as they are.
    """

    def __init__(self, *, cause: str, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy


def from_os_error(error: OSError, *, doing: str) -> PostgresUnavailable:
    """Say in one sentence what the operating system refused while we were `doing` something."""
    if isinstance(error, shutil.Error):  # a list of all that went wrong in a tree; the first says enough
        return from_output(str(error.args[0][0][-1]), doing=doing)
    where = f" ({error.filename})" if error.filename else ""
    cause = f"The embedded PostgreSQL failed while {doing}: {error.strerror or error}{where}."
    return PostgresUnavailable(cause=cause, remedy=_remedy(error.errno))


def from_output(output: str, *, doing: str) -> PostgresUnavailable:
    """Say in one sentence what a program of PostgreSQL complained about; `output` is what it wrote, perhaps much."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line.lower() for word in ("fatal:", "error:", "panic:"))]
    of_system = [line for line in lines if _number_in(line)]
    said = (of_system or telling or lines or ["it said nothing"])[-1]
    cause = f"The embedded PostgreSQL failed while {doing}: {said.rstrip('.')}."
    return PostgresUnavailable(cause=cause, remedy=_remedy_in(output) or _remedy(_number_in(output)))


def _remedy_in(output: str) -> str | None:
    """The cure for complaints of pg_dump and pg_restore that have one of their own."""
    if "server version mismatch" in output or "unsupported version" in output:
        return "Set BACKBONE_PG_BIN to the programs of a PostgreSQL at least as new as the database or the file."
    if "SSL support is not compiled in" in output:
        return "Set BACKBONE_PG_BIN to the programs of a PostgreSQL with TLS, such as your system's."
    return None


def _number_in(output: str) -> int | None:
    """Which error of the operating system a program ran into, told by the words of the C locale."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return errno.ENOSPC
    if "Permission denied" in output or "Operation not permitted" in output:
        return errno.EACCES
    if "Read-only file system" in output:
        return errno.EROFS
    return None


def _remedy(number: int | None) -> str:
    match number:
        case errno.ENOSPC | errno.EDQUOT:
            return "Make room on that disk (a fresh database needs about 150 MB), then start again."
        case errno.EACCES | errno.EPERM:
            return (
                "Give the user who runs Backbone the right to use that folder, or set BACKBONE_HOME to another folder."
            )
        case errno.EROFS:
            return "Set BACKBONE_HOME to a folder on a file system that can be written."
        case _:
            return (
                "Read postgres/log in the home folder for more, or name a PostgreSQL of yours in BACKBONE_DATABASE_URL."
            )
