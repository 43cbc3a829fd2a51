"""Comparing every pair field by field, reading in bulk; nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backbone.app.engine.context import Engine, wanted_by
from backbone.app.usecases.choosing import chosen, halves_of
from backbone.app.usecases.comparing import Difference, Side, differences
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId, MappingId, PairUid, SynchronizationKey
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.snapshot import IssueSnapshot
from backbone.ports.records import OpenProblem
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import Lane, Unavailable

AT_ONCE = 100
"""Pairs that are read together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many pairs were compared, what differs, and which synchronizations have only one half here."""

    pairs: int
    differences: tuple[Difference, ...]
    elsewhere: tuple[SynchronizationKey, ...] = ()


async def verify(engine: Engine, named: str | None) -> Verdict:
    """Compare all pairs of the named synchronization, or of all whose halves are both here.

    Raises Mistake, and TrackerError of a Jira.
    """
    async with engine.store.unit() as uow:
        asked = await chosen(uow, named)
    synchronizations = [one for one in asked if one.here is None]
    if named is not None and not synchronizations:
        cure = f"Compare what was exchanged: run 'backbone audit verify {named}' on both sides"
        raise Mistake(named, "its other half is a partner's, whose issues can't be read here", cure)
    pairs, found = 0, []
    for one in synchronizations:
        async with engine.store.unit() as uow:
            halves = await halves_of(uow, [one])
            causes = _causes(await uow.problems.open(one.key))
        comparison = _Comparison(engine=engine, first=halves[0], second=halves[1], causes=causes)
        async for batch in _batches(engine, halves[0], halves[1]):
            pairs += len(batch)
            found += await comparison.of(batch)
    elsewhere = tuple(one.key for one in asked if one.here is not None)
    return Verdict(pairs=pairs, differences=tuple(found), elsewhere=elsewhere)


Both = tuple[Pair, Pair | None]
Causes = Mapping[PairUid, Mapping[MappingId | None, str]]


def _causes(problems: Sequence[OpenProblem]) -> Causes:
    found: dict[PairUid, dict[MappingId | None, str]] = {}
    for one in problems:
        holds = one.problem.holds
        if holds.pair is not None:
            of_pair = found.setdefault(holds.pair, {})
            of_pair.update(dict.fromkeys(holds.mappings or (holds.mapping,), one.problem.cause))
    return found


async def _batches(engine: Engine, first: HalfConfiguration, second: HalfConfiguration) -> AsyncIterator[list[Both]]:
    """Pairs as both halves know them; those that only the second half knows have no issue at the first yet."""
    async with engine.store.unit() as uow:
        batch: list[Both] = []
        async for pair in uow.pairs.all(first.connector):
            batch.append((pair, await uow.pairs.get(second.connector, pair.uid)))
            if len(batch) == AT_ONCE:
                yield batch
                batch = []
        async for pair in uow.pairs.all(second.connector):
            if await uow.pairs.get(first.connector, pair.uid) is None:
                batch.append((pair, None))
        if batch:
            yield batch


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """Two halves and the Jiras they are in."""

    engine: Engine
    first: HalfConfiguration
    second: HalfConfiguration
    causes: Causes

    async def of(self, batch: Sequence[Both]) -> list[Difference]:
        """What differs in a batch of pairs."""
        here = await self._read(self.first, [pair for pair, _ in batch])
        there = await self._read(self.second, [other for _, other in batch if other is not None])
        found: list[Difference] = []
        async with self.engine.store.unit() as uow:
            for pair, other in batch:
                found += await self._pair(uow, pair, other, here, there)
        return found

    async def _pair(
        self,
        uow: UnitOfWork,
        pair: Pair,
        other: Pair | None,
        here: Mapping[IssueId, IssueSnapshot],
        there: Mapping[IssueId, IssueSnapshot],
    ) -> list[Difference]:
        if PairState.IGNORED in (pair.state, other.state if other else None):
            return []
        first, second = _snapshot(pair, here), _snapshot(other, there)
        if first is None or second is None or other is None:
            return [self._missing(pair, other, first, second)]
        sides = [
            Side(
                half=half,
                pair=one,
                snapshot=snapshot,
                waiting=len(await uow.inbox.pending(half.connector, one.uid)),
                causes=self.causes.get(one.uid, {}),
            )
            for half, one, snapshot in ((self.first, pair, first), (self.second, other, second))
        ]
        return list(differences(*sides))

    def _missing(
        self, pair: Pair, other: Pair | None, first: IssueSnapshot | None, second: IssueSnapshot | None
    ) -> Difference:
        causes = self.causes.get(pair.uid, {})
        waits = other is None or PairState.CREATING in (pair.state, other.state)
        why = "it waits to be created" if waits else "the issue can't be had: deleted, moved or no longer visible"
        known = [pair.local, other.local if other else pair.remote]
        if pair.connector == self.second.connector:
            known.reverse()
        return Difference(
            first=known[0],
            second=known[1],
            what="issue",
            at_first=first.ref.key if first else "(missing)",
            at_second=second.ref.key if second else "(missing)",
            why=next(iter(causes.values()), why),
        )

    async def _read(self, half: HalfConfiguration, pairs: Sequence[Pair]) -> Mapping[IssueId, IssueSnapshot]:
        wanted = replace(
            wanted_by([half]),
            comments=half.comments.sends or half.comments.receives,
            files=half.files.sends or half.files.receives,
            history=False,
        )
        ids = [pair.local.id for pair in pairs if pair.local is not None and pair.connector == half.connector]
        if not ids:
            return {}
        found = await self.engine.tracker(half).read_many(ids, wanted, Lane.BULK)
        return {ident: await self._whole(half, one, whole=wanted.comments) for ident, one in found.items()}

    async def _whole(self, half: HalfConfiguration, snapshot: IssueSnapshot, *, whole: bool) -> IssueSnapshot:
        """Jira embeds only some of many comments; then all are read."""
        if not whole or snapshot.comments is not None:
            return snapshot
        comments = await self.engine.tracker(half).comments(snapshot.ref.id, Lane.BULK)
        return snapshot if isinstance(comments, Unavailable) else replace(snapshot, comments=comments)


def _snapshot(pair: Pair | None, found: Mapping[IssueId, IssueSnapshot]) -> IssueSnapshot | None:
    return found.get(pair.local.id) if pair is not None and pair.local is not None else None
