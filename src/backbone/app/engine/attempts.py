"""Closing what was begun for an issue that may be in several pairs (rules 11 and 12).

While an attempt is open nobody tells of the issue, since what it shows may be our own write. Only the turn of the pair
for which it was begun finds out what came of it; what is stopped meanwhile holds up nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from backbone.app.engine.beside import Beside, pairs_of
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId, Millis, PairUid
from backbone.core.model.stamps import IssueStamps
from backbone.core.sync.attempts import attempts_only_of, without_attempt
from backbone.ports.store import UnitOfWork


async def close_attempt(
    uow: UnitOfWork, half: HalfConfiguration, pair: PairUid, issue: IssueId, stamps: IssueStamps
) -> None:
    """Save the stamps without what was begun for this pair; what was cut short for another one of the issue stays."""
    left = without_attempt(stamps, pair)
    pairs: Sequence[Beside] = ()
    if left.attempts:
        pairs = await pairs_of(uow, half, issue)
        left = attempts_only_of(left, {one.pair.uid for one in pairs})
    await uow.stamps.save(half.connection, issue, left)
    if not _held_up(left, pairs):
        await uow.dirty.close_attempt(half.connection, issue)


async def leave_attempt(uow: UnitOfWork, half: HalfConfiguration, issue: IssueId, stamps: IssueStamps) -> None:
    """Something was begun for a pair that waits now: others go on with the issue."""
    if not _held_up(stamps, await pairs_of(uow, half, issue)):
        await uow.dirty.close_attempt(half.connection, issue)


async def look_again(uow: UnitOfWork, half: HalfConfiguration, issue: IssueId, at: Millis) -> None:
    """What was cut short is known now: the other pairs tell of it, which took it for an attempt until now."""
    for one in await pairs_of(uow, half, issue):
        if one.pair.connector != half.connector:
            await uow.dirty.add(one.pair.connector, [issue], at)


def _held_up(stamps: IssueStamps, pairs: Sequence[Beside]) -> bool:
    return any(one.at_work and one.pair.uid in stamps.attempts for one in pairs)
