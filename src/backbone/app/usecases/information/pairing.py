"""Pairing existing issues: by a list of keys, by equal numbers of keys, or by a field that holds the partner's key.

A preview does all of it but the last step: it shows what would be paired, what stands in the way, and what differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from backbone.app.access.caller import Caller
from backbone.app.engine.context import Engine, wanted_by
from backbone.app.engine.handing import partner_half
from backbone.app.usecases.information.importing import (
    MOST_TOLD,
    audit,
    check_issues,
    clashes,
    put_aside,
    raise_first,
    take_over,
)
from backbone.app.usecases.information.refusals import EntryWrong
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, FieldId, IssueId, IssueKey
from backbone.core.model.pair import PairState
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import FieldKind, Scalar
from backbone.core.sync.agreeing import agree
from backbone.ports.administration import AdministrationStore
from backbone.ports.information import Given, Resolved
from backbone.ports.records import Synchronization
from backbone.ports.tracker import Lane, Wanted

COMPARED = 50
"""So many pairs are compared for a preview; the first ones."""

_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What pairing would do. ``differences`` counts by field among the ``compared`` first pairs."""

    pairs: int
    shown: Sequence[tuple[IssueKey, IssueKey]] = ()
    wrong: Sequence[EntryWrong] = ()
    compared: int = 0
    differences: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """The connector whose issues are named first, and what is needed to pair them."""

    store: AdministrationStore
    engine: Engine
    one: Synchronization
    connector: ConnectorKey

    @property
    def partner(self) -> ConnectorKey:
        return self.one.partner_of(self.connector)


async def preview(pairing: Pairing, entries: AsyncIterator[Given]) -> Preview:
    """What would happen; nothing is changed. Raises EntryWrong for what is not understood, and TrackerError."""
    store, name = pairing.store, pairing.engine.system.new_id()
    try:
        count = await put_aside(store, pairing.engine, name, entries)
        wrong = await check_issues(store, pairing.engine, pairing.connector, name)
        async with store.administration() as unit:  # without a commit
            if not wrong:
                found = await unit.imports.take_over(name, pairing.connector, pairing.partner, MOST_TOLD)
                wrong = [clashes(clash) for clash in found]
            first = await unit.imports.batch(name, pairing.connector, pairing.partner, after=-1, limit=_SHOWN)
        compared = () if wrong else [one for one in first if one.mine is None or one.partners is None][:COMPARED]
        return Preview(
            pairs=count,
            shown=[(one.given.local, one.given.remote) for one in first],
            wrong=wrong,
            compared=len(compared) if pairing.one.here is None else 0,
            differences=await _differences(pairing, compared),
        )
    finally:
        await forget(store, name)


async def pair(pairing: Pairing, entries: AsyncIterator[Given], *, by: Caller) -> int:
    """Pair existing issues, all or none; how many pairs. Raises EntryWrong, EntryClashes and TrackerError."""
    store, engine, name = pairing.store, pairing.engine, pairing.engine.system.new_id()
    mirrored = f"{name}-partner"
    try:
        count = await put_aside(store, engine, name, entries)
        raise_first(await check_issues(store, engine, pairing.connector, name))
        async with store.administration() as unit:
            await unit.imports.mirror(name, mirrored)
            imported = await take_over(unit, engine, pairing.one, pairing.connector, name)
            if pairing.one.here is None:
                await take_over(unit, engine, pairing.one, pairing.partner, mirrored)
            await audit(unit, engine, pairing.connector, imported, by)
            await unit.commit()
        return count
    finally:
        await forget(store, name, mirrored)


async def forget(store: AdministrationStore, *names: str) -> None:
    """Remove what was staged."""
    async with store.administration() as unit:
        for name in names:
            await unit.imports.forget(name)
        await unit.commit(lasting=False)


async def listed_keys(pairs: Sequence[tuple[str, str]]) -> AsyncIterator[Given]:
    """Pairs of keys as entries."""
    for position, (local, remote) in enumerate(pairs):
        yield Given(position=position, local=IssueKey(local), remote=IssueKey(remote))


async def by_number(pairing: Pairing) -> AsyncIterator[Given]:
    """Issues that are in no pair, whose keys have the same number and whose types correspond. Raises Mistake."""
    mine, partners = await _halves(pairing)
    if partners is None:
        cure = "Pair them by a list of keys or by a field, on both sides"
        raise Mistake(pairing.one.name, "the partner's issues can't be listed from here", cure)
    there: dict[str, tuple[IssueKey, str]] = {}
    async for page in _unpaired(pairing, partners, Wanted()):
        there |= {one.ref.key.rpartition("-")[2]: (one.ref.key, one.type.id) for one in page}
    aliases = {one.local.id: one.alias for one in partners.types}
    position = 0
    async for page in _unpaired(pairing, mine, Wanted()):
        for one in page:
            key, their_type = there.get(one.ref.key.rpartition("-")[2], (None, ""))
            ours = {mapped.alias for mapped in mine.types if mapped.local.id == one.type.id}
            if key is not None and aliases.get(their_type) in ours:
                yield Given(position=position, local=one.ref.key, remote=key)
                position += 1


async def by_field(pairing: Pairing, field_name: str) -> AsyncIterator[Given]:
    """Issues that are in no pair and whose field, by its id or name, holds the key of the partner's. Raises Mistake."""
    mine, _ = await _halves(pairing)
    known = await pairing.engine.tracker(mine).fields()
    found = [one for one in known if field_name in (one.id, one.name)]
    if len(found) != 1:
        raise Mistake(f"field {field_name}", "there is no one field of this id or name", "Name it by its id")
    ident, position = FieldId(found[0].id), 0
    async for page in _unpaired(pairing, mine, Wanted(fields={ident: found[0].kind or FieldKind.TEXT})):
        for one in page:
            value = one.values.get(ident)
            if isinstance(value, Scalar) and value.text.strip():
                yield Given(position=position, local=one.ref.key, remote=IssueKey(value.text.strip()))
                position += 1


async def _unpaired(
    pairing: Pairing, half: HalfConfiguration, wanted: Wanted
) -> AsyncIterator[Sequence[IssueSnapshot]]:
    async for page in pairing.engine.tracker(half).matching(half.project, half.jql, wanted, Lane.BULK):
        async with pairing.store.unit() as uow:
            known = await uow.pairs.find_by_issues(half.connector, [one.ref.id for one in page.issues])
        yield [one for one in page.issues if one.ref.id not in known or known[one.ref.id].state is PairState.BURIED]


async def _halves(pairing: Pairing) -> tuple[HalfConfiguration, HalfConfiguration | None]:
    async with pairing.store.unit() as uow:
        mine = await uow.synchronizations.half(pairing.connector)
        return mine, await partner_half(uow, mine)


async def _differences(pairing: Pairing, entries: Sequence[Resolved]) -> Mapping[str, int]:
    """How often each mapped field differs among these pairs."""
    mine, partners = await _halves(pairing)
    if partners is None:
        return {}
    ours = await _read(pairing, mine, [one.local.id for one in entries])
    theirs = await _read(pairing, partners, [one.remote.id for one in entries])
    counted: Counter[str] = Counter()
    for one in entries:
        here, there = ours.get(one.local.id), theirs.get(one.remote.id)
        if here is not None and there is not None:
            counted.update(_differing(mine, here, partners, there))
    return dict(counted.most_common())


async def _read(pairing: Pairing, half: HalfConfiguration, issues: Sequence[str]) -> Mapping[str, IssueSnapshot]:
    if not issues:
        return {}
    wanted = Wanted(fields=wanted_by([half]).fields)
    tracker = pairing.engine.tracker(half)
    found = await tracker.read_many([IssueId(one) for one in issues], wanted, Lane.BULK)
    return {str(ident): one for ident, one in found.items()}


def _differing(
    half: HalfConfiguration, here: IssueSnapshot, other: HalfConfiguration, there: IssueSnapshot
) -> list[str]:
    others = {one.alias: one for one in other.mappings_for(there.type)}
    found = []
    for mapping in half.mappings_for(here.type):
        theirs = others.get(mapping.alias)
        ours, value = here.values.get(mapping.field), there.values.get(theirs.field) if theirs else None
        if theirs is not None and ours is not None and value is not None and not agree(mapping, ours, theirs, value):
            found.append(mapping.name)
    return found
