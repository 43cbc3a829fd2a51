"""The guard against mass removal: too many removals and blanks stop before the outbox and ask (rule 21)."""

from __future__ import annotations

from backbone.app.engine.handing import synchronization_of
from backbone.core.model.changes import Changes
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, Millis
from backbone.core.model.problems import Code, Holds, Problem
from backbone.ports.records import Cursor
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import TransientError

REMOVALS_WINDOW = 60 * 60 * 1000
"""Milliseconds over which removals and blanks of a connector are counted."""

REMOVALS_LIMIT = 100
"""So many removals and blanks in a window stop before the outbox and ask."""

_ARRIVING = "the partner's removals"

_PASS = 1_000_000
"""So many removals are allowed within the window once a person said that they are meant."""


class Guarded(TransientError):
    """What would have to be told is held by the guard; come back when a person may have answered."""

    def __init__(self) -> None:
        super().__init__("too many removals within an hour", retry_after=60.0)


def closed_name(connector: ConnectorKey) -> str:
    """The cursor that remembers since when the guard of a connector is closed."""
    return f"guard:{connector}"


async def removals_allowed(uow: UnitOfWork, half: HalfConfiguration, count: int, now: Millis) -> bool:
    """Count removals that are about to be told; False, with a problem, where they would be too many.

    Then none passes any more, however long ago the others were, before a person says that they are meant.
    """
    if count == 0:
        return True
    before = await uow.removals.since(half.connector, Millis(now - REMOVALS_WINDOW))
    closed = await uow.cursors.get(closed_name(half.connector))
    if closed is None and before + count <= REMOVALS_LIMIT:
        if before >= 0:  # what a person allowed does not count later
            await uow.removals.note(half.connector, now, count)
        return True
    if closed is None:
        await uow.cursors.save(closed_name(half.connector), Cursor(watermark=now))
    await uow.problems.report(mass_change(half), now)
    return False


async def open_guard(uow: UnitOfWork, connector: ConnectorKey, now: Millis) -> None:
    """A person said that the removals are meant: for an hour there is no limit."""
    await uow.removals.note(connector, now, -_PASS)
    await uow.cursors.remove(closed_name(connector))


async def count_arriving(uow: UnitOfWork, half: HalfConfiguration, count: int, now: Millis) -> None:
    """Count removals that a partner elsewhere told; where they are too many none is applied before a person allows it.

    They are counted apart from ours. Within one installation the partner's half counts them before they are told.
    """
    if count == 0:
        return
    sender = (await synchronization_of(uow, half)).partner_of(half.connector)
    before = await uow.removals.since(sender, Millis(now - REMOVALS_WINDOW))
    if before >= 0:  # what a person allowed does not count later
        await uow.removals.note(sender, now, count)
    if before + count > REMOVALS_LIMIT and await uow.cursors.get(closed_name(sender)) is None:
        await uow.cursors.save(closed_name(sender), Cursor(watermark=now))
        await uow.problems.report(mass_change_of_partner(half), now)


async def arriving_held(uow: UnitOfWork, half: HalfConfiguration) -> bool:
    """Whether removals that a partner elsewhere told wait for a person."""
    one = await synchronization_of(uow, half)
    return one.here is not None and await uow.cursors.get(closed_name(one.partner_of(half.connector))) is not None


async def allow_removals(uow: UnitOfWork, problem: Problem, now: Millis) -> None:
    """A person said that the removals of this problem are meant, ours or those that the partner told."""
    if problem.connector is None:
        return
    sender = problem.connector
    if problem.holds.thing == _ARRIVING:
        half = await uow.synchronizations.half(sender)
        sender = (await synchronization_of(uow, half)).partner_of(sender)
    await open_guard(uow, sender, now)
    await uow.problems.resolve(problem.identity)


def removals_in(changes: Changes) -> int:
    """How many blanks and removed elements are among the changes."""
    blanks = sum(change.value == () for change in changes.fields)
    return blanks + sum(not change.present for change in changes.elements)


def mass_change(half: HalfConfiguration) -> Problem:
    """The guard against mass removal has closed."""
    return Problem(
        code=Code.MASS_CHANGE,
        connector=half.connector,
        occurred_in=None,
        cause=f"more than {REMOVALS_LIMIT} removals or emptied fields within an hour would have been sent",
        remedy="If they are meant, allow them with 'backbone retry'; otherwise find out who emptied the issues.",
        holds=Holds(thing="removals"),
    )


def mass_change_of_partner(half: HalfConfiguration) -> Problem:
    """The guard against mass removal has closed for what a partner elsewhere tells."""
    return Problem(
        code=Code.MASS_CHANGE,
        connector=half.connector,
        occurred_in=None,
        cause=f"the partner told more than {REMOVALS_LIMIT} removals or emptied fields within an hour",
        remedy="Ask the partner whether they are meant. If so, allow them with 'backbone retry'.",
        holds=Holds(thing=_ARRIVING),
    )
