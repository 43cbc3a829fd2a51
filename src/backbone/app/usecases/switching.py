"""Starting and stopping. A stopped synchronization loses nothing: it remembers since when it has not looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.declaration.declared import begun
from backbone.app.engine.cursors import catch_up_name, catch_up_with_all, cursor_name
from backbone.app.engine.trouble import passes
from backbone.app.usecases.choosing import chosen, halves_of
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import Millis, Role, SynchronizationKey
from backbone.core.protocol.channel import Stage
from backbone.ports.records import ApplyTurn, CreateTurn, Cursor, Synchronization
from backbone.ports.store import Store, UnitOfWork

_BACK = 15 * 60 * 1000
"""Milliseconds before the stop from which on issues are looked at again: clocks may differ, an index may be late."""


STARTED, STOPPED = "integration.start", "integration.stop"
"""What the audit log calls it."""


def stopped_name(key: SynchronizationKey) -> str:
    """The cursor that remembers when a synchronization was stopped."""
    return f"stopped:{key}"


def unstarted_name(key: SynchronizationKey) -> str:
    """The cursor of one that was never started: by how many milliseconds the slowest clock is behind ours."""
    return f"unstarted:{key}"


async def stop(store: Store, named: str | None, now: Millis, by: Caller | None = None) -> tuple[Synchronization, ...]:
    """Stop the named synchronization or all; those that were running. What is under way ends. Raises Mistake.

    Whoever does it is recorded; None where that was done already.
    """
    async with store.unit() as uow:
        running = [one for one in await _locked(uow, named) if one.wanted_running]
        for one in running:
            await _stop(uow, one, now)
        await _record(uow, by, now, STOPPED, running)
        await uow.commit()
    return tuple(running)


async def stop_one(uow: UnitOfWork, key: SynchronizationKey, now: Millis) -> None:
    """Stop a synchronization, if it runs, in the caller's unit of work."""
    one = await uow.synchronizations.lock(key)
    if one is not None and one.wanted_running:
        await _stop(uow, one, now)


async def _stop(uow: UnitOfWork, one: Synchronization, now: Millis) -> None:
    await uow.synchronizations.save(replace(one, wanted_running=False), [])
    halves = await halves_of(uow, [one])
    await uow.cursors.save(stopped_name(one.key), Cursor(watermark=await _looked_at(uow, halves, now)))


async def _locked(uow: UnitOfWork, named: str | None) -> list[Synchronization]:
    """The named one or all, which nobody changes meanwhile; one that was deleted a moment ago is missing."""
    found = [await uow.synchronizations.lock(one.key) for one in await chosen(uow, named)]
    return [one for one in found if one is not None]


async def _looked_at(uow: UnitOfWork, halves: Sequence[HalfConfiguration], now: Millis) -> Millis:
    """Up to when both Jiras were looked at: long ago if nobody ran or a Jira was away.

    From now on other synchronizations move the cursor of a shared connection on without this one.
    """
    cursors = [await uow.cursors.get(cursor_name(half.connection)) for half in halves]
    return min([now, *(cursor.watermark for cursor in cursors if cursor is not None)])


async def start(store: Store, named: str | None, now: Millis, by: Caller | None = None) -> tuple[Synchronization, ...]:
    """Start the named synchronization or all; those that were stopped. They catch up from their stop. Raises Mistake.

    Whoever does it is recorded; None where that was done already.
    """
    async with store.unit() as uow:
        stopped = [one for one in await _locked(uow, named) if not one.wanted_running]
        unready = {one.key: why for one in stopped if (why := await _unready(uow, one)) is not None}
        if named is not None and unready:
            raise next(iter(unready.values()))
        stopped = [one for one in stopped if one.key not in unready]
        for one in stopped:
            halves = await halves_of(uow, [one])
            unstarted = await uow.cursors.get(unstarted_name(one.key))
            if unstarted is not None:
                await _begin(uow, one, halves, Millis(now - unstarted.watermark))
                continue
            await uow.synchronizations.save(replace(one, wanted_running=True), [])
            await _catch_up(uow, one, halves, now)
            await _forget_troubles(uow, one)
            await _wake(uow, halves)
        await _record(uow, by, now, STARTED, stopped)
        await uow.commit()
    return tuple(stopped)


async def _record(uow: UnitOfWork, by: Caller | None, now: Millis, what: str, done: Sequence[Synchronization]) -> None:
    if by is not None:
        for one in done:
            await uow.audit.write(entry_of(by, what, one.key, now))


async def _unready(uow: UnitOfWork, one: Synchronization) -> Mistake | None:
    """Why it can't be started yet: with a partner behind firewalls, both have to agree on a configuration first."""
    if one.here is None:
        return None
    stored = await uow.channels.get(one.key)
    place = f"synchronization '{one.name}'"
    if stored is None or stored.channel.stage is not Stage.KNOWN:
        return Mistake(place, "both sides do not know each other yet", f"See 'backbone channel show {one.key}'")
    if stored.channel.departed:
        return Mistake(place, "the partner deleted its half", "Create a new synchronization with a new handshake")
    agreement = stored.channel.agreement
    if agreement.agreed is not None:
        return None
    if agreement.declined is not None:
        cure = "The master applies its file, changed or not, with --message"
        return Mistake(place, "no configuration is agreed yet, and the first one was declined", cure)
    if agreement.pending is None:
        return Mistake(place, "no configuration is agreed yet", "The master publishes one when the code is confirmed")
    if one.here is Role.FIRST:
        return Mistake(place, "no configuration is agreed yet", "Wait until the partner takes over what was published")
    cure = f"Take over what the master published: see 'backbone publication {one.key}'"
    return Mistake(place, "no configuration is agreed yet", cure)


async def _begin(uow: UnitOfWork, one: Synchronization, halves: Sequence[HalfConfiguration], started: Millis) -> None:
    """The first start: what is new is newer than that."""
    halves = [begun(half, started) for half in halves]
    await uow.synchronizations.save(replace(one, wanted_running=True), halves)
    await catch_up_with_all(uow, halves)
    await uow.cursors.remove(unstarted_name(one.key))


async def _catch_up(uow: UnitOfWork, one: Synchronization, halves: Sequence[HalfConfiguration], now: Millis) -> None:
    stopped = await uow.cursors.get(stopped_name(one.key))
    since = Millis((stopped.watermark if stopped else now) - _BACK)
    for half in halves:
        name = catch_up_name(half.connector)
        known = await uow.cursors.get(name)
        if known is None or known.watermark > since:
            await uow.cursors.save(name, Cursor(watermark=since))
    await uow.cursors.remove(stopped_name(one.key))


async def _forget_troubles(uow: UnitOfWork, one: Synchronization) -> None:
    """What stood in its way when it was stopped may be over since, and nobody looked."""
    for known in await uow.problems.open(one.key):
        if passes(known.problem):
            await uow.problems.resolve(known.problem.identity)


async def _wake(uow: UnitOfWork, halves: Sequence[HalfConfiguration]) -> None:
    """Turns that came while it was stopped did nothing; what waits for them is in the inbox."""
    for half in halves:
        await uow.turns.wake(CreateTurn(connector=half.connector))
        left = await uow.inbox.waiting(half.connector)
        for other in halves:
            async for pair in uow.pairs.all(other.connector):
                if left <= 0:
                    break
                pending = await uow.inbox.pending(half.connector, pair.uid)
                if pending:
                    left -= len(pending)
                    await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid))
