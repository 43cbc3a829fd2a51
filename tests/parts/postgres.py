"""Real PostgreSQL for tests: one server a process of pytest, one fresh database a test.

`database` is on the bundled PostgreSQL; `any_database` runs a test twice, on the bundled one and on Debian's.
A folder of tests that wants a schema overrides `migrate_schema` in its conftest: the schema is made once as a template.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from backbone.adapters.postgres import start, stop

Migrate = Callable[[str], None]  # brings the empty database of a DSN to the newest schema
_DEBIAN = Path("/usr/lib/postgresql")
_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private folder in it
_ROOM = 2_000_000_000  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseServer:
    """A server for tests; `binaries` is None for the bundled programs."""

    dsn: str
    pid: int
    binaries: Path | None
    templates: dict[Migrate, str] = field(default_factory=dict)

    @contextmanager
    def database(self, migrate: Migrate | None = None) -> Iterator[str]:
        """Lend a database of its own, empty or migrated; connections left open do not keep it from being removed."""
        name = self._create(template=self._template(migrate) if migrate else "template1")
        try:
            yield self.dsn_of(name)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def dsn_of(self, database: str) -> str:
        return make_conninfo(self.dsn, dbname=database)

    def _template(self, migrate: Migrate) -> str:
        if migrate not in self.templates:
            name = self._create(template="template1")
            migrate(self.dsn_of(name))
            self.templates[migrate] = name
        return self.templates[migrate]

    def _create(self, *, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)


def debian_binaries() -> Path:
    """The programs of the newest PostgreSQL that Debian's packages brought; a test that needs them fails without."""
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.fail(
            f"Debian's PostgreSQL is missing below {_DEBIAN}: run `make test-parts`, or apt-get install postgresql"
        )
    return found[-1].parent


@contextmanager
def home_folder(within: Path | None = None) -> Iterator[Path]:
    """Lend a home folder with a short path that every user may pass through: tests may run as root, servers never do.

    Whatever server is left running in it is stopped.
    """
    parent = Path(tempfile.mkdtemp(prefix="backbone-test-", dir=within))
    parent.chmod(0o711)
    home = parent / "home"
    try:
        yield home
    finally:
        if home.exists():
            asyncio.run(stop(home))
        shutil.rmtree(parent)


def _fastest_folder() -> Path | None:
    """Memory where it is large enough and programs may run in it (not in containers): flushing costs nothing there."""
    usable = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    return _MEMORY if usable and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC else None


@contextmanager
def _server(binaries: Path | None) -> Iterator[DatabaseServer]:
    with home_folder(_fastest_folder()) as home:
        running = asyncio.run(start(home, binaries=binaries))
        yield DatabaseServer(dsn=running.dsn, pid=running.pid, binaries=binaries)


@pytest.fixture(scope="session")
def bundled_postgres() -> Iterator[DatabaseServer]:
    with _server(None) as server:
        yield server


@pytest.fixture(scope="session")
def debian_postgres() -> Iterator[DatabaseServer]:
    with _server(debian_binaries()) as server:
        yield server


@pytest.fixture(params=["bundled", "debian"])
def any_postgres(request: pytest.FixtureRequest) -> DatabaseServer:
    server = request.getfixturevalue(f"{request.param}_postgres")
    assert isinstance(server, DatabaseServer)
    return server


@pytest.fixture(scope="session")
def migrate_schema() -> Migrate | None:
    """Nothing: databases are empty unless a conftest overrides this."""
    return None


@pytest.fixture
def database(bundled_postgres: DatabaseServer, migrate_schema: Migrate | None) -> Iterator[str]:
    with bundled_postgres.database(migrate_schema) as dsn:
        yield dsn


@pytest.fixture
def any_database(any_postgres: DatabaseServer, migrate_schema: Migrate | None) -> Iterator[str]:
    with any_postgres.database(migrate_schema) as dsn:
        yield dsn
