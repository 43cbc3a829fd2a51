"""Attempts to sign in, counted for all processes together."""

from __future__ import annotations

from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import Millis
from backbone.ports.access import AttemptsUsedUp, AttemptTaken

# Two processes that count one identity at the same time do it one after the other.
_ALONE = "select pg_advisory_xact_lock(hashtextextended('sign-in:' || %s, 0))"
_COUNT = """
    select count(*), min(at), coalesce(bool_or(pending and at > %s), false) from (
        select at, pending from sign_in_attempt where identity = %s and at > %s order by at desc limit %s
    ) as latest
"""
_UNDECIDED = 30_000  # milliseconds after which whoever made an attempt has died, and its outcome is never told
_TAKE = "insert into sign_in_attempt (identity, at) values (%s, %s) returning id"


class PostgresAttempts:
    """Attempts of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def take(self, identity: str, now: Millis, window: int, limit: int) -> AttemptTaken | AttemptsUsedUp:
        await self._rows.run(_ALONE, (identity,))
        row = await self._rows.one(_COUNT, (now - _UNDECIDED, identity, now - window, limit))
        assert row is not None
        count, oldest, pending = row
        if count >= limit:
            return AttemptsUsedUp(until=Millis(oldest + window), pending=pending)
        return AttemptTaken(id=int(await self._rows.value(_TAKE, (identity, now))))

    async def failed(self, id: int) -> None:  # noqa: A002  as the port calls it
        await self._rows.run("update sign_in_attempt set pending = false where id = %s", (id,))

    async def give_back(self, id: int) -> None:  # noqa: A002  as the port calls it
        await self._rows.run("delete from sign_in_attempt where id = %s", (id,))

    async def clear(self, identity: str) -> None:
        await self._rows.run("delete from sign_in_attempt where identity = %s and not pending", (identity,))

    async def forget(self, before: Millis) -> None:
        await self._rows.run("delete from sign_in_attempt where at < %s", (before,))
