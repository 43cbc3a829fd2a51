"""Work that is due and that nobody begins is told, and is over once it is begun."""

from __future__ import annotations

import psycopg

from backbone.app.usecases.finding import analysed_name
from backbone.app.usecases.troubleshooting.analysing import analyse
from backbone.core.model.problems import Code
from backbone.ports.records import CreateTurn, Cursor
from tests.parts.office import Office


async def test_work_that_nobody_begins_is_told_until_it_is_begun(here: Office) -> None:
    half = here.jiras.halves[0]
    turn = CreateTurn(connector=half.connector)
    async with here.store.unit() as uow:
        await uow.cursors.save(analysed_name(half.connector), Cursor(watermark=here.system.now()))
        await uow.turns.wake(turn)
        await uow.commit()
    async with await psycopg.AsyncConnection.connect(here.dsn) as connection:
        await connection.execute("update turn set due = now() - interval '20 minutes'")

    await analyse(here.engine, half)
    async with here.store.unit() as uow:
        [told] = await uow.problems.open()
        await uow.turns.begun(turn)
        await uow.commit()
    await analyse(here.engine, half)

    assert told.problem.code is Code.TURNS_STALLED
    assert "due for 20 minutes" in told.problem.cause
    async with here.store.unit() as uow:
        assert await uow.problems.open() == []
