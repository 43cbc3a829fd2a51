"""What the store does when connections break, hang, or are refused, and what it keeps for how long."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.store import PostgresStore, open_store
from backbone.adapters.store.pool import Pool, open_pool
from backbone.adapters.store.schema import prepare_now
from backbone.core.model.keys import MappingId, Millis
from backbone.ports.records import JournalEntry, Loser
from backbone.ports.store import LockLost
from tests.contracts.store.things import PA, UID, issue, message, pair
from tests.parts.postgres import Migrate

_LOCK_HOLDER = (
    "select pid from pg_stat_activity where application_name = 'backbone locks' and datname = current_database()"
)
_OTHERS = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
_CUT_OTHERS = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""


@pytest.fixture(scope="module")
def migrate_schema() -> Migrate:
    return prepare_now


@pytest.fixture
async def store(database: str) -> AsyncIterator[PostgresStore]:
    async with open_store(database, PostgresTurns, connections=3, patience=0.3) as made:
        yield made


async def _cut_all_others(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute(_CUT_OTHERS)
        while (await (await connection.execute(_OTHERS)).fetchone()) != (0,):
            pass


@pytest.mark.parametrize("rounds", range(12))
async def test_who_is_cancelled_just_when_a_connection_comes_hears_of_it(database: str, rounds: int) -> None:
    """A task that misses it goes on, and whoever waits for its end waits for ever: psycopg#1345."""

    async def ask(pool: Pool) -> None:
        async with pool.connection():
            await asyncio.Event().wait()

    async with open_pool(database, 1) as pool:
        async with pool.connection():
            asking = asyncio.create_task(ask(pool))
            await asyncio.sleep(0.01)
        for _ in range(rounds):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking], timeout=2)
        missed = not asking.done()
        asking.cancel()
        async with asyncio.timeout(2), pool.connection():
            pass

    assert not missed


async def test_idle_connections_that_were_cut_are_replaced_before_anybody_gets_them(
    database: str, store: PostgresStore
) -> None:
    async with store.unit() as one, store.unit() as two, store.unit() as three:
        for unit in (one, two, three):
            await unit.pairs.count(PA)
    await _cut_all_others(database)

    for _ in range(4):
        async with store.unit() as unit:
            assert await unit.pairs.count(PA) == 0


async def _save_while_cut(database: str, store: PostgresStore) -> None:
    async with store.unit() as unit:
        await unit.pairs.save(pair(local=issue(1)))
        await _cut_all_others(database)
        await unit.commit()


async def test_a_connection_cut_in_the_middle_commits_nothing_and_is_told(database: str, store: PostgresStore) -> None:
    with pytest.raises(psycopg.OperationalError):
        await _save_while_cut(database, store)

    async with store.unit() as unit:
        assert await unit.pairs.count(PA) == 0


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_a_server_that_does_not_answer_counts_as_lost(database: str, store: PostgresStore) -> None:
    async with store.hold("issue:one:1") as fence:
        assert fence is not None
        async with await psycopg.AsyncConnection.connect(database) as connection:
            (pid,) = await (await connection.execute(_LOCK_HOLDER)).fetchone() or (0,)
        with _stopped(pid):
            with pytest.raises(LockLost):
                await fence.check()
            async with store.hold("issue:one:2") as another:
                assert another is not None
                await another.check()
            with pytest.raises(LockLost):
                await fence.check()


async def test_a_lock_taken_while_a_commit_is_under_way_waits_for_it(database: str, store: PostgresStore) -> None:
    """The epoch cannot rise between its comparison and the end of the transaction."""
    async with store.hold("issue:one:1") as fence, await psycopg.AsyncConnection.connect(database) as connection:
        assert fence is not None
        await store._locks.require_in(connection, [fence])
        taker = asyncio.create_task(_raise_epoch(database))
        _, waiting = await asyncio.wait([taker], timeout=0.2)
        assert waiting == {taker}
        await connection.commit()

        assert await taker == fence.epoch + 1
        with pytest.raises(LockLost):
            await store._locks.require_in(connection, [fence])


async def _raise_epoch(database: str) -> int:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        cursor = await connection.execute("update fence set epoch = epoch + 1 returning epoch")
        (epoch,) = await cursor.fetchone() or (0,)
        return int(epoch)


async def test_what_is_old_and_of_no_use_is_forgotten(store: PostgresStore) -> None:
    def entry(at: int) -> JournalEntry:
        return JournalEntry(at=Millis(at), connector=PA, pair=UID, issue=issue(1), what="sent")

    def loser(at: int) -> Loser:
        return Loser(at=Millis(at), connector=PA, pair=UID, mapping=MappingId("m"), value="v", winner="w")

    async with store.unit() as unit:
        for sequence, sent in ((1, 10), (2, 30), (3, 10)):
            await unit.inbox.put(message(sequence, sent=sent))
        await unit.inbox.done(PA, UID, 2)
        await unit.journal.write([entry(10), entry(30)])
        await unit.journal.lose([loser(10), loser(30)])
        await unit.removals.note(PA, Millis(10), 1)
        await unit.commit()

    await store.forget(Millis(20))

    async with store.unit() as unit:
        assert [one.sequence for one in await unit.inbox.pending(PA, UID)] == [3]
        assert await unit.inbox.put(message(2)) is False
        assert await unit.inbox.put(message(1)) is True
        assert list(await unit.journal.of_issue("PA-1")) == [entry(30)]
        assert list(await unit.journal.losers_of(PA, UID)) == [loser(30)]
        assert await unit.removals.since(PA, Millis(0)) == 0
