"""A database comes to the newest schema from wherever it is, once, and a newer one is left alone."""

from __future__ import annotations

import asyncio
from typing import LiteralString

import msgspec
import psycopg
import pytest
from procrastinate.sql import queries
from psycopg.conninfo import make_conninfo

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.store import DatabaseIsNewer, new_incarnation, open_store, prepare
from backbone.adapters.store.schema import migrate_from_nothing, prepare_now
from backbone.core.model.keys import SUMMARY, IssueId, Millis, PairUid
from backbone.core.model.stamps import Attempt, Attempted
from backbone.core.model.values import Scalar, fingerprint
from tests.contracts.store.things import JIRA
from tests.parts.postgres import DatabaseServer

_COLUMNS = """
    select table_name, column_name, data_type, udt_name, is_nullable, column_default, is_identity, identity_generation
    from information_schema.columns where table_schema = 'public' order by table_name, column_name
"""
_INDEXES = "select indexdef from pg_indexes where schemaname = 'public' order by indexdef"
_CONSTRAINTS = """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'public'::regnamespace order by 1, 2
"""
_RELATIONS = """
    select relname, relkind, relpersistence from pg_class where relnamespace = 'public'::regnamespace order by relname
"""
_FUNCTIONS = """
    select proname, pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace order by 1, 2
"""
_TRIGGERS = "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1"


def _shape(dsn: str) -> list[list[tuple[object, ...]]]:
    with psycopg.connect(dsn) as connection:
        asked = (_COLUMNS, _INDEXES, _CONSTRAINTS, _RELATIONS, _FUNCTIONS, _TRIGGERS)
        return [connection.execute(statement).fetchall() for statement in asked]


def _identity(dsn: str) -> tuple[object, ...]:
    with psycopg.connect(dsn) as connection:
        (row,) = connection.execute("select id, incarnation from installation").fetchall()
        return row


def test_a_new_database_and_a_migrated_one_have_one_schema(any_postgres: DatabaseServer) -> None:
    with any_postgres.database() as fresh, any_postgres.database() as migrated:
        prepare_now(fresh)
        migrate_from_nothing(migrated)

        assert _shape(migrated) == _shape(fresh)


def test_a_database_of_the_first_version_is_brought_up_to_date_and_stays_itself(database: str) -> None:
    migrate_from_nothing(database, "0001")
    before = _identity(database)
    prepare_now(database)
    after = _shape(database)

    assert _identity(database) == before
    prepare_now(database)
    assert _shape(database) == after


def test_a_migrated_database_needs_nothing_more(database: str) -> None:
    migrate_from_nothing(database)
    before = _shape(database)

    prepare_now(database)

    assert _shape(database) == before


async def test_several_processes_may_prepare_at_once(any_database: str) -> None:
    await asyncio.gather(*(prepare(any_database) for _ in range(4)))

    assert len(_identity(any_database)) == 2


async def test_preparing_again_keeps_who_we_are(database: str) -> None:
    await prepare(database)
    before = _identity(database)
    await prepare(database)

    assert _identity(database) == before


async def test_a_database_of_a_newer_version_is_left_alone_with_one_sentence(database: str) -> None:
    await prepare(database)
    with psycopg.connect(database) as connection:
        connection.execute("update schema_version set version_num = '9999'")

    with pytest.raises(DatabaseIsNewer, match=r"written by a newer Backbone \(schema 9999.*install that version"):
        await prepare(database)


async def test_a_new_incarnation_is_another_one_of_the_same_installation(database: str) -> None:
    await prepare(database)
    installation, incarnation = _identity(database)

    async with open_store(database, PostgresTurns) as store:
        assert store.original

    new = await new_incarnation(database)

    assert new != incarnation
    async with open_store(database, PostgresTurns) as store:
        assert store.installation == installation
        assert store.incarnation == new
        assert not store.original


def test_the_search_that_we_tune_is_the_one_that_the_engine_uses(database: str) -> None:
    prepare_now(database)
    with psycopg.connect(database) as connection:
        tuned = connection.execute("select proname from pg_proc where 'enable_sort=off' = any(proconfig)").fetchall()

    assert [name in queries["fetch_job"] for (name,) in tuned] == [True]


async def test_a_database_that_cannot_be_reached_is_told_as_the_driver_tells_it(
    bundled_postgres: DatabaseServer,
) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        await prepare(bundled_postgres.dsn_of("missing"))


async def test_a_user_who_may_not_create_tables_is_told_so_and_leaves_nothing(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create role stranger login")
        try:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await prepare(make_conninfo(database, options="-c role=stranger"))
            assert connection.execute("select 1 from pg_tables where schemaname = 'public'").fetchall() == []
        finally:
            connection.execute("drop role stranger")


_BEGUN = msgspec.json.encode(
    {
        "fields": {},
        "elements": {},
        "attempted": {SUMMARY: [{"value": fingerprint(Scalar("x")), "stamp": None}]},
        "attempted_elements": {},
        "since": 3,
        "adding": {"comment 7": 1_000},
    }
).decode()
_QUIET = '{"fields": {}, "elements": {}, "attempted": {}, "attempted_elements": {}, "since": null, "adding": {}}'
_CUT_SHORT: tuple[tuple[LiteralString, list[tuple[object, ...]]], ...] = (
    ("insert into connector values (%s, %s, %s, 1)", [("PA-1", "INT-1", JIRA), ("PA-2", "INT-2", f"{JIRA}~INT-2")]),
    (
        """
        insert into pair (connector, uid, state, local_id, incoming_changes_ignored, document)
        values (%s, %s, 'linked', %s, false, '{}')
        """,
        [
            ("PA-1", "quiet", "10001"),
            ("PA-2", "waiting", "10001"),
            ("PA-2", "younger", "10001"),
            ("PA-1", "untouched", "10002"),
        ],
    ),
    (
        "insert into inbox (connector, pair, sequence, revision, sent, content) values (%s, %s, 1, 1, 1, '{}')",
        [("PA-2", "waiting")],
    ),
    ("insert into issue_stamps values (%s, %s, %s)", [(JIRA, "10001", _BEGUN), (JIRA, "10002", _QUIET)]),
)


async def test_what_was_cut_short_before_attempts_belonged_to_pairs_is_given_to_the_pair_that_has_something_to_apply(
    database: str,
) -> None:
    migrate_from_nothing(database, "0010")
    with psycopg.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # their synchronizations do not matter here
        for statement, rows in _CUT_SHORT:
            cursor.executemany(statement, rows)
    prepare_now(database)

    async with open_store(database, PostgresTurns) as store, store.unit() as unit:
        begun = await unit.stamps.get(JIRA, IssueId("10001"))
        quiet = await unit.stamps.get(JIRA, IssueId("10002"))

    assert begun.attempts == {
        PairUid("waiting"): Attempt(
            fields={SUMMARY: (Attempted(value=fingerprint(Scalar("x")), stamp=None),)},
            since=3,
            adding={"comment 7": Millis(1_000)},
        )
    }
    assert not quiet.attempts
