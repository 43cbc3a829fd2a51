"""Work that nobody does any more is given to somebody.

That is: jobs of dead workers, jobs whose end could not be written, and turns without a job.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from backbone.adapters.dispatch.engine import TurnKey
from backbone.adapters.dispatch.requeue import queue_without_job
from backbone.adapters.dispatch.ticks import Pool

log = structlog.get_logger(__name__)

# In one statement with its condition, unlike the engine's own way of listing and then retrying: with that, a job that
# was retried and begun by a third worker meanwhile could be taken from it.
_RETRY_STALLED = """
    update procrastinate_jobs set status = 'todo', attempts = attempts + 1, scheduled_at = null, worker_id = null
    where status = 'doing' and (
        worker_id is null or worker_id in (
            select id from procrastinate_workers
            where last_heartbeat < clock_timestamp() - make_interval(secs => %(stalled)s)
        )
    )
"""
_DOING = """
    select id, attempts from procrastinate_jobs
    where status = 'doing' and worker_id = any(%(workers)s)
"""
_RETRY_UNFINISHED = """
    update procrastinate_jobs set status = 'todo', attempts = attempts + 1, scheduled_at = null, worker_id = null
    where status = 'doing' and id = %(id)s and attempts = %(attempts)s and worker_id = any(%(workers)s)
"""
# Of running synchronizations: what waits for longer than a while and has no job. A turn that was flagged is taken too.
# Messages of a pair that is yet to be created wait for the turn that creates, those of many pairs for one job.
_WITHOUT_JOB = """
    with running as (
        select connector.key as connector from connector
        join synchronization on synchronization.key = connector.synchronization where wanted_running
    ), old as (
        select (extract(epoch from clock_timestamp()) - %(age)s) * 1000 as millis
    ), in_many as (
        select args ->> 'connector' as connector, jsonb_array_elements_text(args -> 'pairs') as pair
        from procrastinate_jobs where status in ('todo', 'doing') and lock like 'pairs:%%'
    ), waiting as (
        select distinct 'pair' as kind, connector, pair from inbox
        where not applied and connector in (select connector from running) and sent < (select millis from old)
          and (connector, pair) not in (select connector, pair from in_many)
          and not exists (
            select from pair known
            where known.connector = inbox.connector and known.uid = inbox.pair
              and known.state = 'creating' and known.local_id is null
          )
        union
        select distinct 'create', connector, '' from pair
        where state = 'creating' and local_id is null and connector in (select connector from running)
          and held_until < (select millis from old)
        union
        select 'task', id, '' from task where completed is null and started < (select millis from old)
        union
        select kind, connector, pair from turn
        where queued and kind <> 'pairs' and due < clock_timestamp() - make_interval(secs => %(age)s)
    )
    select kind, connector, pair from waiting
    where not exists (
        select from procrastinate_jobs
        where status in ('todo', 'doing')
          and lock = kind || ':' || connector || case when pair = '' then '' else ':' || pair end
    )
    limit 1000
"""
# The pairs of such a turn are among those that wait, one by one.
_FORGET_MANY = """
    update turn set queued = false
    where kind = 'pairs' and queued and due < clock_timestamp() - make_interval(secs => %(age)s) and not exists (
        select from procrastinate_jobs
        where status in ('todo', 'doing') and lock = 'pairs:' || connector || ':' || pair
    )
"""


async def retry_stalled(pool: Pool, stalled: float) -> None:
    """Queue the jobs of workers that gave no sign of life for so many seconds."""
    async with pool.connection() as connection:
        cursor = await connection.execute(_RETRY_STALLED, {"stalled": stalled})
    if cursor.rowcount:
        log.warning("stalled-turns-retried", count=cursor.rowcount)


async def jobs_of(pool: Pool, workers: list[int]) -> Mapping[int, int]:
    """Jobs that these workers are said to be doing, with the number of their attempt."""
    async with pool.connection() as connection:
        cursor = await connection.execute(_DOING, {"workers": workers})
        return dict(await cursor.fetchall())


async def retry_unfinished(pool: Pool, job: int, attempts: int, workers: list[int]) -> None:
    """Queue a job that ended without its end being written: the engine would believe it to be running for ever."""
    async with pool.connection() as connection:
        parameters = {"id": job, "attempts": attempts, "workers": workers}
        cursor = await connection.execute(_RETRY_UNFINISHED, parameters)
    if cursor.rowcount:
        log.warning("unfinished-turn-retried", job=job)


async def queue_turns_without_job(pool: Pool, age: float) -> None:
    """Queue turns that have waited for ``age`` seconds and have no job: theirs used up its attempts."""
    async with pool.connection() as connection:
        found = await (await connection.execute(_WITHOUT_JOB, {"age": age})).fetchall()
        await connection.execute(_FORGET_MANY, {"age": age})
    for kind, connector, pair in found:
        if await queue_without_job(pool, TurnKey(kind=kind, connector=connector, pair=pair)):
            log.warning("turn-without-job-queued", connector=connector, pair=pair)
