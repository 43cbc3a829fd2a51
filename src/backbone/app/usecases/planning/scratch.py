"""A copy of what is remembered of some synchronizations, so that a plan may change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from backbone.app.engine.cursors import catch_up_name, cursor_name
from backbone.app.engine.guard import REMOVALS_WINDOW, closed_name
from backbone.app.usecases.retrying import retry_name
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import Millis
from backbone.core.model.pair import Pair, PairState
from backbone.ports.records import ApplyTurn, ConnectorTurn, CreateTurn, Synchronization
from backbone.ports.store import Store, UnitOfWork

AT_ONCE = 50
"""Pairs that are copied in one unit of work: while it lasts, the stamps of their issues are locked."""

_ALL = 10_000_000
_FOREVER = Millis(2**62)


class TurnQueue(Protocol):
    """Turns that wait in a scratch store."""

    def ready(self) -> list[ConnectorTurn]: ...

    def pop(self, turn: ConnectorTurn) -> None: ...

    def put_back(self, turn: ConnectorTurn, *, after: float = 0.0) -> None: ...


class ScratchStore(Store, Protocol):
    """A store for one plan, gone when it ends."""

    @property
    def turns(self) -> TurnQueue: ...


async def copy_memory(
    source: Store,
    target: Store,
    synchronizations: Sequence[Synchronization],
    halves: Sequence[HalfConfiguration],
    now: Millis,
) -> None:
    """Copy all that a run of these synchronizations looks at. Nothing of the source changes."""
    async with source.unit() as real, target.unit() as scratch:
        for one in synchronizations:
            mine = [half for half in halves if half.synchronization == one.key]
            await scratch.synchronizations.save(one, mine)
        for name in _cursors(synchronizations, halves):
            cursor = await real.cursors.get(name)
            if cursor is not None:
                await scratch.cursors.save(name, cursor)
        await scratch.commit()
    for half in halves:
        await _copy_half(source, target, half, now)


def _cursors(synchronizations: Sequence[Synchronization], halves: Sequence[HalfConfiguration]) -> list[str]:
    names = {cursor_name(half.connection) for half in halves} | {catch_up_name(half.connector) for half in halves}
    elsewhere = [one for one in synchronizations if one.here is not None]
    names |= {closed_name(one.partner_of(one.connectors[0])) for one in elsewhere}
    return sorted(names | {retry_name(one.key) for one in synchronizations})


async def _copy_half(source: Store, target: Store, half: HalfConfiguration, now: Millis) -> None:
    async with source.unit() as real, target.unit() as scratch:
        pairs = [pair async for pair in real.pairs.all(half.connector)]
        free = {pair.uid for pair in await real.pairs.creating(half.connector, _ALL)}
        await scratch.dirty.add(half.connector, await real.dirty.take(half.connector, _FOREVER, _ALL), Millis(0))
        removed = await real.removals.since(half.connector, Millis(now - REMOVALS_WINDOW))
        if removed:
            await scratch.removals.note(half.connector, now, removed)
        for file in await real.pieces.under_way(half.synchronization, ours=False):
            await scratch.pieces.begin(file)
        await scratch.turns.wake(CreateTurn(connector=half.connector))
        await scratch.commit()
    for start in range(0, len(pairs), AT_ONCE):
        async with source.unit() as real, target.unit() as scratch:
            for pair in pairs[start : start + AT_ONCE]:
                await _copy_pair(real, scratch, half, pair)
                if pair.state is PairState.CREATING and pair.uid not in free:
                    await scratch.pairs.hold(half.connector, pair.uid, None)
            await scratch.commit()


async def _copy_pair(real: UnitOfWork, scratch: UnitOfWork, half: HalfConfiguration, pair: Pair) -> None:
    await scratch.pairs.save(pair)
    if pair.local is not None:
        stamps = await real.stamps.get(half.connection, pair.local.id)
        await scratch.stamps.save(half.connection, pair.local.id, stamps)
    synchronization = await scratch.synchronizations.get(half.synchronization)
    assert synchronization is not None, "it was copied before its pairs"
    for connector in (half.connector, synchronization.partner_of(half.connector)):
        messages = await real.inbox.pending(connector, pair.uid)
        for message in messages:
            await scratch.inbox.put(message)
        if messages:
            await scratch.turns.wake(ApplyTurn(connector=connector, pair=pair.uid))
