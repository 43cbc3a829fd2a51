"""The guard against mass removal: too many removals and blanks stop before the outbox and ask (rule 21)."""

from __future__ import annotations

from backbone.core.model.changes import Changes
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import Millis
from backbone.core.model.problems import Code, Holds, Problem
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import TransientError

REMOVALS_WINDOW = 60 * 60 * 1000
"""Milliseconds over which removals and blanks of a connector are counted."""

REMOVALS_LIMIT = 100
"""So many removals and blanks in a window stop before the outbox and ask."""


class Guarded(TransientError):
    """What would have to be told is held by the guard; come back when a person may have answered."""

    def __init__(self) -> None:
        super().__init__("too many removals within an hour", retry_after=60.0)


async def removals_allowed(uow: UnitOfWork, half: HalfConfiguration, count: int, now: Millis) -> bool:
    """Count removals that are about to be told; False, with a problem, where they would be too many."""
    if count == 0:
        return True
    before = await uow.removals.since(half.connector, Millis(now - REMOVALS_WINDOW))
    if before + count <= REMOVALS_LIMIT:
        await uow.removals.note(half.connector, now, count)
        return True
    await uow.problems.report(mass_change(half, before + count), now)
    return False


def removals_in(changes: Changes) -> int:
    """How many blanks and removed elements are among the changes."""
    blanks = sum(change.value == () for change in changes.fields)
    return blanks + sum(not change.present for change in changes.elements)


def mass_change(half: HalfConfiguration, count: int) -> Problem:
    """The guard against mass removal has closed."""
    return Problem(
        code=Code.MASS_CHANGE,
        connector=half.connector,
        occurred_in=None,
        cause=f"{count} removals or emptied fields within an hour would have been sent; the limit is {REMOVALS_LIMIT}",
        remedy="If they are meant, allow them with 'backbone retry'; otherwise find out who emptied the issues.",
        holds=Holds(thing="removals"),
    )
