"""Importing sync information: read and checked from end to end first, then taken over in one transaction.

The array is staged as it arrives, so that its size does not matter; nothing of it counts before all of it is known to
be right.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.engine.context import Engine
from backbone.app.engine.handing import partner_half
from backbone.app.usecases.information.adopting import Adopted, adopt_alone, adopt_entry
from backbone.app.usecases.information.halves import tell_of_halves
from backbone.app.usecases.information.refusals import EntryClashes, EntryWrong
from backbone.app.usecases.information.resolving import Side, resolve_keys
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import ConnectorKey, PairUid
from backbone.core.protocol.parcels import ChannelId
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.information import Clash, Given, Resolved
from backbone.ports.records import Synchronization

AT_ONCE = 500

MOST_TOLD = 100
"""So many wrong entries are told of at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How many entries were imported, and how many of them lack the partner's half."""

    entries: int
    halves: int


async def import_information(
    store: AdministrationStore,
    engine: Engine,
    one: Synchronization,
    connector: ConnectorKey,
    entries: AsyncIterator[Given],
    *,
    by: Caller,
) -> Imported:
    """Import entries of a connector, all or none. Raises EntryWrong, EntryClashes, Mistake and TrackerError."""
    name = engine.system.new_id()
    try:
        await put_aside(store, engine, name, entries)
        raise_first(await check_issues(store, engine, connector, name))
        async with store.administration() as unit:
            imported = await take_over(unit, engine, one, connector, name)
            await audit(unit, engine, connector, imported, by)
            await unit.commit()
        return imported
    finally:
        async with store.administration() as unit:
            await unit.imports.forget(name)
            await unit.commit(lasting=False)


async def put_aside(store: AdministrationStore, engine: Engine, name: str, entries: AsyncIterator[Given]) -> int:
    """Stage entries as they come; how many there were."""
    batch: list[Given] = []
    count = 0
    async for entry in entries:
        batch.append(entry)
        count += 1
        if len(batch) == AT_ONCE:
            await stage(store, engine, name, batch)
            batch.clear()
    await stage(store, engine, name, batch)
    return count


async def stage(store: AdministrationStore, engine: Engine, name: str, entries: list[Given]) -> None:
    """Put some of the entries of an import aside."""
    async with store.administration() as unit:
        await unit.imports.stage(name, entries, engine.system.now())
        await unit.commit(lasting=False)


async def check_issues(
    store: AdministrationStore, engine: Engine, connector: ConnectorKey, name: str
) -> Sequence[EntryWrong]:
    """Find all issues of a staged import; the first entries that are wrong. Raises TrackerError."""
    async with store.administration() as unit:
        twice = await unit.imports.twice(name, MOST_TOLD)
        mine = await unit.synchronizations.half(connector)
        partners = await partner_half(unit, mine)
        if partners is None:
            await unit.imports.resolve_elsewhere(name, connector)
            await unit.commit(lasting=False)
    if twice:
        return [clashes(clash) for clash in twice]
    if partners is None:
        return await resolve_keys(store, engine, Side(name=name, half=mine, local=True))
    wrong = await resolve_keys(store, engine, Side(name=name, half=mine, local=True))
    return [*wrong, *await resolve_keys(store, engine, Side(name=name, half=partners, local=False))]


async def take_over(
    unit: AdministrationUnit, engine: Engine, one: Synchronization, connector: ConnectorKey, name: str
) -> Imported:
    """Write the connector's halves of a staged import, in the caller's transaction. Raises EntryClashes."""
    partner = one.partner_of(connector)
    adopt = await _adopting(unit, engine, one, connector)
    count = 0
    after = -1
    while batch := await unit.imports.batch(name, connector, partner, after=after, limit=AT_ONCE):
        adopted = {each.local.id: adopt(each) for each in batch}
        await _save(unit, engine, connector, partner, list(adopted.values()))
        after, count = batch[-1].given.position, count + len(batch)
    raise_first([clashes(one) for one in await unit.imports.take_over(name, connector, partner, MOST_TOLD)])
    await tell_of_halves(unit, connector, partner, engine.system.now())
    halves, _ = await unit.information.halves(connector)
    return Imported(entries=count, halves=halves)


async def _adopting(
    unit: AdministrationUnit, engine: Engine, one: Synchronization, connector: ConnectorKey
) -> Callable[[Resolved], Adopted]:
    """What makes halves of entries; with a partner elsewhere both sides find the same names for new pairs."""
    first = connector == one.first
    if one.here is None:
        return lambda entry: adopt_entry(entry, connector, PairUid(engine.system.new_id()), first=first)
    stored = await unit.channels.get(one.key)
    if stored is None:
        raise Mistake(one.name, "it has no channel to its partner yet", "Exchange the handshake first")
    channel = stored.channel.id
    return lambda entry: adopt_alone(entry, connector, _shared_uid(channel, entry, first=first), first=first)


def _shared_uid(channel: ChannelId, entry: Resolved, *, first: bool) -> PairUid:
    """The name of a pair that the partner finds as well when it imports the same issues."""
    keys = (entry.given.local, entry.given.remote)
    named = "\n".join((channel, *(keys if first else reversed(keys))))
    return PairUid(sha256(named.encode()).hexdigest()[:32])


def raise_first(wrong: Sequence[EntryWrong]) -> None:
    """Raise the first one; ``others`` of it are those that follow."""
    if wrong:
        first, *others = sorted(wrong, key=lambda one: one.position)
        first.others = tuple(others)
        raise first


async def _save(
    unit: AdministrationUnit, engine: Engine, connector: ConnectorKey, partner: ConnectorKey, batch: list[Adopted]
) -> None:
    pairs = [one.mine for one in batch] + [one.partners for one in batch if one.partners is not None]
    fresh = [one.mine for one in batch if one.fresh]
    await unit.pairs.save_all(pairs)
    if fresh:
        await unit.imports.forget_messages([one.uid for one in fresh], [connector, partner])
        now = engine.system.now()
        await unit.dirty.add(connector, [one.local.id for one in fresh if one.local], now)
        there = [one.partners.local.id for one in batch if one.fresh and one.partners and one.partners.local]
        await unit.dirty.add(partner, there, now)
    for place, receiver in enumerate((connector, partner)):
        shifts = {one.mine.uid: one.shifts[place] for one in batch if one.shifts[place]}
        if shifts:
            await unit.imports.renumber(receiver, shifts)


async def audit(
    unit: AdministrationUnit, engine: Engine, connector: ConnectorKey, imported: Imported, by: Caller
) -> None:
    """Who imported how much."""
    after = {"entries": imported.entries}
    await unit.audit.write(entry_of(by, "sync-information.import", connector, engine.system.now(), after=after))


def clashes(clash: Clash) -> EntryClashes:
    """The refusal of an entry whose issue is in another pair."""
    other = f"is paired with {clash.other} already" if clash.other else "waits for a partner of its own"
    return EntryClashes(clash.position, "localIssueKey" if clash.local else "remoteIssueKey", f"{clash.key} {other}")
