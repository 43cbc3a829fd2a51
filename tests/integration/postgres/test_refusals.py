"""What cannot be done is said in one sentence each: the cause, and the remedy."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from backbone.adapters.postgres import Binaries, PostgresUnavailable, find_binaries, start, stop
from backbone.adapters.postgres.binaries import keep
from tests.integration.postgres.conftest import StartChild, said_by
from tests.integration.postgres.test_places_and_users import NAMELESS
from tests.parts.postgres import debian_binaries


@pytest.fixture
def disk_full_programs(home: Path) -> Path:
    """Programs whose initdb writes to a device that is always full."""
    folder = home.parent / "programs"
    folder.mkdir(parents=True)
    for program in debian_binaries().iterdir():
        (folder / program.name).symlink_to(program)
    (folder / "initdb").unlink()
    (folder / "initdb").write_text("#!/bin/sh\nexec dd if=/dev/zero of=/dev/full count=1\n")
    (folder / "initdb").chmod(0o755)
    return folder


async def test_data_of_another_major_version_are_left_alone(home: Path) -> None:
    debian = debian_binaries()
    first = await start(home, binaries=debian)
    with psycopg.connect(first.dsn) as connection:
        connection.execute("CREATE TABLE thing ()")
    await stop(home)

    with pytest.raises(PostgresUnavailable) as caught:
        await start(home)

    assert f"written by PostgreSQL {find_binaries(debian).major()}" in caught.value.cause
    assert f"are {find_binaries(None).version()}" in caught.value.cause
    assert "`backbone backup FILE`" in caught.value.remedy
    assert "`backbone restore FILE`" in caught.value.remedy
    again = await start(home, binaries=debian)
    with psycopg.connect(again.dsn) as connection:
        assert connection.execute("SELECT count(*) FROM thing").fetchone() == (0,)


async def test_bundled_data_are_not_opened_by_debians_programs(home: Path) -> None:
    await start(home)
    await stop(home)

    with pytest.raises(
        PostgresUnavailable, match=r"were written by PostgreSQL 18, the programs in /usr/lib/postgresql"
    ):
        await start(home, binaries=debian_binaries())


async def test_missing_programs_are_named(home: Path, tmp_path: Path) -> None:
    with pytest.raises(PostgresUnavailable) as caught:
        await start(home, binaries=tmp_path)

    assert caught.value.cause.endswith("lacks the PostgreSQL programs postgres, initdb, pg_dump, pg_restore, psql.")
    assert "BACKBONE_PG_BIN" in caught.value.remedy


async def test_a_full_disk_is_called_one(home: Path, disk_full_programs: Path) -> None:
    with pytest.raises(PostgresUnavailable) as caught:
        await start(home, binaries=disk_full_programs)

    assert "No space left on device" in caught.value.cause
    assert caught.value.remedy.startswith("Make room on that disk")


async def test_after_the_disk_has_room_again_it_starts(home: Path, disk_full_programs: Path) -> None:
    with pytest.raises(PostgresUnavailable):
        await start(home, binaries=disk_full_programs)

    running = await start(home, binaries=debian_binaries())

    assert running.started_by_us


def test_a_copy_that_fails_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    for name in ("one", "other"):
        (package / name).symlink_to("/nowhere")

    with pytest.raises(PostgresUnavailable) as caught:
        keep(Binaries(folder=package, package=package), kept=tmp_path / "kept")

    assert caught.value.cause.count("No such file or directory") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["package"]


async def test_a_home_that_is_a_file_is_named() -> None:
    with pytest.raises(PostgresUnavailable) as caught:
        await start(Path("/dev/null"))

    assert "/dev/null" in caught.value.cause


def test_a_home_that_may_not_be_written_is_named(home: Path, start_child: StartChild) -> None:
    home.mkdir()
    home.chmod(0o555)

    said = said_by(start_child(home, debian_binaries(), uid=os.geteuid() or NAMELESS))

    assert f"Permission denied ({home}/postgres.lock)" in str(said["cause"])
    assert "right to use that folder" in str(said["remedy"])
    home.chmod(0o755)


async def test_damaged_data_are_reported_in_the_words_of_the_server(home: Path) -> None:
    await start(home)
    await stop(home)
    shutil.rmtree(home / "postgres" / "data" / "global")

    with pytest.raises(PostgresUnavailable, match=r"failed while starting: .*global/pg_control"):
        await start(home)
