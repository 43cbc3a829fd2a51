"""A lock never outlives its taker, however roughly that one is stopped."""

from __future__ import annotations

import asyncio

import pytest

from backbone.adapters.store.locks import PostgresLocks
from backbone.adapters.store.pool import connect_for_locks
from backbone.adapters.store.schema import prepare_now
from tests.parts.postgres import Migrate


@pytest.fixture(scope="session")
def migrate_schema() -> Migrate:
    return prepare_now


async def test_a_lock_is_let_go_however_often_its_taker_is_cancelled(database: str) -> None:
    locks = PostgresLocks(lambda: connect_for_locks(database))

    async def hold() -> None:
        async with locks.hold("issue:one:1"):
            await asyncio.sleep(60)

    try:
        for pauses in range(40):
            holding = asyncio.create_task(hold())
            for _ in range(pauses):
                await asyncio.sleep(0)
            holding.cancel()
            await asyncio.sleep(0)
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
            async with locks.hold("issue:one:1") as fence:
                assert fence is not None, pauses
    finally:
        await locks.close()
