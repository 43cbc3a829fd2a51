"""Starting and stopping: whoever comes first starts the server of a home folder, all others find it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from urllib.parse import quote

import psycopg

from backbone.adapters.postgres.binaries import Binaries, find_binaries, keep
from backbone.adapters.postgres.cluster import ROLE, check_version, initialise, write_access_rules
from backbone.adapters.postgres.failure import PostgresUnavailable, from_os_error
from backbone.adapters.postgres.place import (
    PORT,
    Place,
    find_place,
    locked,
    make_place,
    recorded_socket_folder,
    socket_folder,
    socket_in,
)
from backbone.adapters.postgres.process import (
    end,
    ended_for_leftovers,
    find_server,
    launch,
    size_of_log,
    trim_log,
    wait_until,
    why_it_ended,
)

_PATIENCE = 120.0  # seconds; recovery after a crash takes its time
_PATIENCE_WITH_LEFTOVERS = 20.0  # seconds
_PATIENCE_WITHOUT_SOCKET = 5.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDatabase:
    """A server that answers; `started_by_us` tells whether this call started it, so who stops it can be decided."""

    dsn: str
    socket_folder: Path
    pid: int
    started_by_us: bool


async def start(home: Path, *, binaries: Path | None = None) -> RunningDatabase:
    """Return the server of this home folder, started if it does not run, with an empty database on first use.

    `binaries` is a folder of programs to use instead of the bundled ones (BACKBONE_PG_BIN).
    Raises PostgresUnavailable, whose cause and remedy are fit to be shown.
    """
    return await asyncio.to_thread(_start, home, binaries)


async def stop(home: Path) -> None:
    """Stop the server of this home folder; open transactions of whoever still uses it are rolled back."""
    await asyncio.to_thread(_stop, home)


def _start(home: Path, given: Path | None) -> RunningDatabase:
    with locked(home):
        place = make_place(home)
        try:
            folder = socket_folder(place)
            trim_log(place)
            pid = _find_answering(place, folder)
            started = pid is None
            if pid is None:
                pid = _launch(place, _prepare(place, given), folder)
        except OSError as error:
            raise from_os_error(error, doing="starting") from error
        return RunningDatabase(dsn=_dsn(folder, ROLE), socket_folder=folder, pid=pid, started_by_us=started)


def _stop(home: Path) -> None:
    if find_place(home) is None:
        return
    with locked(home):
        place = make_place(home)
        pid = find_server(place)
        if pid is not None:
            end(pid, place)
        folder = recorded_socket_folder(place)
        if folder is not None and folder != place.folder and folder.is_dir():
            with suppress(OSError):  # something foreign lies in it; the next start uses it again
                folder.rmdir()


def _prepare(place: Place, given: Path | None) -> Binaries:
    """Programs that suit the data, and data."""
    binaries = find_binaries(given, kept=place.kept)
    if (place.data / "PG_VERSION").is_file():
        check_version(place, binaries)
        binaries = keep(binaries, kept=place.kept)
    else:
        binaries = keep(binaries, kept=place.kept)
        initialise(place, binaries)
    write_access_rules(place)
    return binaries


def _find_answering(place: Place, folder: Path) -> int | None:
    """The server that runs already, once it answers; it may be recovering, or just ending."""
    pid = find_server(place)
    if pid is None:
        return None
    if not wait_until(
        lambda: socket_in(folder).exists() or find_server(place) != pid, seconds=_PATIENCE_WITHOUT_SOCKET
    ):
        end(pid, place)  # its socket was cleaned away, so nobody can reach it any more
        return None
    if not wait_until(lambda: _answers(folder) or find_server(place) != pid, seconds=_PATIENCE):
        raise _never_answered(place)
    return pid if find_server(place) == pid else None


def _launch(place: Place, binaries: Binaries, folder: Path) -> int:
    """Start the server and wait for its answer; again while children of a killed one are in its way."""
    end_of_patience = time.monotonic() + _PATIENCE_WITH_LEFTOVERS
    while True:
        since = size_of_log(place)
        process = launch(place, binaries, socket_folder=folder)
        if _wait_for_answer(process, folder, place):
            return process.pid
        if not ended_for_leftovers(place, since=since) or time.monotonic() > end_of_patience:
            raise why_it_ended(place, since=since)


def _wait_for_answer(process: Popen[bytes], folder: Path, place: Place) -> bool:
    """Whether the process answers; False if it ended instead."""
    if not wait_until(lambda: process.poll() is not None or _answers(folder), seconds=_PATIENCE):
        process.terminate()
        raise _never_answered(place)
    return process.poll() is None


def _answers(folder: Path) -> bool:
    """Whether the server answers a query to our database."""
    if not socket_in(folder).exists():
        return False
    try:
        with psycopg.connect(_dsn(folder, ROLE), connect_timeout=10) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError as error:
        return f'database "{ROLE}" does not exist' in str(error) and _name_database(folder)
    return True


def _name_database(folder: Path) -> bool:
    """Give our name to the database that every new cluster has: making another takes a fifth of a second."""
    try:
        with psycopg.connect(_dsn(folder, "template1"), connect_timeout=10) as connection:
            connection.execute("ALTER DATABASE postgres RENAME TO backbone")
    except psycopg.OperationalError:  # somebody is in it for a moment
        return False
    return True


def _dsn(folder: Path, database: str) -> str:
    return f"postgresql://{ROLE}@/{database}?host={quote(str(folder), safe='')}&port={PORT}"


def _never_answered(place: Place) -> PostgresUnavailable:
    return PostgresUnavailable(
        cause=f"The embedded PostgreSQL in {place.folder} runs but does not answer.",
        remedy=f"It may still be recovering: read {place.log}, wait, and start again.",
    )
