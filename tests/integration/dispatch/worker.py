"""A worker that tests kill: it applies messages slowly and writes down which.

Called with a DSN; the ledger is a table of the test.
"""

from __future__ import annotations

import asyncio
import os
import sys

import psycopg

from backbone.adapters.dispatch import Dispatcher, Pace, PostgresTurns
from backbone.adapters.store import PostgresStore, open_store
from backbone.ports.records import ApplyTurn, Turn

SECONDS_A_MESSAGE = 0.02
PACE = Pace(heartbeat=0.2, stalled=1.0, look=0.05, recovery=0.2, sweep=1.0, lease=1.0, grace=5.0, restart=0.1)


async def apply(dsn: str, store: PostgresStore, turn: Turn) -> float | None:
    """What an engine does: take the lock, clear the flag, apply what is pending, each message in its transaction."""
    assert isinstance(turn, ApplyTurn)
    async with store.hold(f"issue:one:{turn.pair}") as fence:
        if fence is None:
            return 0.1
        async with store.unit() as unit:
            await unit.turns.begun(turn)
            pending = await unit.inbox.pending(turn.connector, turn.pair)
            await unit.commit(fence)
        for message in pending:
            await fence.check()
            await write_down(dsn, turn, message.sequence)
            await asyncio.sleep(SECONDS_A_MESSAGE)
            async with store.unit() as unit:
                await unit.inbox.done(turn.connector, turn.pair, message.sequence)
                await unit.commit(fence)
    return None


async def write_down(dsn: str, turn: ApplyTurn, sequence: int) -> None:
    """What Jira would see: not part of any transaction of ours."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "insert into ledger (pair, sequence, worker) values (%s, %s, %s)", (turn.pair, sequence, os.getpid())
        )


async def main(dsn: str) -> None:
    async with open_store(dsn, PostgresTurns) as store:
        await Dispatcher(dsn, lambda turn: apply(dsn, store, turn), pace=PACE).run(asyncio.Event(), 4)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
