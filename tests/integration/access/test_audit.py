"""The audit log is only ever added to; what is older than a year may go."""

from __future__ import annotations

import time
from dataclasses import replace

import psycopg
import pytest

from backbone.core.model.keys import Millis
from backbone.ports.access import AuditEntry
from tests.integration.access.conftest import Door

YEAR = 365 * 24 * 3600 * 1000
ENTRY = AuditEntry(
    at=Millis(int(time.time() * 1000)),
    who="local:anna",
    what="integration.start",
    about="INT-1",
    before={"running": False},
    after={"running": True, "odd": "\x00 and \ud800"},
    address="192.0.2.1",
)


async def _write(lonely: Door, *entries: AuditEntry) -> None:
    async with lonely.store.administration() as unit:
        for one in entries:
            await unit.audit.write(one)
        await unit.commit()


async def test_entries_come_back_page_by_page_the_newest_first(lonely: Door) -> None:
    await _write(lonely, *(replace(ENTRY, about=f"INT-{number}") for number in range(7)))

    async with lonely.store.administration() as unit:
        first = await unit.audit.page(limit=5)
        second = await unit.audit.page(before=first[-1].id, limit=5)
    assert [one.about for one in (*first, *second)] == [f"INT-{number}" for number in reversed(range(7))]
    assert replace(first[0], id=0) == replace(ENTRY, about="INT-6")


@pytest.mark.parametrize("statement", ["update audit set who = 'nobody'", "delete from audit", "truncate audit"])
async def test_nobody_changes_or_removes_an_entry(lonely: Door, statement: str) -> None:
    await _write(lonely, ENTRY)

    with psycopg.connect(lonely.dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


async def test_what_is_older_than_a_year_can_be_let_go_and_nothing_else(lonely: Door) -> None:
    old = replace(ENTRY, at=Millis(ENTRY.at - YEAR - 1000), about="old")
    await _write(lonely, old, ENTRY)

    async with lonely.store.administration() as unit:
        await unit.audit.forget(Millis(ENTRY.at - YEAR))
        await unit.commit()
        kept = await unit.audit.page()
    assert [one.about for one in kept] == ["INT-1"]


async def test_what_was_not_committed_was_not_done_and_is_not_recorded(lonely: Door) -> None:
    async with lonely.store.administration() as unit:
        await unit.audit.write(ENTRY)

    async with lonely.store.administration() as unit:
        assert await unit.audit.page() == []
