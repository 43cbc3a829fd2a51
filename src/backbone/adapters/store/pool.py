"""Connections to the database, as the repositories and the locks want them."""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool

from backbone.adapters.store.rows import Connection

# A peer that vanished without a word is noticed within half a minute.
_WATCHFUL = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}


class Pool(AsyncConnectionPool[Connection]):
    """The driver's pool, whose clients hear of it when they are cancelled just as a connection comes.

    The pool waits by ``asyncio.wait_for``, which up to Python 3.11 hands over what came and forgets the cancellation
    (psycopg#1345): the task goes on, and whoever cancelled it and waits for its end waits for ever.
    """

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109 - as the pool names it
        asking = asyncio.current_task()
        before = asking.cancelling() if asking else 0
        connection = await super().getconn(timeout)
        if asking and asking.cancelling() > before:
            await self.putconn(connection)
            raise asyncio.CancelledError
        return connection


@asynccontextmanager
async def open_pool(dsn: str, connections: int) -> AsyncIterator[Pool]:
    """Connections as the repositories want them."""
    pool = Pool(
        dsn,
        min_size=1,
        max_size=connections,
        open=False,
        timeout=10.0,
        reconnect_timeout=5.0,  # by default the pauses between attempts grow to minutes
        configure=_leave_json,
        check=_check_silence,
        kwargs=dict(_WATCHFUL),
    )
    async with pool:
        yield pool


async def _leave_json(connection: Connection) -> None:
    """JSON columns come as bytes: our codecs read them."""
    set_json_loads(lambda data: data, connection)


async def connect_for_locks(dsn: str) -> Connection:
    """A connection of its own, every statement by itself, none of which waits for the disk.

    A crash of the database ends the sessions that hold locks anyway, and an epoch is never given twice.
    """
    conninfo = make_conninfo(dsn, connect_timeout=10, application_name="backbone locks", **_WATCHFUL)
    connection: Connection = await AsyncConnection.connect(conninfo, autocommit=True)
    await connection.execute("set synchronous_commit = off")
    return connection


async def _check_silence(connection: Connection) -> None:
    """Refuse a connection whose server has said something while nobody asked: it said goodbye.

    Costs no way to the database; what slips through fails at its first statement.
    """
    heard = select.poll()
    heard.register(connection.fileno(), select.POLLIN)
    if heard.poll(0):
        await connection.close()  # else the pool would take it back and offer it again
        raise psycopg.OperationalError("the server closed the connection")
