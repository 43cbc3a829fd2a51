"""A database as one file and back, for the embedded one and for one of your own, by the programs of PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryFile
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from backbone.adapters.postgres.binaries import Binaries
from backbone.adapters.postgres.failure import PostgresUnavailable, from_os_error, from_output

_NOTHING_OF_THE_OWNER = ("--no-owner", "--no-privileges")
_RELATIONS_OF_OURS = """
    SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
"""


async def dump(database: str, target: Path, *, binaries: Binaries) -> None:
    """Write the whole database (a DSN), as it is at one moment, to the file `target`; others may go on using it."""
    await asyncio.to_thread(_dump, database, target, binaries)


async def load(database: str, source: Path, *, binaries: Binaries) -> None:
    """Read the file `source` that `dump` wrote into an empty database (a DSN), all or nothing."""
    await asyncio.to_thread(_load, database, source, binaries)


def _dump(database: str, target: Path, binaries: Binaries) -> None:
    arguments, environment = _to_connect(database)
    fresh = target.with_name(f"{target.name}.part")
    options = ["--format=custom", *_NOTHING_OF_THE_OWNER, f"--file={fresh}"]
    command: list[str | Path] = [binaries.program("pg_dump"), *arguments, *options]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - no shell
        if done.returncode:
            raise from_output(done.stderr.decode("utf-8", "replace"), doing="writing the backup")
        fresh.replace(target)
    except OSError as error:
        raise from_os_error(error, doing="writing the backup") from error
    finally:
        fresh.unlink(missing_ok=True)


def _load(database: str, source: Path, binaries: Binaries) -> None:
    try:
        with psycopg.connect(database) as connection:
            row = connection.execute(_RELATIONS_OF_OURS).fetchone()
    except psycopg.OperationalError as error:
        raise from_output(str(error), doing="reading the backup") from error
    if row != (0,):
        raise PostgresUnavailable(
            cause="The database to restore into is not empty.",
            remedy="Restore into an empty one: an unused BACKBONE_HOME, or a database made by CREATE DATABASE.",
        )
    try:
        with TemporaryFile() as complaints:
            failed = _pour(source, database, binaries, complaints)
            complaints.seek(0)
            said = complaints.read().decode("utf-8", "replace")
    except OSError as error:
        raise from_os_error(error, doing="reading the backup") from error
    if failed:
        raise from_output(said, doing="reading the backup")


def _pour(source: Path, database: str, binaries: Binaries, complaints: IO[bytes]) -> bool:
    """Turn the file into a script and have it run in one transaction; tell whether that failed.

    pg_restore alone would not do: it sets a parameter that servers before 17 do not know.
    """
    arguments, environment = _to_connect(database)
    script: list[str | Path] = [binaries.program("pg_restore"), "--file=-", *_NOTHING_OF_THE_OWNER, source]
    client: list[str | Path] = [binaries.program("psql"), *arguments, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    with (
        subprocess.Popen(script, stdout=PIPE, stderr=complaints) as reader,  # noqa: S603 - no shell
        subprocess.Popen(client, env=environment, stdin=PIPE, stdout=DEVNULL, stderr=complaints) as writer,  # noqa: S603 - no shell
        suppress(BrokenPipeError),  # the client gave up; it has said why
    ):
        assert reader.stdout is not None, "asked for by PIPE"
        assert writer.stdin is not None, "asked for by PIPE"
        writer.stdin.write(b"BEGIN;\n")
        writer.stdin.writelines(_without_timeout(reader.stdout))
        if reader.wait() == 0:  # else the end of the script is missing, and nothing is committed
            writer.stdin.write(b"COMMIT;\n")
        writer.stdin.close()
    return bool(reader.returncode or writer.returncode)


def _without_timeout(script: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out the one setting that servers before 17 refuse; it stands in the head, before any data."""
    lines = iter(script)
    for line in lines:
        if line == b"SET transaction_timeout = 0;\n":
            break
        yield line
        if line.startswith((b"CREATE ", b"COPY ")):
            break
    yield from lines


def _to_connect(database: str) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment of a client program; a password goes by the latter, as everybody can read the former."""
    parts = conninfo_to_dict(database)
    password = parts.pop("password", None)
    environment = os.environ | {"LC_ALL": "C"} | ({"PGPASSWORD": str(password)} if password else {})
    return ["--no-password", f"--dbname={make_conninfo('', **parts)}"], environment
