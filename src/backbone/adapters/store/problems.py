"""Open problems, one row a cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any  # a row, whose columns the statement tells

from backbone.adapters.store.documents import PROBLEM
from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import ConnectorKey, Millis, PairUid, SynchronizationKey
from backbone.core.model.problems import LASTING, Code, Problem
from backbone.ports.records import OpenProblem

_REPORT = """
    insert into problem as known (identity, connector, pair, first_seen, last_seen, document)
    values (%(identity)s, %(connector)s, %(pair)s, %(at)s, %(at)s, %(document)s)
    on conflict (identity) do update set
        last_seen = greatest(known.last_seen, excluded.last_seen), count = known.count + 1,
        document = excluded.document
"""
_OPEN = "select id, document, first_seen, last_seen, count from problem order by id"
_FIND = "select id, document, first_seen, last_seen, count from problem where identity = %s"
_NUMBERED = "select id, document, first_seen, last_seen, count from problem where id = %s"
_OF_CODE = """
    select id, document, first_seen, last_seen, count from problem where split_part(identity, '|', 1) = %s order by id
"""
_RESOLVE_PAIR = """
    delete from problem where connector = %s and pair = any(%s) and split_part(identity, '|', 1) <> all(%s)
"""
_OPEN_OF = """
    select id, document, first_seen, last_seen, count from problem
    where connector in (select unnest(array[first, second]) from synchronization where key = %s)
    order by id
"""


class PostgresProblems:
    """Problems of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def report(self, problem: Problem, at: Millis) -> None:
        await self._rows.run(
            _REPORT,
            {
                "identity": problem.identity,
                "connector": problem.connector,
                "pair": problem.holds.pair,
                "at": at,
                "document": PROBLEM.encode(problem),
            },
        )

    async def resolve(self, identity: str) -> None:
        await self._rows.run("delete from problem where identity = %s", (identity,))

    async def resolve_pair(self, connector: ConnectorKey, pair: PairUid) -> None:
        await self.resolve_pairs(connector, [pair])

    async def resolve_pairs(self, connector: ConnectorKey, pairs: Sequence[PairUid]) -> None:
        await self._rows.run(_RESOLVE_PAIR, (connector, list(pairs), _LASTING))

    async def find(self, identity: str) -> OpenProblem | None:
        row = await self._rows.one(_FIND, (identity,))
        return _opened(row) if row else None

    async def numbered(self, number: int) -> OpenProblem | None:
        row = await self._rows.one(_NUMBERED, (number,))
        return _opened(row) if row else None

    async def of_code(self, code: Code) -> Sequence[OpenProblem]:
        return [_opened(row) for row in await self._rows.all(_OF_CODE, (code,))]

    async def open(self, synchronization: SynchronizationKey | None = None) -> Sequence[OpenProblem]:
        if synchronization is None:
            rows = await self._rows.all(_OPEN)
        else:
            rows = await self._rows.all(_OPEN_OF, (synchronization,))
        return [_opened(row) for row in rows]


def _opened(row: Sequence[Any]) -> OpenProblem:
    number, document, first, last, count = row
    return OpenProblem(id=number, problem=PROBLEM.decode(document), first_seen=first, last_seen=last, count=count)


_LASTING = sorted(LASTING)
