"""The pairs in which one issue of ours is: it may be in several synchronizations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId, jira_of
from backbone.core.model.pair import Pair, PairState
from backbone.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A pair of the issue; ``at_work`` unless its synchronization is stopped or it waits for its partner's half."""

    pair: Pair
    at_work: bool


async def pairs_of(uow: UnitOfWork, half: HalfConfiguration, issue: IssueId) -> Sequence[Beside]:
    """The newest pair of the issue in each synchronization of its Jira, that of ``half`` included, be it stopped."""
    found = []
    for one in await uow.synchronizations.all():
        for connector in one.connectors:
            pair = await uow.pairs.find_by_issue(connector, issue)
            if pair is None:
                continue
            there = await uow.synchronizations.half(connector)
            if jira_of(there.connection) == jira_of(half.connection):  # another Jira may have an issue of the same id
                at_work = one.wanted_running and pair.state is not PairState.HALF
                found.append(Beside(pair=pair, at_work=at_work))
    return found
