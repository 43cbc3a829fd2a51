"""The database finds by its indexes what it is asked for, also before it ever counted its rows."""

from __future__ import annotations

import asyncio

import psycopg

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.store import open_store
from backbone.adapters.store.schema import prepare_now
from backbone.core.model.keys import PairUid
from tests.contracts.store.things import PA, issue, pair
from tests.parts.postgres import DatabaseServer

PAIRS = 600
ASKED = 25
TIMES = 8

_READ = "select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes where relname = 'pair'"


async def test_pairs_are_found_by_name_without_reading_all_of_their_connector(any_postgres: DatabaseServer) -> None:
    names = [PairUid(f"pair-{number}") for number in range(PAIRS)]
    with any_postgres.database(prepare_now) as dsn:
        async with open_store(dsn, PostgresTurns) as store:
            for start in range(0, PAIRS, ASKED):
                async with store.unit() as uow:
                    await uow.pairs.save_all([pair(uid, issue(1)) for uid in names[start : start + ASKED]])
                    await uow.commit()
        before = await _read(dsn)
        async with open_store(dsn, PostgresTurns) as store:
            for _ in range(TIMES):
                async with store.unit() as uow:
                    assert len(await uow.pairs.get_all(PA, names[:ASKED])) == ASKED

        assert await _read(dsn) - before <= 2 * TIMES * ASKED


async def _read(dsn: str) -> int:
    """Rows that indexes of pairs gave so far, as all sessions told that have ended."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        while (await (await connection.execute(_OTHERS)).fetchone()) != (0,):  # noqa: ASYNC110  another process ends
            await asyncio.sleep(0.01)
        row = await (await connection.execute(_READ)).fetchone()
    assert row is not None
    return int(row[0])


_OTHERS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
