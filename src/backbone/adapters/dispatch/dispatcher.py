"""The worker: runs turns and ticks until it is told to stop, whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.jobs import Job
from procrastinate.worker import Worker
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from backbone.adapters.dispatch.engine import MANY_QUEUE, QUEUE, TASK, Connection, RunTurn, TurnKey
from backbone.adapters.dispatch.recovery import jobs_of, queue_turns_without_job, retry_stalled, retry_unfinished
from backbone.adapters.dispatch.requeue import queue_again
from backbone.adapters.dispatch.retrying import TurnRetries
from backbone.adapters.dispatch.ticks import CHANNEL, Pool, Tick, TickLoop, nap

log = structlog.get_logger(__name__)

_CONNECTIONS = 8
_MANY = 3
"""So many turns of many pairs a worker takes at a time.

Two keep its calls going, and one more begins or ends meanwhile. What it took beyond that other workers could not do,
although they have nothing else to do.
"""
_KEEP_FAILED = 72  # hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often and how long, in seconds.

    A worker is dead after ``stalled`` without a heartbeat. ``look`` is how often jobs that became due are looked for
    (new ones are announced), ``sweep`` how often turns without a job are. A worker that stops waits ``grace`` for its
    turns. One whose statements waited for a connection for ``patience`` begins anew after ``restart``.
    """

    heartbeat: float = 5.0
    stalled: float = 30.0
    look: float = 1.0
    recovery: float = 10.0
    sweep: float = 60.0
    lease: float = 30.0
    grace: float = 30.0
    restart: float = 1.0
    patience: float = 5.0


class Dispatcher:
    """Runs turns, at most ``concurrency`` at a time and a few of many pairs beside them, and ticks.

    ``run_turn`` clears the flag of its turn (``begun``) before it looks for what there is to do, and returns after how
    many seconds it wants to come again. Of what it raises, errors of the database are retried for as long as it takes,
    everything else up to ``attempts`` times with growing pauses.
    """

    def __init__(
        self, dsn: str, run_turn: RunTurn, ticks: Sequence[Tick] = (), *, pace: Pace | None = None, attempts: int = 8
    ) -> None:
        self._dsn = dsn
        self._run_turn = run_turn
        self._ticks = tuple(ticks)
        self._pace = pace or Pace()
        self._retries = TurnRetries(attempts)
        self._running: set[int] = set()
        self._workers: set[int] = set()
        self._suspects: set[tuple[int, int]] = set()

    async def run(self, stop: asyncio.Event, concurrency: int) -> None:
        """Work until ``stop`` is set. Outages of the database are ridden out."""
        while not stop.is_set():
            try:
                await self._work(stop, concurrency)
            except Exception as error:  # noqa: BLE001 - the worker must outlive whatever the engine or a driver raises
                log.warning("worker-interrupted", error=type(error).__name__)
            if not stop.is_set():
                await nap(stop, self._pace.restart)

    async def _work(self, stop: asyncio.Event, concurrency: int) -> None:
        """One life of the engine's worker: until it is told to stop or something fails."""
        pool: Pool = AsyncConnectionPool(
            self._dsn,
            min_size=1,
            max_size=_CONNECTIONS,
            open=False,
            timeout=self._pace.patience,
            reconnect_timeout=self._pace.patience,  # by default the pauses between attempts grow to minutes
            check=AsyncConnectionPool.check_connection,
            configure=_unhurried,
        )
        app = App(connector=PsycopgConnector())

        @app.task(name=TASK, queue=QUEUE, retry=self._retries, pass_context=True)
        async def turn(
            context: JobContext,
            kind: str,
            connector: str,
            pair: str,
            pairs: Sequence[str] = (),
            *,
            noting: bool = False,
        ) -> None:
            key = TurnKey(kind=kind, connector=connector, pair=pair, pairs=tuple(pairs), noting=noting)
            await self._turn(pool, context.job, key)

        async with pool, app.open_async(pool):
            await self._compare_clocks(pool)
            ended = asyncio.Event()
            loops = [TickLoop(pool, tick, self._pace.lease) for tick in (*self._ticks, *self._own(pool, app))]
            others = (self._watch(pool, ended), self._listen({loop.name: loop for loop in loops}, ended))
            ticking = [asyncio.create_task(one) for one in (*(loop.keep(ended) for loop in loops), *others)]
            workers = self._worker(app, QUEUE, concurrency), self._worker(app, MANY_QUEUE, min(_MANY, concurrency))
            working = [asyncio.create_task(one.run()) for one in workers]  # type: ignore[no-untyped-call]  # as it is
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait([stopping, *working, *ticking], return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                ended.set()
                for one in workers:  # it lets running jobs end; a cancellation could get lost (psycopg#1345)
                    one.stop()  # type: ignore[no-untyped-call]  # as it is
                await asyncio.wait([*working, *ticking], timeout=self._pace.grace)
                for task in ticking:
                    task.cancel()
                await asyncio.gather(*working, *ticking, return_exceptions=True)
            _raise_failure([*working, *ticking])

    def _worker(self, app: App, queue: str, concurrency: int) -> Worker:
        return Worker(
            app,
            queues=[queue],
            concurrency=concurrency,
            install_signal_handlers=False,
            delete_jobs="successful",
            fetch_job_polling_interval=self._pace.look,
            update_heartbeat_interval=self._pace.heartbeat,
            stalled_worker_timeout=self._pace.stalled,
            shutdown_graceful_timeout=self._pace.grace,
        )

    async def _turn(self, pool: Pool, job: Job, key: TurnKey) -> None:
        """The engine's only task."""
        assert job.id is not None
        if job.worker_id is not None:
            self._workers.add(job.worker_id)
        self._running.add(job.id)
        try:
            again = await self._run_turn(key.turn)
            if again is not None:
                await queue_again(pool, key, again)
        finally:
            self._running.discard(job.id)

    def _own(self, pool: Pool, app: App) -> tuple[Tick, ...]:
        """What keeps the queue in order, by one worker at a time."""

        async def forget_finished() -> None:
            await app.job_manager.delete_old_jobs(
                _KEEP_FAILED, include_failed=True, include_cancelled=True, include_aborted=True
            )

        async def recover() -> None:
            await retry_stalled(pool, self._pace.stalled)
            await app.job_manager.prune_stalled_workers(self._pace.stalled)

        sweep = partial(queue_turns_without_job, pool, self._pace.sweep)
        return (
            Tick(name="dispatch:recover", seconds=self._pace.recovery, run=recover),
            Tick(name="dispatch:sweep", seconds=self._pace.sweep, run=sweep),
            Tick(name="dispatch:forget", seconds=3600, run=forget_finished),
        )

    async def _watch(self, pool: Pool, ended: asyncio.Event) -> None:
        """Find jobs of ours that the engine believes to be running and that are not: twice in a row is proof."""
        while not ended.is_set():
            workers = list(self._workers)
            doing = await jobs_of(pool, workers) if workers else {}
            idle = {(job, attempts) for job, attempts in doing.items() if job not in self._running}
            for job, attempts in idle & self._suspects:
                await retry_unfinished(pool, job, attempts, workers)
            self._suspects = idle
            await nap(ended, self._pace.recovery)

    async def _listen(self, loops: Mapping[str, TickLoop], ended: asyncio.Event) -> None:
        """Hear which ticks are hurried. Raises what the database raises."""
        conninfo = make_conninfo(self._dsn, connect_timeout=10, application_name="backbone ticks")
        async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
            await connection.execute(f"listen {CHANNEL}")
            for loop in loops.values():  # what was told before anybody listened
                loop.hurry()
            while not ended.is_set():
                async for told in connection.notifies(timeout=1.0):
                    if told.payload in loops:
                        loops[told.payload].hurry()

    async def _compare_clocks(self, pool: Pool) -> None:
        async with pool.connection() as connection:
            row = await (await connection.execute("select extract(epoch from clock_timestamp())::float8")).fetchone()
        self._retries.ahead = row[0] - time.time() if row else 0.0


async def _unhurried(connection: Connection) -> None:
    """Nobody waits for the disk when a job begins or ends: one that the database forgets in a crash is done again."""
    await connection.execute("set synchronous_commit = off")
    await connection.commit()


def _raise_failure(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
