"""Trying again what is held back: parked values, creations that were refused, and the guard against mass removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from backbone.app.engine.apply import run_apply
from backbone.app.engine.context import Engine
from backbone.app.engine.guard import open_guard
from backbone.app.usecases.choosing import chosen, halves_of
from backbone.app.usecases.guarded import guarded_at
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.core.model.pair import PairState
from backbone.core.model.problems import Code
from backbone.core.sync.retry import holds_back
from backbone.ports.records import ApplyTurn, CreateTurn, Cursor
from backbone.ports.store import Store, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What a retry set free."""

    parked: int = 0
    creations: int = 0
    guards: int = 0


def retry_name(key: SynchronizationKey) -> str:
    """The cursor that asks for a pass over parked values of a synchronization."""
    return f"retry:{key}"


async def release(store: Store, named: str | None, now: Millis) -> Released:
    """Let everything that is held back be tried again by whoever runs the engine. Raises Mistake."""
    released = Released()
    async with store.unit() as uow:
        synchronizations = await chosen(uow, named)
        for half in await halves_of(uow, synchronizations):
            released = await _release_half(uow, half, released, now)
        for one in synchronizations:
            await uow.cursors.save(retry_name(one.key), Cursor(watermark=now))
            released = replace(released, guards=released.guards + await _open_guard(uow, one.key, now))
        for connection in await uow.synchronizations.connections():
            # Whoever runs the engine logs in anew: a refused log-in is a reason to retry as well.
            document = {**connection.document, "applied": now}
            await uow.synchronizations.save_connection(replace(connection, document=document))
        await uow.commit()
    return released


async def _release_half(uow: UnitOfWork, half: HalfConfiguration, released: Released, now: Millis) -> Released:
    parked = [pair async for pair in uow.pairs.all(half.connector) if holds_back(pair)]
    creations = await _release_creations(uow, half, now)
    return replace(released, parked=released.parked + len(parked), creations=released.creations + creations)


async def _release_creations(uow: UnitOfWork, half: HalfConfiguration, now: Millis) -> int:
    """Let issues be created that were refused; how many wait."""
    creating = [pair async for pair in uow.pairs.all(half.connector) if pair.state is PairState.CREATING]
    for pair in creating:
        await uow.pairs.hold(half.connector, pair.uid, now)
    if creating:
        await uow.turns.wake(CreateTurn(connector=half.connector))
    return len(creating)


async def _open_guard(uow: UnitOfWork, key: SynchronizationKey, now: Millis) -> int:
    opened = 0
    for one in await uow.problems.open(key):
        if one.problem.code is Code.MASS_CHANGE and one.problem.connector is not None:
            await open_guard(uow, one.problem.connector, now)
            await uow.problems.resolve(one.problem.identity)
            opened += 1
        elif one.problem.code is Code.DEFECT:  # nothing else ends it; it is told again when it comes again
            await uow.problems.resolve(one.problem.identity)
    return opened


async def retry_due(engine: Engine, halves: Sequence[HalfConfiguration]) -> int:
    """Try what is held back again where a retry was asked for; how many pairs and creations were tried."""
    tried = 0
    for key in sorted({half.synchronization for half in halves}):
        async with engine.store.unit() as uow:
            due = await uow.cursors.get(retry_name(key))
        if due is None:
            continue
        for half in halves:
            tried += await retry_everything(engine, half) if half.synchronization == key else 0
        async with engine.store.unit() as uow:
            await uow.cursors.advance(retry_name(key), due, None)
            await uow.commit()
    return tried


async def retry_everything(engine: Engine, half: HalfConfiguration) -> int:
    """What is done when asked for and every hour: the cause of what a half holds back may be gone. How much there was."""
    parked = await retry_parked(engine, half)
    async with engine.store.unit() as uow:
        creations = await _release_creations(uow, half, engine.system.now())
        await uow.commit()
    return parked + creations


async def retry_parked(engine: Engine, half: HalfConfiguration) -> int:
    """Try everything that pairs of a half hold back once more, now: values, comments and attachments."""
    async with engine.store.unit() as uow:
        parked = [pair.uid async for pair in uow.pairs.all(half.connector) if holds_back(pair)]
    for uid in parked:
        turn = ApplyTurn(connector=half.connector, pair=uid)
        await guarded_at(engine, half, "retry", partial(run_apply, engine, turn, retry=True))
    return len(parked)
