"""Values that lost against newer ones (rule 5), and letting one of them count again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backbone.app.engine.context import Engine, journal, wanted_by
from backbone.app.engine.handing import send
from backbone.app.engine.tell import decide_with_reads
from backbone.app.usecases.choosing import chosen
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.troubleshooting.places import Side, locked, side_of
from backbone.core.model.changes import Changes, IssueChanged
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import ConnectorKey
from backbone.core.model.pair import PairState
from backbone.core.protocol.sequence import coalesce
from backbone.core.sync.asserting import restore_value
from backbone.core.sync.notes import Note, What
from backbone.core.sync.outgoing import Look, Told
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import ApplyTurn, Synchronization
from backbone.ports.tracker import Lane, Unavailable
from backbone.ports.troubleshooting import KnownLoser


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwritten:
    """A value that lost, with the issue and the field as people call them."""

    known: KnownLoser
    issue: str
    field: str


async def overwritten_values(
    store: AdministrationStore, named: str | None, start: int = 0, limit: int | None = 1000
) -> tuple[Overwritten, ...]:
    """Values that lost, of one synchronization or of all, the newest first. Raises Mistake."""
    async with store.administration() as unit:
        every = await chosen(unit, named)
        connectors = {connector for one in every for connector in one.connectors}
        found = await unit.troubles.losers(connectors, start, limit)
        return tuple([await _named(unit, one) for one in found])


async def _named(unit: AdministrationUnit, known: KnownLoser) -> Overwritten:
    loser = known.loser
    half = await unit.synchronizations.half(loser.connector)
    pair = await unit.pairs.get(loser.connector, loser.pair)
    issue = pair.local.key if pair is not None and pair.local is not None else ""
    name = next((one.name for one in half.fields if one.id == loser.mapping), str(loser.mapping))
    return Overwritten(known=known, issue=issue, field=name)


async def count_overwritten(store: AdministrationStore, one: Synchronization) -> int:
    async with store.administration() as unit:
        return await unit.troubles.count_losers(set(one.connectors))


async def find_loser(store: AdministrationStore, number: int) -> KnownLoser | None:
    async with store.administration() as unit:
        return await unit.troubles.loser(number)


async def loser_numbered(store: AdministrationStore, number: int) -> KnownLoser:
    """The value of that number. Raises Mistake."""
    known = await find_loser(store, number)
    if known is None:
        raise Mistake(
            f"value {number}", "there is none of this number", "List them with 'backbone problems overwritten'"
        )
    return known


async def restore(engine: Engine, store: AdministrationStore, known: KnownLoser) -> None:
    """Write the value to both sides again, under a stamp newer than what won. Raises Mistake, and TrackerError."""
    side, mapping = await _where(store, known)
    value = known.loser.shared
    if value is None:
        cure = "Write it into the issue by hand; it is shown in the list"
        raise Mistake(f"value {known.id}", "it has no counterpart at the partner, or was kept shortened", cure)
    async with locked(engine, side) as fence:
        look, told = await _looked(engine, side, known)
        pair, change = restore_value(replace(look, pair=told.pair, stamps=told.stamps), mapping, value)
        changes = coalesce([told.changes, Changes(fields=(change,) if change is not None else ())])
        notes = [*told.notes, Note(what=What.FIELD_SENT, mapping=mapping.id, because="a person restored it")]
        async with store.administration() as unit:
            if changes:
                pair = await send(
                    unit, side.half, pair, IssueChanged(issue=look.snapshot.ref, changes=changes), look.now
                )
            await unit.pairs.save(pair)
            await unit.stamps.save(side.half.connection, look.snapshot.ref.id, told.stamps)
            await unit.turns.wake(ApplyTurn(connector=side.half.connector, pair=pair.uid))
            await journal(unit, side.half, pair, notes, look.now)
            await unit.troubles.mark_restored(known.id, look.now)
            await unit.commit(fence)


async def _where(store: AdministrationStore, known: KnownLoser) -> tuple[Side, FieldMapping]:
    connector: ConnectorKey = known.loser.connector
    async with store.unit() as uow:
        half = await uow.synchronizations.half(connector)
        side = await side_of(uow, half, known.loser.pair)
    mapping = next((one for one in half.fields if one.id == known.loser.mapping), None)
    if side is None or side.pair.local is None or side.pair.state is not PairState.LINKED:
        raise Mistake(f"value {known.id}", "its issue is not synchronized any more", "Write it in by hand")
    if mapping is None or not mapping.receives:
        raise Mistake(f"value {known.id}", "its field is not mapped this way any more", "Write it in by hand")
    return side, mapping


async def _looked(engine: Engine, side: Side, known: KnownLoser) -> tuple[Look, Told]:
    """The issue as it is now, with unsent edits told first (rule 4)."""
    half, local = side.half, side.pair.local
    assert local is not None
    async with engine.store.unit() as uow:
        pair = await uow.pairs.get(half.connector, side.pair.uid) or side.pair
        stamps = await uow.stamps.get(half.connection, local.id)
        if await uow.dirty.has_attempt(half.connection, local.id):
            raise Mistake(local.key, "it is being worked on", "Try again in a moment")
    snapshot = await engine.tracker(half).read(local.id, replace(wanted_by([half]), history=True), Lane.LIVE)
    if isinstance(snapshot, Unavailable) or snapshot.project != half.project:
        raise Mistake(f"value {known.id}", f"{local.key} can't be read any more", "Retry its problems first")
    look = Look(half=half, pair=pair, stamps=stamps, snapshot=snapshot, now=engine.system.now())
    look, told = await decide_with_reads(engine, look, Lane.LIVE)
    if told is None:
        raise Mistake(f"value {known.id}", f"{local.key} can't be read any more", "Retry its problems first")
    return look, told
