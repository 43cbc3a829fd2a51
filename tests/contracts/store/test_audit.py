"""What was done is recorded with what it did, or not at all."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.keys import Millis
from backbone.ports.access import AuditEntry
from tests.contracts.store.conftest import Stage

ENTRY = AuditEntry(at=Millis(1000), who="command-line:anna", what="publication.decline", about="INT-1")


async def test_entries_of_a_committed_unit_come_back_the_newest_first(stage: Stage) -> None:
    async with stage.store.unit() as uow:
        for about in ("INT-1", "INT-2", "INT-3"):
            await uow.audit.write(replace(ENTRY, about=about, after={"revision": 2}))
        await uow.commit()

    async with stage.other.unit() as uow:
        newest = await uow.audit.page(limit=2)
        [oldest] = await uow.audit.page(before=newest[-1].id)
    assert [one.about for one in (*newest, oldest)] == ["INT-3", "INT-2", "INT-1"]
    assert replace(oldest, id=0) == replace(ENTRY, after={"revision": 2})


async def test_nothing_is_recorded_of_what_was_not_done(stage: Stage) -> None:
    async with stage.store.unit() as uow:
        await uow.audit.write(ENTRY)

    async with stage.other.unit() as uow:
        assert await uow.audit.page() == []


async def test_what_is_old_is_let_go(stage: Stage) -> None:
    async with stage.store.unit() as uow:
        await uow.audit.write(ENTRY)
        await uow.audit.forget(Millis(ENTRY.at + 1))
        await uow.commit()

    async with stage.other.unit() as uow:
        assert await uow.audit.page() == []
