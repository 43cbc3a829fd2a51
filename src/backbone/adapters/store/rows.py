"""What all repositories of one unit of work share: the connection, and the shortest ways to ask it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, TypeAlias

import msgspec
from psycopg import AsyncConnection, AsyncPipeline

Connection: TypeAlias = AsyncConnection[tuple[Any, ...]]
Parameters: TypeAlias = Sequence[object] | Mapping[str, object]
Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Statements on one connection, inside its transaction and its pipeline.

    Statements that ask for nothing wait for the next one that does, and all go to the database in one way there and
    back. What is wrong with one shows at the next answer, at the latest when the transaction ends.
    """

    connection: Connection
    pipeline: AsyncPipeline

    async def run(self, statement: LiteralString, parameters: Parameters = ()) -> None:
        """Run a statement of which nothing is asked."""
        await self.connection.execute(statement, parameters)

    async def count(self, statement: LiteralString, parameters: Parameters = ()) -> int:
        """Run a statement; how many rows it concerned."""
        cursor = await self.connection.execute(statement, parameters)
        await self.pipeline.sync()
        return cursor.rowcount

    async def run_many(self, statement: LiteralString, parameters: Sequence[Parameters]) -> None:
        async with self.connection.cursor() as cursor:
            await cursor.executemany(statement, parameters)

    async def one(self, statement: LiteralString, parameters: Parameters = ()) -> Row | None:
        """The first row, if there is any."""
        return await (await self.connection.execute(statement, parameters)).fetchone()

    async def all(self, statement: LiteralString, parameters: Parameters = ()) -> list[Row]:
        return await (await self.connection.execute(statement, parameters)).fetchall()

    async def value(self, statement: LiteralString, parameters: Parameters = ()) -> Any:  # noqa: ANN401 - a column's type is told by its statement
        """The only column of the only row of a statement that always gives one."""
        row = await self.one(statement, parameters)
        assert row is not None
        return row[0]


def records(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as one parameter for ``json_to_recordset``; the last column of each is JSON already.

    Arrays of text would be escaped by the driver character by character, which takes ten times as long.
    """
    *plain, document = columns
    return msgspec.json.encode(
        [{**dict(zip(plain, row, strict=False)), document: msgspec.Raw(str(row[-1]).encode())} for row in rows]
    ).decode()
