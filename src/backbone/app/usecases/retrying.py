"""Trying again what is held back: parked values, creations that were refused, and the guard against mass removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.engine.apply import run_apply
from backbone.app.engine.context import Engine
from backbone.app.engine.guard import allow_removals
from backbone.app.engine.guarded import guarded_at
from backbone.app.usecases.choosing import chosen, halves_of
from backbone.app.usecases.finding import analysed_name
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, IssueId, Millis, PairUid, SynchronizationKey
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
    """The cursor that asks for a pass over what a synchronization holds back: by its edge over some pairs, else over all."""
    return f"retry:{key}"


async def release(store: Store, named: str | None, now: Millis, by: Caller | None = None) -> Released:
    """Let everything that is held back be tried again, and Jiras be examined anew, by whoever runs the engine.

    ``by`` is who is recorded. Raises Mistake.
    """
    released = Released()
    async with store.unit() as uow:
        synchronizations = await chosen(uow, named)
        for half in await halves_of(uow, synchronizations):
            released = await _release_half(uow, half, released, now)
            await uow.cursors.remove(analysed_name(half.connector))
        for one in synchronizations:
            await uow.cursors.save(retry_name(one.key), Cursor(watermark=now))
            if by is not None:
                await uow.audit.write(entry_of(by, "integration.retry", one.key, now))
            released = replace(released, guards=released.guards + await _open_guard(uow, one.key, now))
        await log_in_anew(uow, None, now)
        await uow.commit()
    return released


async def log_in_anew(uow: UnitOfWork, named: ConnectionName | None, now: Millis) -> None:
    """Whoever runs the engine logs in anew, to one Jira or to all: a refused log-in is a reason to retry as well."""
    for connection in await uow.synchronizations.connections():
        if named in (None, connection.name):
            document = {**connection.document, "applied": now}
            await uow.synchronizations.save_connection(replace(connection, document=document))


async def ask_for_pair(uow: UnitOfWork, key: SynchronizationKey, uid: PairUid, now: Millis) -> None:
    """Let what both halves of one pair hold back be tried again by whoever runs the engine."""
    known = await uow.cursors.get(retry_name(key))
    if known is not None and not known.edge:
        return  # all of them are to be tried
    edge = {**(known.edge if known is not None else {}), IssueId(uid): now}
    await uow.cursors.save(retry_name(key), Cursor(watermark=now, edge=edge))


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
        if one.problem.code is Code.MASS_CHANGE:
            await allow_removals(uow, one.problem, now)
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
            if half.synchronization == key:
                tried += await _retry_asked_for(engine, half, due)
        async with engine.store.unit() as uow:
            await uow.cursors.advance(retry_name(key), due, None)
            await uow.commit()
    return tried


async def _retry_asked_for(engine: Engine, half: HalfConfiguration, due: Cursor) -> int:
    if not due.edge:
        return await retry_everything(engine, half)
    async with engine.store.unit() as uow:
        known = [await uow.pairs.get(half.connector, PairUid(uid)) for uid in due.edge]
    held = [pair.uid for pair in known if pair is not None and holds_back(pair)]
    await _retry_pairs(engine, half, held)
    return len(held)


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
    await _retry_pairs(engine, half, parked)
    return len(parked)


async def _retry_pairs(engine: Engine, half: HalfConfiguration, uids: Sequence[PairUid]) -> None:
    for uid in uids:
        turn = ApplyTurn(connector=half.connector, pair=uid)
        await guarded_at(engine, half, "retry", partial(run_apply, engine, turn, retry=True))
