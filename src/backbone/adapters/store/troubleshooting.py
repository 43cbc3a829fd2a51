"""Problems page by page, values that lost, and figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from backbone.adapters.store.documents import LOSER, PROBLEM
from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.core.model.problems import Code
from backbone.ports.records import OpenProblem
from backbone.ports.troubleshooting import ConnectorFigures, KnownLoser, ProblemFigures

_LISTED = """
    select id, document, first_seen, last_seen, count from problem
    where (%(connectors)s::text[] is null or connector = any(%(connectors)s))
      and (%(code)s::text is null or split_part(identity, '|', 1) = %(code)s)
    order by id limit %(limit)s offset %(start)s
"""
_COUNTED = """
    select count(*) from problem
    where (%(connectors)s::text[] is null or connector = any(%(connectors)s))
      and (%(code)s::text is null or split_part(identity, '|', 1) = %(code)s)
"""
_LOSERS = """
    select id, document, restored from loser
    where %(connectors)s::text[] is null or connector = any(%(connectors)s)
    order by id desc limit %(limit)s offset %(start)s
"""
_FIGURES = """
    select key,
        (select count(*) from pair where pair.connector = known.key),
        (select count(*) from inbox where inbox.connector = known.key and not applied),
        (select min(sent) from inbox where inbox.connector = known.key and not applied),
        (select count(*) from turn where turn.connector = known.key and queued and due <= now()),
        (select (extract(epoch from min(due)) * 1000)::bigint from turn
         where turn.connector = known.key and queued and due <= now())
    from connector known order by key
"""
_PROBLEM_FIGURES = """
    select connector, split_part(identity, '|', 1) as code, count(*) from problem group by 1, 2 order by 1, 2
"""
_JOURNAL_COUNTS = "select document ->> 'what', count(*) from journal group by 1 order by 1"


class PostgresTroubles:
    """What is asked when something is wrong."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def listed(
        self, connectors: Collection[ConnectorKey] | None, code: Code | None, start: int, limit: int | None
    ) -> Sequence[OpenProblem]:
        parameters = {**_chosen(connectors, code), "start": start, "limit": limit}
        return [
            OpenProblem(id=number, problem=PROBLEM.decode(document), first_seen=first, last_seen=last, count=count)
            for number, document, first, last, count in await self._rows.all(_LISTED, parameters)
        ]

    async def counted(self, connectors: Collection[ConnectorKey] | None, code: Code | None) -> int:
        return int(await self._rows.value(_COUNTED, _chosen(connectors, code)))

    async def losers(
        self, connectors: Collection[ConnectorKey] | None, start: int, limit: int | None
    ) -> Sequence[KnownLoser]:
        parameters = {"connectors": _keys(connectors), "start": start, "limit": limit}
        return [_loser(row) for row in await self._rows.all(_LOSERS, parameters)]

    async def count_losers(self, connectors: Collection[ConnectorKey]) -> int:
        return int(await self._rows.value("select count(*) from loser where connector = any(%s)", (_keys(connectors),)))

    async def loser(self, number: int) -> KnownLoser | None:
        row = await self._rows.one("select id, document, restored from loser where id = %s", (number,))
        return _loser(row) if row else None

    async def mark_restored(self, number: int, at: Millis) -> None:
        await self._rows.run("update loser set restored = %s where id = %s", (at, number))

    async def figures(self) -> Sequence[ConnectorFigures]:
        return [
            ConnectorFigures(
                connector=ConnectorKey(key), pairs=pairs, waiting=waiting, oldest=oldest, due=due, due_since=since
            )
            for key, pairs, waiting, oldest, due, since in await self._rows.all(_FIGURES)
        ]

    async def problem_figures(self) -> Sequence[ProblemFigures]:
        return [
            ProblemFigures(connector=connector, code=Code(code), count=count)
            for connector, code, count in await self._rows.all(_PROBLEM_FIGURES)
        ]

    async def unfinished_tasks(self) -> int:
        return int(await self._rows.value("select count(*) from task where completed is null"))

    async def journal_counts(self) -> Sequence[tuple[str, int]]:
        return [(what, count) for what, count in await self._rows.all(_JOURNAL_COUNTS)]


def _chosen(connectors: Collection[ConnectorKey] | None, code: Code | None) -> dict[str, object]:
    return {"connectors": _keys(connectors), "code": code}


def _keys(connectors: Collection[ConnectorKey] | None) -> list[str] | None:
    return None if connectors is None else sorted(connectors)


def _loser(row: Row) -> KnownLoser:
    number, document, restored = row
    return KnownLoser(id=number, loser=LOSER.decode(document), restored=restored)
