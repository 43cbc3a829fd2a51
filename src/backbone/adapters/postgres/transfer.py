"""A database as one file and back: by pg_dump and pg_restore, for the embedded one and for one of your own."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

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
    fresh = target.with_name(f"{target.name}.part")
    try:
        options = ["--format=custom", *_NOTHING_OF_THE_OWNER, f"--file={fresh}"]
        _run(binaries.program("pg_dump"), options, database, doing="writing the backup")
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
    options = ["--single-transaction", "--exit-on-error", *_NOTHING_OF_THE_OWNER, str(source)]
    _run(binaries.program("pg_restore"), options, database, doing="reading the backup")


def _run(program: Path, options: list[str], database: str, *, doing: str) -> None:
    """Run a client program; a password goes by the environment, because everybody can read arguments."""
    parts = conninfo_to_dict(database)
    password = parts.pop("password", None)
    environment = os.environ | {"LC_ALL": "C"} | ({"PGPASSWORD": str(password)} if password else {})
    command: list[str | Path] = [program, "--no-password", f"--dbname={make_conninfo('', **parts)}", *options]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - no shell
    except OSError as error:
        raise from_os_error(error, doing=doing) from error
    if done.returncode:
        raise from_output(done.stderr, doing=doing)
