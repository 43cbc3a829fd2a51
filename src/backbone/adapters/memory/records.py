"""What people look at: cursors, problems, the journal; and the memory of the mass-change guard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backbone.adapters.memory.tables import Session, Tables
from backbone.core.model.keys import ConnectorKey, Millis, PairUid, SynchronizationKey
from backbone.core.model.pair import Pair
from backbone.core.model.problems import LASTING, Code, Problem
from backbone.ports.records import Cursor, JournalEntry, Loser, OpenProblem


class MemoryCursors:
    """How far looks have come."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, name: str) -> Cursor | None:
        return self._session.view.cursors.get(name)

    async def save(self, name: str, cursor: Cursor) -> None:
        self._session.change(lambda tables: tables.cursors.update({name: cursor}), "cursors")

    async def advance(self, name: str, known: Cursor, to: Cursor | None) -> bool:
        if await self.get(name) != known:
            return False
        await (self.remove(name) if to is None else self.save(name, to))
        return True

    async def remove(self, name: str) -> None:
        def operation(tables: Tables) -> None:
            tables.cursors.pop(name, None)

        self._session.change(operation, "cursors")


class MemoryProblems:
    """Open problems."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def report(self, problem: Problem, at: Millis) -> None:
        new = OpenProblem(id=self._session.committed.next_id(), problem=problem, first_seen=at, last_seen=at, count=1)

        def operation(tables: Tables) -> None:
            known = tables.problems.get(problem.identity)
            if known is None:
                tables.problems[problem.identity] = new
                return
            last = max(known.last_seen, at)
            tables.problems[problem.identity] = replace(known, problem=problem, last_seen=last, count=known.count + 1)

        self._session.change(operation, "problems")

    async def resolve(self, identity: str) -> None:
        def operation(tables: Tables) -> None:
            tables.problems.pop(identity, None)

        self._session.change(operation, "problems")

    async def resolve_pair(self, connector: ConnectorKey, pair: PairUid) -> None:
        def operation(tables: Tables) -> None:
            for identity, one in list(tables.problems.items()):
                here = one.problem.connector == connector and one.problem.holds.pair == pair
                if here and one.problem.code not in LASTING:
                    del tables.problems[identity]

        self._session.change(operation, "problems")

    async def resolve_pairs(self, connector: ConnectorKey, pairs: Sequence[PairUid]) -> None:
        for pair in pairs:
            await self.resolve_pair(connector, pair)

    async def find(self, identity: str) -> OpenProblem | None:
        return self._session.view.problems.get(identity)

    async def numbered(self, number: int) -> OpenProblem | None:
        return next((one for one in self._session.view.problems.values() if one.id == number), None)

    async def of_code(self, code: Code) -> Sequence[OpenProblem]:
        return [one for one in await self.open() if one.problem.code is code]

    async def open(self, synchronization: SynchronizationKey | None = None) -> Sequence[OpenProblem]:
        tables = self._session.view
        every = sorted(tables.problems.values(), key=lambda one: one.id)
        if synchronization is None:
            return every
        wanted = tables.synchronizations.get(synchronization)
        if wanted is None:
            return []
        return [one for one in every if one.problem.connector in (wanted.first, wanted.second)]


class MemoryJournal:
    """What was done, and which values lost."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def write(self, entries: Sequence[JournalEntry]) -> None:
        new = {self._session.committed.next_id(): entry for entry in entries}
        self._session.change(lambda tables: tables.journal.update(new), "journal")

    async def lose(self, losers: Sequence[Loser]) -> None:
        new = {self._session.committed.next_id(): loser for loser in losers}
        self._session.change(lambda tables: tables.losers.update(new), "losers")

    async def of_issue(self, issue_key_or_id: str) -> Sequence[JournalEntry]:
        tables = self._session.view
        pairs = {pair.uid for pair in tables.pairs.values() if _concerns(pair, issue_key_or_id)}
        pairs |= {one.pair for one in tables.journal.values() if one.pair and _names(one, issue_key_or_id)}
        found = [one for one in tables.journal.values() if one.pair in pairs or _names(one, issue_key_or_id)]
        return sorted(found, key=lambda one: one.at)

    async def losers_of(self, connector: ConnectorKey, pair: PairUid) -> Sequence[Loser]:
        every = self._session.view.losers.values()
        return [one for one in every if one.connector == connector and one.pair == pair]


class MemoryRemovals:
    """How much was removed lately."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def note(self, connector: ConnectorKey, at: Millis, count: int) -> None:
        new = {self._session.committed.next_id(): (connector, at, count)}
        self._session.change(lambda tables: tables.removals.update(new), "removals")

    async def since(self, connector: ConnectorKey, at: Millis) -> int:
        every = self._session.view.removals.values()
        return sum(count for owner, when, count in every if owner == connector and when >= at)


def _names(entry: JournalEntry, issue_key_or_id: str) -> bool:
    return entry.issue is not None and issue_key_or_id in (entry.issue.id, entry.issue.key)


def _concerns(pair: Pair, issue_key_or_id: str) -> bool:
    return any(ref is not None and issue_key_or_id in (ref.id, ref.key) for ref in (pair.local, pair.remote))
