"""Letting go of tasks, answers and archives that nobody asks for any more."""

from __future__ import annotations

from backbone.app.usecases.deleting import ARCHIVED
from backbone.core.model.keys import Millis
from backbone.ports.administration import AdministrationStore
from backbone.ports.repeats import KEPT

TASKS_KEPT = 30 * 24 * 3_600_000
"""Milliseconds for which tasks that have ended are kept."""


async def forget_old(store: AdministrationStore, now: Millis) -> None:
    async with store.administration() as unit:
        await unit.tasks.forget(Millis(now - TASKS_KEPT))
        await unit.repeats.forget(Millis(now - KEPT))
        await unit.archive.forget(Millis(now - ARCHIVED))
        await unit.information.forget_archived(Millis(now - ARCHIVED))
        await unit.commit()
