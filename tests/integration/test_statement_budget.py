"""Statements are counted: a change that makes an initial synchronization ask the database more often fails here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import AsyncConnection
from psycopg.types.json import set_json_loads

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.dispatch.engine import TurnKey
from backbone.adapters.store import PostgresStore
from backbone.adapters.store.locks import PostgresLocks
from backbone.adapters.store.pool import Pool
from backbone.adapters.store.schema import prepare_now
from backbone.app.engine.catchup import catch_up, schedule
from backbone.app.engine.context import Engine
from backbone.app.engine.look import look
from backbone.app.engine.turns import run_turn
from backbone.core.model.keys import SUMMARY, ConnectionName, FieldId, Millis, ProjectId, Role
from backbone.core.model.values import Scalar
from backbone.ports.records import ConnectorTurn, Synchronization, TaskTurn
from tests.fakes.halves import BUG, FIELDS, PRIORITY, half, only
from tests.fakes.jira import FakeJira
from tests.fakes.world import FakeSystem
from tests.parts.postgres import Migrate, bundled_postgres, database

__all__ = ["bundled_postgres", "database"]

ISSUES = 100
COMMENTS = 2
MAPPED: list[FieldId] = [SUMMARY, PRIORITY]

STATEMENTS = 5.0
"""So many an issue: one for the fence of each comment, and its part of what is done for many."""

TRANSACTIONS = 1.0
JOBS = 0.1


@pytest.fixture(scope="session")
def migrate_schema() -> Migrate:
    return prepare_now


@dataclass(slots=True)
class Tally:
    """What the database was asked."""

    statements: int = 0
    commits: int = 0
    jobs: int = 0


def counting(tally: Tally) -> type[AsyncConnection[tuple[Any, ...]]]:
    class Counting(AsyncConnection[tuple[Any, ...]]):
        """A connection that counts what it is asked."""

        async def execute(self, *args: Any, **settings: Any) -> Any:  # noqa: ANN401  as the driver has it
            tally.statements += 1
            return await super().execute(*args, **settings)

        async def commit(self) -> None:
            tally.commits += 1
            await super().commit()

    return Counting


async def _leave_json(connection: AsyncConnection[tuple[Any, ...]]) -> None:
    set_json_loads(lambda data: data, connection)


@asynccontextmanager
async def _store(dsn: str, tally: Tally, system: FakeSystem) -> AsyncIterator[PostgresStore]:
    kind = counting(tally)
    locks = PostgresLocks(lambda: kind.connect(dsn, autocommit=True))
    pool = Pool(dsn, connection_class=kind, max_size=10, open=False, configure=_leave_json)
    async with pool:
        yield PostgresStore(pool, locks, PostgresTurns, system.now, ("installation", "incarnation", True))
        await locks.close()


def _jiras(system: FakeSystem) -> dict[ConnectionName, FakeJira]:
    return {
        ConnectionName(name): FakeJira(ConnectionName(name), ProjectId(name), FIELDS, lambda: system.time)
        for name in ("A", "B")
    }


async def _declare(engine: Engine) -> None:
    first, second = (
        only(half("INT-1", f"{name}-1", name, role), MAPPED) for name, role in (("A", Role.FIRST), ("B", Role.SECOND))
    )
    one = Synchronization(
        key=first.synchronization,
        name="Ours",
        description="",
        wanted_running=True,
        revision=first.revision,
        first=first.connector,
        second=second.connector,
    )
    async with engine.store.unit() as unit:
        await unit.synchronizations.save(one, [first, second])
        await unit.commit()
    await schedule(engine, first, Millis(0))


async def _run_turns(dsn: str, engine: Engine, tally: Tally) -> None:
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        while True:
            taken = await connection.execute("delete from procrastinate_jobs returning args")
            turns = list(_turns([row[0] for row in await taken.fetchall()]))
            if not turns:
                return
            for turn in turns:
                tally.jobs += 1
                await run_turn(engine, turn)


def _turns(arguments: list[dict[str, Any]]) -> Iterator[ConnectorTurn]:
    for one in arguments:
        turn = TurnKey(**{**one, "pairs": tuple(one.get("pairs", ()))}).turn
        assert not isinstance(turn, TaskTurn)
        yield turn


async def test_an_initial_synchronization_asks_the_database_as_seldom_as_it_may(database: str) -> None:
    system, tally = FakeSystem(), Tally()
    jiras = _jiras(system)
    source, target = jiras.values()
    for number in range(ISSUES):
        issue = source.create_issue(BUG, {SUMMARY: Scalar(f"Number {number}")})
        for _ in range(COMMENTS):
            source.comment(issue, "hi")
    async with _store(database, tally, system) as store:
        engine = Engine(store=store, trackers=jiras, system=system)
        await _declare(engine)
        first = only(half("INT-1", "A-1", "A", Role.FIRST), MAPPED)
        tally.statements = tally.commits = 0

        await catch_up(engine, first)
        await _run_turns(database, engine, tally)
        for name in jiras:
            await look(engine, name)

    assert [len(issue.comments) for issue in target.issues.values()] == [COMMENTS] * ISSUES
    told = (tally.statements / ISSUES, tally.commits / ISSUES, tally.jobs / ISSUES)
    assert COMMENTS / 2 <= told[0] <= STATEMENTS, told
    assert told[1] <= TRANSACTIONS, told
    assert told[2] <= JOBS, told
