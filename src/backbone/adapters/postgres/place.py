"""Where the files of one server lie, and the lock under which it is started and stopped.

HOME/postgres.lock          held while starting or stopping
HOME/postgres/              mode 0700, of the user who runs the server; a link where that user cannot enter HOME
    data/                   the cluster
    programs/               the programs that wrote it
    log  log.1              what the server said
    .s.PGSQL.5432           the socket; elsewhere if its path were too long, and then `socket` holds the folder
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backbone.adapters.postgres.account import Account, account_for
from backbone.adapters.postgres.failure import PostgresUnavailable, from_os_error

PORT = 5432  # no port of a network: only part of the name of the socket
_SOCKET = f".s.PGSQL.{PORT}"
_LONGEST_SOCKET_PATH = 103  # bytes: 107 on Linux, 103 on macOS and the BSDs
_FOR_ROOT = Path("/var/lib/backbone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folder of one server, and the user it belongs to."""

    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def kept(self) -> Path:
        return self.folder / "programs"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def record_of_socket(self) -> Path:
        return self.folder / "socket"


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the home folder's lock on its server; a process that dies lets go of it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(home / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:  # whoever the home belongs to must be able to open it when root is gone
            os.fchown(handle, home.stat().st_uid, home.stat().st_gid)
    except OSError as error:
        raise from_os_error(error, doing="opening its lock") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def kept_in(home: Path) -> Path:
    """Where the programs of the server of this home are kept; they may be there or not."""
    return home.absolute() / "postgres" / "programs"


def find_place(home: Path) -> Place | None:
    """The place of a server that was there before, if any."""
    link = home.absolute() / "postgres"
    return Place(folder=link.resolve(), account=account_for(link)) if link.is_dir() else None


def make_place(home: Path) -> Place:
    """The place of the server, made if it is new."""
    link = home.absolute() / "postgres"
    try:
        account = account_for(link)
        if not link.is_dir():
            _make_folder(link, account)
        folder = link.resolve()
        folder.chmod(0o700)
        account.own(folder)
    except OSError as error:
        raise from_os_error(error, doing="making its folder") from error
    if not account.may_enter(folder):
        raise PostgresUnavailable(
            cause=f"The user {account.name or account.uid}, as whom PostgreSQL runs, cannot enter {folder}.",
            remedy="Set BACKBONE_HOME to a folder that every user may pass through, such as /var/lib/backbone.",
        )
    return Place(folder=folder, account=account)


def _make_folder(link: Path, account: Account) -> None:
    """Make the folder in the home; where another user could not enter it, make it elsewhere and link to it.

    The home of root is closed to everybody, rightly, and stays so.
    """
    link.unlink(missing_ok=True)  # a link whose target is gone
    folder = link
    if not account.may_enter(link.parent):
        _FOR_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder = _FOR_ROOT / hashlib.sha256(os.fsencode(link.parent.resolve())).hexdigest()[:16]
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder != link:
        link.symlink_to(folder)


def socket_folder(place: Place) -> Path:
    """The folder for the socket, made if it is new: the place itself, or a short one that the place records."""
    if fits(place.folder):
        place.record_of_socket.unlink(missing_ok=True)
        return place.folder
    recorded = recorded_socket_folder(place)
    if recorded and _is_private(recorded, place.account):
        return recorded
    short = Path(tempfile.mkdtemp(prefix="backbone-", dir=_runtime_folder(place.account)))
    place.account.own(short)
    write_private(place.record_of_socket, f"{short}\n", place.account)
    return short


def recorded_socket_folder(place: Place) -> Path | None:
    """Where the place says its socket is."""
    if fits(place.folder):
        return place.folder
    if not place.record_of_socket.is_file():
        return None
    return Path(place.record_of_socket.read_text(encoding="utf-8").strip())


def write_private(path: Path, text: str, account: Account) -> None:
    """Write a file of the server's user as a whole; root must not be led elsewhere by a link that user has laid."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    account.own(fresh)
    fresh.replace(path)


def socket_in(folder: Path) -> Path:
    return folder / _SOCKET


def fits(folder: Path) -> bool:
    return len(os.fsencode(socket_in(folder))) <= _LONGEST_SOCKET_PATH


def _runtime_folder(account: Account) -> Path:
    of_user = Path("/run/user", str(account.uid))
    return of_user if of_user.is_dir() and account.may_enter(of_user) else Path("/tmp")  # noqa: S108 - mkdtemp makes a private folder in it


def _is_private(folder: Path, account: Account) -> bool:
    """Whether the folder is still ours alone: others may have made one of its name after it was cleaned away."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    state = folder.stat()
    return state.st_uid == account.uid and state.st_mode & 0o777 == 0o700
