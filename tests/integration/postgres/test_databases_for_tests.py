"""The fixtures that other tests build on."""

from __future__ import annotations

import psycopg

from tests.parts.postgres import DatabaseServer


def test_each_test_has_an_empty_database_of_its_own(any_postgres: DatabaseServer) -> None:
    with any_postgres.database() as one, any_postgres.database() as other:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE thing (id int)")
        with psycopg.connect(other) as connection:
            found = connection.execute("SELECT to_regclass('thing')").fetchone()

    assert found == (None,)


def test_a_database_is_removed_even_while_a_connection_is_left_open(any_postgres: DatabaseServer) -> None:
    with any_postgres.database() as dsn:
        left_open = psycopg.connect(dsn)
    name = left_open.info.dbname
    left_open.close()

    with psycopg.connect(any_postgres.dsn) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()

    assert found is None


def test_a_schema_is_migrated_once_and_copied_for_each_test(any_postgres: DatabaseServer) -> None:
    migrated: list[str] = []

    def migrate(dsn: str) -> None:
        migrated.append(dsn)
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE thing (id int)")

    for _ in range(2):
        with any_postgres.database(migrate) as dsn, psycopg.connect(dsn) as connection:
            connection.execute("INSERT INTO thing VALUES (1)")
            count = connection.execute("SELECT count(*) FROM thing").fetchone()

            assert count == (1,)
    assert len(migrated) == 1


def test_servers_are_of_the_programs_they_are_named_after(any_database: str, any_postgres: DatabaseServer) -> None:
    with psycopg.connect(any_database) as connection:
        major = connection.info.server_version // 10_000

    assert (major == 18) == (any_postgres.binaries is None)
