"""What is old is forgotten by whoever runs the engine."""

from __future__ import annotations

import asyncio

from backbone.bootstrap import Backbone, assembled
from backbone.core.model.keys import ConnectorKey, IssueId, IssueKey, IssueRef, Millis
from backbone.ports.records import JournalEntry
from backbone.settings import Settings
from tests.parts.postgres import any_database, any_postgres, bundled_postgres, debian_postgres, migrate_schema

__all__ = ["any_database", "any_postgres", "bundled_postgres", "debian_postgres", "migrate_schema"]


async def test_serving_forgets_what_happened_long_ago_and_keeps_the_rest(any_database: str) -> None:
    async with assembled(Settings.model_validate({"database_url": any_database})) as backbone:
        now = backbone.system.now()
        for number, at in ((1, 0), (2, now)):
            await _note(backbone, number, Millis(at))
        stop = asyncio.Event()
        working = asyncio.create_task(backbone.work(stop, {}))
        async with asyncio.timeout(30):
            while await _known(backbone, 1):  # noqa: ASYNC110  the worker tells nobody
                await asyncio.sleep(0.02)
        stop.set()
        await working

        assert await _known(backbone, 2)


async def _note(backbone: Backbone, number: int, at: Millis) -> None:
    issue = IssueRef(id=IssueId(str(number)), key=IssueKey(f"PA-{number}"))
    entry = JournalEntry(at=at, connector=ConnectorKey("PA-1"), pair=None, issue=issue, what="field-written")
    async with backbone.store.unit() as unit:
        await unit.journal.write([entry])
        await unit.commit()


async def _known(backbone: Backbone, number: int) -> bool:
    async with backbone.store.unit() as unit:
        return bool(await unit.journal.of_issue(str(number)))
