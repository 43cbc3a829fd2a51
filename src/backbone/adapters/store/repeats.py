"""Requests that may come twice, with what was answered."""

from __future__ import annotations

from backbone.adapters.store.codec import Codec
from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import Millis
from backbone.ports.repeats import KEPT, AnotherRequest, Answer, RequestKey, UnderWay

_ANSWER = Codec[Answer](Answer)
# Until the end of the transaction; a lock and not a row, so that nothing is left of who dies in between.
_LOCK = "select pg_try_advisory_xact_lock(hashtextextended(%s, 4711))"
_KNOWN = "select digest, answer from request_key where caller = %s and key = %s and at >= %s"
_KEEP = """
    insert into request_key (caller, key, digest, at, answer) values (%s, %s, %s, %s, %s)
    on conflict (caller, key) do update set digest = excluded.digest, at = excluded.at, answer = excluded.answer
"""


class PostgresRepeats:
    """Repeated requests of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def claim(self, request: RequestKey, now: Millis) -> Answer | None:
        ours = await self._rows.value(_LOCK, (f"{len(request.caller)}:{request.caller}:{request.key}",))
        known = await self._rows.one(_KNOWN, (request.caller, request.key, now - KEPT))
        if known is not None and known[0] != request.digest:
            raise AnotherRequest
        if known is not None:
            return _ANSWER.decode(known[1])
        if not ours:
            raise UnderWay
        return None

    async def keep(self, request: RequestKey, answer: Answer, now: Millis) -> None:
        await self._rows.run(_KEEP, (request.caller, request.key, request.digest, now, _ANSWER.encode(answer)))

    async def forget(self, before: Millis) -> None:
        await self._rows.run("delete from request_key where at < %s", (before,))
