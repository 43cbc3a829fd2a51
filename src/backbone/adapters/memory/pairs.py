"""Pairs, and which of them wait for their issue to be created."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from backbone.adapters.memory.tables import NEVER, PairId, Session, Tables
from backbone.core.model.keys import ConnectorKey, IssueId, IssueRef, Millis, PairUid
from backbone.core.model.pair import Pair, PairState


class MemoryPairs:
    """Pairs of a unit of work."""

    def __init__(self, session: Session, now: Callable[[], Millis]) -> None:
        self._session = session
        self._now = now

    async def get(self, connector: ConnectorKey, uid: PairUid) -> Pair | None:
        return self._session.view.pairs.get((connector, uid))

    async def get_all(self, connector: ConnectorKey, uids: Sequence[PairUid]) -> Mapping[PairUid, Pair]:
        pairs = self._session.view.pairs
        return {uid: pairs[connector, uid] for uid in uids if (connector, uid) in pairs}

    async def local_of(self, connector: ConnectorKey, uids: Sequence[PairUid]) -> Mapping[PairUid, IssueRef | None]:
        return {uid: pair.local for uid, pair in (await self.get_all(connector, uids)).items()}

    async def find_by_issue(self, connector: ConnectorKey, issue: IssueId) -> Pair | None:
        return self._find(connector, issue)

    async def find_by_issues(self, connector: ConnectorKey, issues: Sequence[IssueId]) -> Mapping[IssueId, Pair]:
        found = {issue: self._find(connector, issue) for issue in issues}
        return {issue: pair for issue, pair in found.items() if pair is not None}

    async def save(self, pair: Pair) -> None:
        self._session.change(lambda tables: _save(tables, pair), "pairs", "pairs_of_issue")

    async def save_all(self, pairs: Sequence[Pair]) -> None:
        def operation(tables: Tables) -> None:
            for pair in pairs:
                _save(tables, pair)

        self._session.change(operation, "pairs", "pairs_of_issue")

    async def creating(self, connector: ConnectorKey, limit: int) -> Sequence[Pair]:
        tables = self._session.view
        tried = {uid for one in tables.creations.values() if one.connector == connector for uid in one.pairs}
        now = self._now()
        waiting = [
            pair
            for (owner, uid), pair in tables.pairs.items()
            if owner == connector
            and pair.state is PairState.CREATING
            and pair.local is None
            and uid not in tried
            and tables.held.get((owner, uid), now) <= now
        ]
        return waiting[:limit]

    async def hold(self, connector: ConnectorKey, uid: PairUid, until: Millis | None) -> None:
        end = NEVER if until is None else until

        def operation(tables: Tables) -> None:
            tables.held[connector, uid] = end

        self._session.change(operation, "held")

    async def count(self, connector: ConnectorKey) -> int:
        return sum([True async for _ in self.all(connector)])

    async def all(self, connector: ConnectorKey) -> AsyncIterator[Pair]:
        for (owner, _), pair in list(self._session.view.pairs.items()):
            if owner == connector and pair.state is not PairState.BURIED:
                yield pair

    def _find(self, connector: ConnectorKey, issue: IssueId) -> Pair | None:
        tables = self._session.view
        uids = tables.pairs_of_issue.get((connector, issue))
        return tables.pairs[connector, uids[-1]] if uids else None


def _save(tables: Tables, pair: Pair) -> None:
    ident: PairId = (pair.connector, pair.uid)
    before = tables.pairs.get(ident)
    tables.pairs[ident] = pair
    old = before.local.id if before is not None and before.local is not None else None
    new = pair.local.id if pair.local is not None else None
    if old == new:
        return
    if old is not None:
        rest = tuple(uid for uid in tables.pairs_of_issue[pair.connector, old] if uid != pair.uid)
        tables.pairs_of_issue[pair.connector, old] = rest
    if new is not None:
        tables.pairs_of_issue[pair.connector, new] = _by_birth(tables, pair, new)


def _by_birth(tables: Tables, pair: Pair, issue: IssueId) -> tuple[PairUid, ...]:
    """The pairs that the issue was and is in, the youngest last."""
    others = tables.pairs_of_issue.get((pair.connector, issue), ())
    if not others:
        return (pair.uid,)
    return tuple(uid for owner, uid in tables.pairs if owner == pair.connector and uid in (*others, pair.uid))
