"""The process of the server: which one it is, launching it, ending it, what it wrote to its log."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from backbone.adapters.postgres.binaries import ENVIRONMENT, Binaries
from backbone.adapters.postgres.failure import PostgresUnavailable, from_os_error, from_output
from backbone.adapters.postgres.place import PORT, Place, socket_in, write_private

_PAUSE = 0.01  # seconds between two looks
_LARGEST_LOG = 1_000_000  # bytes
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "fsync": "on",
    "logging_collector": "off",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # details of an error hold values, and contents of issues are never logged
    "log_min_error_statement": "panic",  # nor statements
}


def find_server(place: Place) -> int | None:
    """The process id of the server of this place, if it runs; a stale file or an id used anew does not count."""
    pid = _pid_in(place.data / "postmaster.pid")
    return pid if pid is not None and _serves(pid, place) else None


def wait_until(happened: Callable[[], bool], *, seconds: float) -> bool:
    """Look until it happened or the time is over; tell whether it happened."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE)
    return True


def launch(place: Place, binaries: Binaries, *, socket_folder: Path) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that it outlives us and our terminal."""
    _disown(place.data / "postmaster.pid", place)
    _disown(Path(f"{socket_in(socket_folder)}.lock"), place)
    settings = [
        f"--{name}={value}" for name, value in (_SETTINGS | {"unix_socket_directories": str(socket_folder)}).items()
    ]
    try:
        with os.fdopen(_open_log(place), "ab") as log:
            process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell, and programs we looked for ourselves
                [binaries.program("postgres"), "-D", place.data, *settings],
                cwd="/",
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=0o077,
                **place.account.switch(),
            )
    except OSError as error:
        raise from_os_error(error, doing="starting") from error
    # It may end long before us, and somebody has to take note, lest its entry stay in the table of processes.
    threading.Thread(target=process.wait, name=f"postgres-{process.pid}", daemon=True).start()
    return process


def end(pid: int, place: Place) -> None:
    """End the server: quickly but cleanly, and if that takes too long, leaving the rest to recovery at the next start."""
    for number, patience in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0)):
        if not _serves(pid, place):
            return
        os.kill(pid, number)
        if wait_until(lambda: not _serves(pid, place), seconds=patience):
            return
    raise PostgresUnavailable(
        cause=f"The embedded PostgreSQL (process {pid}) does not end.",
        remedy=f"Look at what holds it up (often a disk that hangs), then end it by `kill -9 {pid}`.",
    )


def trim_log(place: Place) -> None:
    """Keep the log small, also below a running server, which appends to it."""
    if place.log.is_symlink() or not place.log.is_file() or place.log.stat().st_size <= _LARGEST_LOG:
        return
    older = place.log.with_name("log.1")
    older.unlink(missing_ok=True)
    shutil.copy2(place.log, older)
    place.account.own(older)
    os.truncate(place.log, 0)


def size_of_log(place: Place) -> int:
    return place.log.stat().st_size if place.log.is_file() else 0


def why_it_ended(place: Place, *, since: int) -> PostgresUnavailable:
    """What the log says from byte `since` on."""
    with place.log.open("rb") as log:
        log.seek(since)
        return from_output(log.read().decode("utf-8", "replace"), doing="starting")


def ended_for_leftovers(place: Place, *, since: int) -> bool:
    """Whether it gave way to children of a killed server, which take a moment to notice that they are orphans."""
    return "pre-existing shared memory block" in str(why_it_ended(place, since=since))


def _open_log(place: Place) -> int:
    handle = os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() != place.account.uid:
        os.fchown(handle, place.account.uid, place.account.gid)
    return handle


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="utf-8").splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _serves(pid: int, place: Place) -> bool:
    """Whether the process is a server of this data folder, told by its command line.

    Its working folder would tell the same, but root in a container may not see that of another user.
    """
    return str(place.data) in _arguments(pid)


def _arguments(pid: int) -> list[str]:
    if Path("/proc/self").exists():
        try:
            return os.fsdecode(Path("/proc", str(pid), "cmdline").read_bytes()).split("\0")
        except OSError:  # it ended, perhaps while we were reading
            return []
    listed = subprocess.run(  # noqa: S603 - no shell, no foreign input
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.split(" ")


def _disown(file: Path, place: Place) -> None:
    """Free a lock file of a dead server whose process id a foreign process has now: the server would believe it alive.

    The id is replaced by ours, the parent's, which the server takes for stale. The file stays, because the server
    also finds in it whether children of the dead one still use the shared memory.
    """
    pid = _pid_in(file)
    if pid is None or _serves(pid, place):
        return
    _, *others = file.read_text(encoding="utf-8").splitlines(keepends=True)
    write_private(file, "".join([f"{os.getpid()}\n", *others]), place.account)
