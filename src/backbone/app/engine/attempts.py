"""Closing what was begun for an issue that may be in several pairs (rules 11 and 12).

While an attempt is open nobody tells of the issue, since what it shows may be our own write. Only the turn of the pair
for which it was begun finds out what came of it; what is stopped meanwhile holds up nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, IssueId, Millis, PairUid, jira_of
from backbone.core.model.pair import PairState
from backbone.core.model.stamps import IssueStamps
from backbone.core.sync.attempts import attempts_only_of, without_attempt
from backbone.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """A pair of the issue, and whether its turns do anything now."""

    connector: ConnectorKey
    uid: PairUid
    at_work: bool


async def close_attempt(
    uow: UnitOfWork, half: HalfConfiguration, pair: PairUid, issue: IssueId, stamps: IssueStamps
) -> None:
    """Save the stamps without what was begun for this pair; what was cut short for another one of the issue stays."""
    left = without_attempt(stamps, pair)
    sides = await _sides(uow, half, issue) if left.attempts else ()
    left = attempts_only_of(left, {one.uid for one in sides})
    await uow.stamps.save(half.connection, issue, left)
    if not _held_up(left, sides):
        await uow.dirty.close_attempt(half.connection, issue)


async def leave_attempt(uow: UnitOfWork, half: HalfConfiguration, issue: IssueId, stamps: IssueStamps) -> None:
    """Something was begun for a pair that waits now: others go on with the issue."""
    if not _held_up(stamps, await _sides(uow, half, issue)):
        await uow.dirty.close_attempt(half.connection, issue)


async def look_again(uow: UnitOfWork, half: HalfConfiguration, issue: IssueId, at: Millis) -> None:
    """What was cut short is known now: the other pairs tell of it, which took it for an attempt until now."""
    for one in await _sides(uow, half, issue):
        if one.connector != half.connector:
            await uow.dirty.add(one.connector, [issue], at)


def _held_up(stamps: IssueStamps, sides: Sequence[_Side]) -> bool:
    return any(one.at_work and one.uid in stamps.attempts for one in sides)


async def _sides(uow: UnitOfWork, half: HalfConfiguration, issue: IssueId) -> Sequence[_Side]:
    found = []
    for one in await uow.synchronizations.all():
        for connector in one.connectors:
            pair = await uow.pairs.find_by_issue(connector, issue)
            there = await uow.synchronizations.half(connector) if pair is not None else None
            if pair is not None and there is not None and jira_of(there.connection) == jira_of(half.connection):
                at_work = one.wanted_running and pair.state is not PairState.HALF
                found.append(_Side(connector=connector, uid=pair.uid, at_work=at_work))
    return found
