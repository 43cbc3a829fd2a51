"""A database goes into a file and comes back, also from one version to another."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from backbone.adapters.postgres import PostgresUnavailable, dump, find_binaries, kept_in, load, start
from tests.parts.postgres import DatabaseServer, debian_binaries

# The value of one row looks like the line of a dump that older servers refuse.
CONTENT = """
    CREATE TABLE thing (name text PRIMARY KEY);
    INSERT INTO thing VALUES ('ä'), ('SET transaction_timeout = 0;');
    CREATE FUNCTION answer() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 42; END';
"""


def fill(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(CONTENT.encode())


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def content_of(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT array_agg(name ORDER BY name), answer() FROM thing").fetchone()


@pytest.mark.parametrize("source", ["bundled", "debian"])
@pytest.mark.parametrize("target", ["bundled", "debian"])
async def test_what_was_dumped_is_loaded(
    source: str, target: str, bundled_postgres: DatabaseServer, debian_postgres: DatabaseServer, tmp_path: Path
) -> None:
    servers = {"bundled": bundled_postgres, "debian": debian_postgres}
    file = tmp_path / "file"
    with servers[source].database() as old, servers[target].database() as new:
        fill(old)

        await dump(old, file, binaries=find_binaries(None))
        await load(new, file, binaries=find_binaries(None))

        assert content_of(new) == (["SET transaction_timeout = 0;", "ä"], 42)
    assert names_in(tmp_path) == ["file"]


async def test_a_database_with_content_is_not_overwritten(database: str, tmp_path: Path) -> None:
    fill(database)
    await dump(database, tmp_path / "file", binaries=find_binaries(None))

    with pytest.raises(PostgresUnavailable, match="not empty"):
        await load(database, tmp_path / "file", binaries=find_binaries(None))


async def test_a_file_cut_short_changes_nothing(any_postgres: DatabaseServer, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with any_postgres.database() as old, any_postgres.database() as new:
        fill(old)
        await dump(old, file, binaries=find_binaries(None))
        file.write_bytes(file.read_bytes()[:-100])

        with pytest.raises(PostgresUnavailable, match="reading the backup"):
            await load(new, file, binaries=find_binaries(None))

        with psycopg.connect(new) as connection:
            assert connection.execute("SELECT to_regclass('thing')").fetchone() == (None,)


async def test_a_full_disk_leaves_no_half_a_backup(database: str, tmp_path: Path) -> None:
    (tmp_path / "file.part").symlink_to("/dev/full")
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE large AS SELECT md5(i::text) FROM generate_series(1, 20000) i")

    with pytest.raises(PostgresUnavailable, match="No space left on device"):
        await dump(database, tmp_path / "file", binaries=find_binaries(None))

    assert names_in(tmp_path) == []


async def test_programs_older_than_the_database_are_refused_with_a_cure(database: str, tmp_path: Path) -> None:
    with pytest.raises(PostgresUnavailable) as caught:
        await dump(database, tmp_path / "file", binaries=find_binaries(debian_binaries()))

    assert "BACKBONE_PG_BIN" in caught.value.remedy


async def test_a_database_that_cannot_be_reached_is_said_so(tmp_path: Path) -> None:
    nowhere = f"postgresql://somebody:hidden@/x?host={tmp_path}"

    with pytest.raises(PostgresUnavailable) as caught:
        await dump(nowhere, tmp_path / "file", binaries=find_binaries(None))

    assert "hidden" not in str(caught.value)


async def test_the_programs_kept_beside_the_data_write_the_backup(home: Path, tmp_path: Path) -> None:
    running = await start(home)
    kept = find_binaries(None, kept=kept_in(home))

    await dump(running.dsn, tmp_path / "file", binaries=kept)

    assert kept.folder.is_relative_to(home)
    assert names_in(tmp_path) == ["file"]
