"""Making a plan: one run of the engine, of which only the record is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from backbone.app.engine.catchup import catch_up
from backbone.app.engine.context import Engine
from backbone.app.engine.guarded import guarded, look_guarded, run_turn_guarded
from backbone.app.usecases.choosing import chosen_running, connections_of, halves_of
from backbone.app.usecases.planning.record import Calls, PlannedWrite, Record
from backbone.app.usecases.planning.scratch import ScratchStore, TurnQueue, copy_memory
from backbone.app.usecases.planning.tracker import PlanningTracker
from backbone.app.usecases.reaching import reach
from backbone.app.usecases.retrying import retry_due
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, FieldId, IssueId, IssueKey
from backbone.ports.records import OpenProblem

ROUNDS = 3
"""What was removed counts only when it was missed twice, and answers may follow answers."""

ATTEMPTS = 3
"""So often a turn of a plan is tried that could not be done at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would write, in its order; the calls it would make; and what it would hold back."""

    writes: tuple[PlannedWrite, ...]
    calls: Mapping[ConnectionName, Calls]
    problems: tuple[OpenProblem, ...]


async def make_plan(engine: Engine, scratch: ScratchStore, named: str | None) -> Plan:
    """Plan a run of the named synchronization or of all. Raises Mistake."""
    synchronizations = await chosen_running(engine.store, named)
    async with engine.store.unit() as uow:
        halves = await halves_of(uow, synchronizations)
    accounts = await reach(engine, connections_of(halves))
    await copy_memory(engine.store, scratch, synchronizations, halves, engine.system.now())
    records = {name: Record(name) for name in accounts}
    trackers = {
        name: PlanningTracker(
            engine.trackers[name], records[name], account, _names(halves, name), await _keys(scratch, halves, name)
        )
        for name, account in accounts.items()
    }
    order = _Order(records)
    await _run(Engine(store=scratch, trackers=trackers, system=engine.system), scratch.turns, halves, order)
    async with scratch.unit() as uow:
        problems = tuple(await uow.problems.open())
    calls = {name: record.calls for name, record in records.items()}
    return Plan(writes=tuple(order.writes), calls=calls, problems=problems)


class _Order:
    """The writes of all connections in the order in which they were recorded."""

    def __init__(self, records: Mapping[ConnectionName, Record]) -> None:
        self.writes: list[PlannedWrite] = []
        for record in records.values():
            record.writes = self.writes


def _names(halves: Sequence[HalfConfiguration], connection: ConnectionName) -> dict[FieldId, str]:
    return {one.field: one.name for half in halves if half.connection == connection for one in half.fields}


async def _keys(
    scratch: ScratchStore, halves: Sequence[HalfConfiguration], connection: ConnectionName
) -> dict[IssueId, IssueKey]:
    """How people know the paired issues of a connection."""
    found: dict[IssueId, IssueKey] = {}
    async with scratch.unit() as uow:
        for half in halves:
            if half.connection == connection:
                found |= {pair.local.id: pair.local.key async for pair in uow.pairs.all(half.connector) if pair.local}
    return found


async def _run(engine: Engine, turns: TurnQueue, halves: Sequence[HalfConfiguration], order: _Order) -> None:
    for number in range(ROUNDS):
        before = len(order.writes)
        for name in connections_of(halves):
            await look_guarded(engine, name, halves)
        for half in halves:
            await guarded(engine, half.connector, partial(catch_up, engine, half))
        await retry_due(engine, halves)
        ran = await _settle(engine, turns)
        if number and not ran and len(order.writes) == before:
            return


async def _settle(engine: Engine, turns: TurnQueue) -> int:
    """Run every turn; one that could not be done now is tried again, but not for ever."""
    ran = 0
    tried: dict[object, int] = {}
    while ready := [turn for turn in turns.ready() if tried.get(turn, 0) < ATTEMPTS]:
        turn = ready[0]
        turns.pop(turn)
        ran += 1
        after = await run_turn_guarded(engine, turn)
        if after is not None:
            tried[turn] = tried.get(turn, 0) + 1
            turns.put_back(turn, after=after)
    return ran
