"""Turns of a unit of work: a flag in our row and a job in the engine's table, in one transaction.

One flag a pair instead of one job a change keeps the queue short: at most one job that runs and one that waits. The
engine's own queueing lock is of no use here: together with retries it can block a pair for good.
"""

from __future__ import annotations

from psycopg.types.json import Jsonb

from backbone.adapters.dispatch.engine import MANY_KIND, TASK, Connection, TurnKey, key_of
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.ports.records import Turn

# One statement, since every one costs a way to the database and back. hurried: a job is queued, for a later date;
# the engine announces jobs that are made, one whose date is changed we have to announce ourselves.
_WAKE = """
    with woken as (
        insert into turn as known (kind, connector, pair, queued, due)
        values (%(kind)s, %(connector)s, %(pair)s, true, clock_timestamp() + make_interval(secs => %(after)s))
        on conflict (kind, connector, pair) do update set queued = true, hurried = known.queued, due = excluded.due
        where not known.queued or known.due > excluded.due
        returning hurried, due
    ), brought_forward as (
        update procrastinate_jobs set scheduled_at = woken.due from woken
        where woken.hurried and lock = %(lock)s and status = 'todo' and scheduled_at > woken.due
        returning pg_notify(
            'procrastinate_queue_v1#' || queue_name, json_build_object('type', 'job_inserted', 'job_id', id)::text
        )
    )
    select procrastinate_defer_jobs_v1(array[
        row(%(queue)s, %(task)s, 0, %(lock)s, null, %(arguments)s::jsonb,
            case when %(after)s > 0 then due end)::procrastinate_job_to_defer_v1
    ]) from woken where not hurried
"""
_BEGUN = """
    update turn set queued = false where kind = %(kind)s and connector = %(connector)s and pair = %(pair)s and queued
"""

_DUE_SINCE = """
    select (extract(epoch from min(due)) * 1000)::bigint from turn where connector = %s and queued and due <= now()
"""
_MANY_DUE = "select count(*) from turn where kind = %s and connector = %s and queued and due <= now()"


class PostgresTurns:
    """Turns of one transaction. What is woken is queued by :meth:`before_commit`.

    All at once and in one order: two transactions that wake the same pairs cannot wait for each other.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._woken: dict[TurnKey, float] = {}

    async def wake(self, turn: Turn, *, after: float = 0.0) -> None:
        key = key_of(turn)
        self._woken[key] = min(after, self._woken.get(key, after))

    async def begun(self, turn: Turn) -> None:
        # At once, not at the end: the row stays locked, so that a cause that we did not see yet queues another job.
        await self._connection.execute(_BEGUN, key_of(turn).arguments())

    async def queued(self) -> int:
        await self.before_commit()
        row = await (await self._connection.execute("select count(*) from turn where queued")).fetchone()
        return int(row[0]) if row else 0

    async def due_since(self, connector: ConnectorKey) -> Millis | None:
        row = await (await self._connection.execute(_DUE_SINCE, (connector,))).fetchone()
        return Millis(row[0]) if row and row[0] is not None else None

    async def many_due(self, connector: ConnectorKey) -> int:
        row = await (await self._connection.execute(_MANY_DUE, (MANY_KIND, connector))).fetchone()
        return int(row[0]) if row else 0

    async def before_commit(self) -> None:
        """Queue what was woken."""
        woken, self._woken = self._woken, {}
        for key in sorted(woken, key=lambda one: one.lock):
            await self._queue(key, woken[key])

    async def _queue(self, key: TurnKey, after: float) -> None:
        arguments = key.arguments()
        job = {"lock": key.lock, "queue": key.queue, "task": TASK, "arguments": Jsonb(arguments)}
        await self._connection.execute(_WAKE, {**arguments, **job, "after": after})
