"""Following hints: what a Jira told of and the search does not show yet is read by id."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from backbone.app.engine.context import Engine, wanted_by
from backbone.app.engine.cursors import OVERLAP
from backbone.app.engine.gone import missing_issues, moved_issues
from backbone.app.engine.tell import Pass, tell_all
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, IssueId, Millis
from backbone.core.model.snapshot import IssueSnapshot
from backbone.ports.tracker import Lane

AT_ONCE = 100
"""So many hints are followed by one look."""

ON_ITS_WAY = 3_000
"""Milliseconds that a hint may have taken to us: a version so old as that is the one that it tells of."""


async def follow_hints(
    engine: Engine,
    connection: ConnectionName,
    halves: Sequence[HalfConfiguration],
    shown: Mapping[IssueId, Millis],
    up_to: Millis | None,
) -> None:
    """Read the hinted issues that the search did not show in a version as new as the hint.

    ``shown`` is the ``updated`` of those that it did, and ``up_to`` the instant up to which it did, by the server's clock:
    what was hinted later is seen by the next look. A hint proves nothing: what it leads to is decided like every look.
    """
    async with engine.store.unit() as uow:
        hints = await uow.hints.of_connection(connection, AT_ONCE)
    tracker = engine.trackers[connection]
    hints = {issue: at for issue, at in hints.items() if up_to is None or at + tracker.skew - ON_ITS_WAY <= up_to}
    if not hints:
        return
    late = [issue for issue, at in hints.items() if shown.get(issue, 0) < at + tracker.skew - ON_ITS_WAY]
    found = await tracker.read_many(late, wanted_by(halves), Lane.LIVE) if late else {}
    await _remember(engine, connection, halves, hints, found.values())
    gap = max((one.read_at - one.updated for one in found.values()), default=0) - OVERLAP
    for half in halves:
        await tell_all(engine, Pass(half=half, gap=gap), found.values())
        await _elsewhere(engine, half, late, found)


async def _remember(
    engine: Engine,
    connection: ConnectionName,
    halves: Sequence[HalfConfiguration],
    hints: Mapping[IssueId, Millis],
    found: Collection[IssueSnapshot],
) -> None:
    """From here on the issues are marked like others that changed, and the hints have done their work."""
    async with engine.store.unit() as uow:
        for half in halves:
            mine = [one for one in found if one.project == half.project]
            if mine:
                await uow.dirty.add(half.connector, [one.ref.id for one in mine], min(one.read_at for one in mine))
        await uow.hints.clear(connection, hints)
        await uow.commit(lasting=False)


async def _elsewhere(
    engine: Engine, half: HalfConfiguration, hinted: Sequence[IssueId], found: Mapping[IssueId, IssueSnapshot]
) -> None:
    """Issues of pairs that were moved to another project, or can't be had any more."""
    away = [issue for issue in hinted if issue not in found or found[issue].project != half.project]
    if not away:
        return
    async with engine.store.unit() as uow:
        paired = await uow.pairs.find_by_issues(half.connector, away)
    await moved_issues(engine, half, [found[issue] for issue in paired if issue in found])
    await missing_issues(engine, half, [issue for issue in paired if issue not in found])
