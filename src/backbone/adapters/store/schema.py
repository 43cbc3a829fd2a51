"""Bringing a database to the schema of this version of the program, and its identity.

A new database gets the newest schema at once, an older one is migrated step by step; several processes may try at the
same time. A database that a newer program wrote is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import cast

import psycopg
from alembic import command, op
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

VERSION_TABLE = "schema_version"
_HERE = Path(__file__).parent
_ONE_AT_A_TIME = 0x6261636B626F6E65  # any number that nobody else uses for an advisory lock
# The search for a job is to walk along the queue and stop at the first that may run. A queue is empty most of the time:
# from such statistics the planner concludes that it may as well read and sort all of it, which takes 4 ms at 1,500
# waiting jobs and grows with their number. Without the index, looking for jobs of a lock has the same fault.
_ENGINE_TUNING = """
create index procrastinate_jobs_waiting_lock on procrastinate_jobs (lock) where status in ('todo', 'doing');
alter function procrastinate_fetch_job_v2(varchar[], bigint) set enable_sort = off;
alter function procrastinate_fetch_job_v2(varchar[], bigint) set enable_bitmapscan = off;
alter function procrastinate_fetch_job_v2(varchar[], bigint) set enable_seqscan = off;
alter function procrastinate_fetch_job_v2(varchar[], bigint) set enable_hashjoin = off;
alter function procrastinate_fetch_job_v2(varchar[], bigint) set enable_mergejoin = off;
alter table procrastinate_jobs set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
alter table procrastinate_events set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
"""


class DatabaseIsNewer(Exception):
    """An administrator must act: this program is older than the one that wrote the database."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(
            f"The database was written by a newer Backbone (schema {found}, this one knows up to {known}): "
            "install that version, or restore a backup made with this one."
        )


async def prepare(dsn: str) -> None:
    """Create or update the schema. Raises DatabaseIsNewer, and psycopg.Error as it comes."""
    await asyncio.to_thread(prepare_now, dsn)


def prepare_now(dsn: str) -> None:
    """The same for callers without an event loop."""
    with _driver_errors(), _connect(dsn) as connection, connection.begin():
        connection.exec_driver_sql("select pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        found, newest = _revision(connection), _scripts().get_current_head() or ""
        if found is None:
            _create(connection, newest)
        elif found not in {step.revision for step in _scripts().walk_revisions()}:
            raise DatabaseIsNewer(found, newest)
        elif found != newest:
            command.upgrade(_alembic(connection), "head")
        _name_installation(connection)


def migrate_from_nothing(dsn: str, to: str = "head") -> None:
    """Every migration in turn: the way an old database went. Tests compare its end with a new database."""
    with _connect(dsn) as connection, connection.begin():
        command.upgrade(_alembic(connection), to)
        _name_installation(connection)


async def new_incarnation(dsn: str) -> str:
    """To be called after a database was restored or cloned (rule 24): its past is not taken for repeats."""
    incarnation = token_hex(8)
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        await connection.execute("update installation set incarnation = %s, original = false", (incarnation,))
    return incarnation


def run_sql(script: str) -> None:
    """Run several statements inside a migration."""
    _run_script(op.get_bind(), script)


def apply_engine_schema() -> None:
    """Inside a migration: the tables of Procrastinate, and what makes its search for jobs quick at any length."""
    run_sql(SchemaManager.get_schema())
    run_sql(_ENGINE_TUNING)


def _connect(dsn: str) -> Connection:
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool).connect()


@contextmanager
def _driver_errors() -> Iterator[None]:
    """Callers know the driver and not what wraps it."""
    try:
        yield
    except DBAPIError as error:
        raise (error.orig or error) from error


def _run_script(connection: Connection, script: str) -> None:
    raw = cast("psycopg.Connection", connection.connection.driver_connection)
    raw.execute(script.encode())


def _create(connection: Connection, newest: str) -> None:
    _run_script(connection, (_HERE / "schema.sql").read_text(encoding="utf-8"))
    _run_script(connection, SchemaManager.get_schema())
    _run_script(connection, _ENGINE_TUNING)
    command.stamp(_alembic(connection), newest)


def _name_installation(connection: Connection) -> None:
    connection.exec_driver_sql(
        "insert into installation (id, incarnation) values (%s, %s) on conflict do nothing",
        (token_hex(16), token_hex(8)),
    )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_HERE / "migrations"))


def _alembic(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_HERE / "migrations").replace("%", "%%"))
    return config
