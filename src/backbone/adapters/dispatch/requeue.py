"""Queueing a turn anew that has no job that waits, whatever its flag says."""

from __future__ import annotations

from backbone.adapters.dispatch.engine import Connection, TurnKey
from backbone.adapters.dispatch.ticks import Pool
from backbone.adapters.dispatch.turns import PostgresTurns

# Whoever wakes this turn waits from here on, and its job is visible to the statements that follow.
_LOCK_ROW = """
    insert into turn as known (kind, connector, pair, queued, due)
    values (%(kind)s, %(connector)s, %(pair)s, false, clock_timestamp())
    on conflict (kind, connector, pair) do update set queued = known.queued
"""
_HAS_JOB = "select from procrastinate_jobs where lock = %(lock)s and status::text = any(%(states)s)"


async def queue_without_job(pool: Pool, key: TurnKey) -> bool:
    """Queue the turn unless a job of it runs or waits; whether it was queued."""
    async with pool.connection() as connection:
        if await _has_job(connection, key, ["todo", "doing"]):
            return False
        await _wake(connection, key, 0.0, anew=True)
    return True


async def queue_again(pool: Pool, key: TurnKey, after: float) -> None:
    """A turn that runs puts itself off for ``after`` seconds.

    It is woken for then and its job ends. Were the job itself put off, the ones that are queued for new causes would
    wait behind it, since jobs of one lock run in order. A cause that came meanwhile, or comes later, is not put off.
    """
    async with pool.connection() as connection:
        await _wake(connection, key, after, anew=not await _has_job(connection, key, ["todo"]))


async def _has_job(connection: Connection, key: TurnKey, states: list[str]) -> bool:
    """Whether a job of the turn is in one of these states; nobody else queues one before the end of the transaction."""
    await connection.execute(_LOCK_ROW, key.arguments())
    return await (await connection.execute(_HAS_JOB, {"lock": key.lock, "states": states})).fetchone() is not None


async def _wake(connection: Connection, key: TurnKey, after: float, *, anew: bool) -> None:
    """``anew``: no job waits, so a flag that is set is an old one, of a job that ended or that runs without having begun."""
    turns = PostgresTurns(connection)
    if anew:
        await turns.begun(key.turn)
    await turns.wake(key.turn, after=after)
    await turns.before_commit()
