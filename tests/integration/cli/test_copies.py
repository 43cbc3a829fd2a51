"""`backup` and `restore`, and the database that the program brings along."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras
from tests.parts.postgres import DatabaseServer, home_folder


def incarnation(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select incarnation from installation").fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.usefixtures("applied")
def test_a_restored_database_goes_on_as_another_incarnation(
    jiras: ServedJiras, shell: Shell, tmp_path: Path, bundled_postgres: DatabaseServer
) -> None:
    jiras.anna.create("PA", "Bug", "Before the backup")
    assert shell("sync").exit_code == 0
    copy = tmp_path / "copy.backbone"

    assert shell("backup", copy).exit_code == 0
    with bundled_postgres.database() as other:
        restored = shell("restore", copy, BACKBONE_DATABASE_URL=other)
        assert restored.exit_code == 0, restored.output
        assert incarnation(other) != incarnation(shell.environment["BACKBONE_DATABASE_URL"])
        jiras.anna.edit("PA-1", summary="After the backup")
        assert shell("sync", BACKBONE_DATABASE_URL=other).exit_code == 0
    assert jiras.summaries() == (["After the backup"], ["After the backup"])


@pytest.mark.usefixtures("applied")
def test_a_backup_is_not_restored_over_what_is_there(shell: Shell, tmp_path: Path) -> None:
    copy = tmp_path / "copy.backbone"
    assert shell("backup", copy).exit_code == 0

    result = shell("restore", copy)

    assert result.exit_code == 2
    assert "not empty" in result.stderr
    assert [one["key"] for one in shell.json("status")] == ["INT-1"]


def test_without_a_database_of_ones_own_the_bundled_one_is_used_and_stopped(
    jiras: ServedJiras, shell: Shell, tmp_path: Path
) -> None:
    with home_folder() as home:
        own = {"BACKBONE_DATABASE_URL": "", "BACKBONE_HOME": str(home)}
        assert shell("apply", jiras.write_file(tmp_path), **own).exit_code == 0
        assert "INT-1" in shell("status", **own).stdout
        assert list(home.glob("postgres/**/postmaster.pid")) == []
