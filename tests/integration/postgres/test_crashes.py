"""Processes killed at bad moments, and what they leave behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from backbone.adapters.postgres import start, stop
from tests.integration.postgres.conftest import StartChild, said_by
from tests.parts.processes import has_ended


def count_of_things(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT count(*) FROM thing").fetchone()


@contextmanager
def stranger(*, uid: int) -> Iterator[int]:
    """Lend the id of a process that is no server but belongs to the server's user."""
    with psutil.Popen(["sleep", "600"], user=uid, cwd="/") as process:
        yield process.pid
        process.kill()


async def test_a_server_left_by_a_killed_program_is_found_and_used(
    home: Path, programs: Path | None, start_child: StartChild
) -> None:
    child = start_child(home, programs)
    left = said_by(child)
    child.kill()
    child.wait()

    running = await start(home, binaries=programs)

    assert left["started_by_us"] is True
    assert (running.pid, running.started_by_us) == (left["pid"], False)


def test_programs_that_start_at_once_share_one_server(home: Path, start_child: StartChild) -> None:
    children = [start_child(home) for _ in range(3)]

    said = [said_by(child) for child in children]

    assert len({answer["pid"] for answer in said}) == 1
    assert sorted(answer["started_by_us"] for answer in said) == [False, False, True]
    assert {answer["answer"] for answer in said} == {"('backbone',)"}


async def test_a_killed_server_is_started_again_with_all_that_was_committed(home: Path, programs: Path | None) -> None:
    first = await start(home, binaries=programs)
    with psycopg.connect(first.dsn) as connection:
        connection.execute("CREATE TABLE thing AS SELECT generate_series(1, 1000)")
        connection.commit()
        os.kill(first.pid, signal.SIGKILL)

        second = await start(home, binaries=programs)

    assert second.started_by_us
    assert second.pid != first.pid
    assert count_of_things(second.dsn) == (1000,)


async def test_a_process_id_that_a_stranger_has_now_does_not_count(home: Path, programs: Path | None) -> None:
    first = await start(home, binaries=programs)
    folder = home / "postgres"
    uid = psutil.Process(first.pid).uids().effective
    os.kill(first.pid, signal.SIGKILL)
    with stranger(uid=uid) as pid:
        for file in (folder / "data" / "postmaster.pid", folder / ".s.PGSQL.5432.lock"):
            file.write_text(file.read_text().replace(f"{first.pid}\n", f"{pid}\n", 1))

        second = await start(home, binaries=programs)

        assert second.started_by_us
        assert psutil.pid_exists(pid)


async def test_stopping_never_harms_a_stranger(home: Path) -> None:
    first = await start(home)
    uid = psutil.Process(first.pid).uids().effective
    await stop(home)
    with stranger(uid=uid) as pid:
        (home / "postgres" / "data" / "postmaster.pid").write_text(f"{pid}\n")

        await stop(home)

        assert psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def test_an_initialisation_that_was_killed_is_begun_anew(home: Path) -> None:
    await start(home)
    await stop(home)
    folder = home / "postgres"
    (folder / "data").rename(folder / "data.new")
    (folder / "data.new" / "PG_VERSION").unlink()
    (folder / "programs").rename(folder / "programs.new")

    running = await start(home)

    assert running.started_by_us
    assert {path.name for path in folder.iterdir()} == {
        ".s.PGSQL.5432",
        ".s.PGSQL.5432.lock",
        "data",
        "log",
        "programs",
    }


async def test_a_server_whose_socket_was_cleaned_away_is_replaced(home: Path) -> None:
    first = await start(home)
    (first.socket_folder / ".s.PGSQL.5432").unlink()

    second = await start(home)

    assert second.started_by_us
    assert has_ended(first.pid)
