"""The database of a process, and what its errors mean to an administrator."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
from psycopg_pool import PoolTimeout

from backbone.adapters import postgres
from backbone.adapters.store import (
    DatabaseIsNewer,
)
from backbone.app.usecases.mistakes import Mistake
from backbone.settings import Settings


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """The address of a database that answers: yours, or the one in the home folder, started if it does not run.

    Raises Mistake. Whoever is the last to use the home folder's server stops it.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with _in_use(settings.home) as last:
        try:
            running = await postgres.start(settings.home, binaries=settings.pg_bin)
        except postgres.PostgresUnavailable as error:
            raise Mistake("database", error.cause, error.remedy) from error
        try:
            yield running.dsn
        finally:
            if last():
                await postgres.stop(settings.home)


@contextmanager
def _in_use(home: Path) -> Iterator[Callable[[], bool]]:
    """Say that this process uses the home's server; what is yielded tells whether nobody else does."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(home / "in-use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        cause = f"the folder can't be used: {(error.strerror or type(error).__name__).lower()}"
        raise Mistake(str(home), cause, "Set BACKBONE_HOME to a folder that can be written") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield lambda: _alone(handle)
    finally:
        os.close(handle)


def _alone(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def told_plainly() -> Iterator[None]:
    """Errors of the database that its administrator must mend, as one sentence."""
    try:
        yield
    except DatabaseIsNewer as error:
        raise Mistake("database", *_two_sentences(str(error))) from error
    except postgres.PostgresUnavailable as error:
        raise Mistake("database", error.cause, error.remedy) from error
    except psycopg.errors.DiskFull as error:
        cure = "Make room on that disk, then try again"
        raise Mistake("database", _first_line(error), cure) from error
    except (psycopg.OperationalError, PoolTimeout) as error:
        cure = "Check BACKBONE_DATABASE_URL and that this PostgreSQL runs and lets us in"
        raise Mistake("database", f"can't be reached: {_reason(error)}", cure) from error
    except psycopg.errors.InsufficientPrivilege as error:
        cure = "Give the user of BACKBONE_DATABASE_URL the right to create tables in that database"
        raise Mistake("database", _first_line(error), cure) from error


def _two_sentences(text: str) -> tuple[str, str]:
    cause, _, cure = text.partition(": ")
    return cause, cure[:1].upper() + cure[1:]


def _reason(error: Exception) -> str:
    """Why no connection came about: the last line that is no hint in the form of a question."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.endswith("?")]
    return (told or lines or [type(error).__name__])[-1]


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
