"""Which issues of ours a partner may name as partners of its own, when our memory was restored and has no word of it.

Whatever it says, only issues count that our former life created from the named ones, or that we would tell it anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backbone.app.channel.desk import Desk
from backbone.app.engine.context import Engine, wanted_by
from backbone.app.engine.orphans import marked_by_us
from backbone.app.engine.tell import Pass, selected_by_jql
from backbone.core.model.configuration import HalfConfiguration, StartJql
from backbone.core.model.keys import IssueId
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.protocol.parcels import KnownPair
from backbone.core.sync.pairing import Selection, select
from backbone.ports.tracker import Lane


async def believable(desk: Desk, half: HalfConfiguration, told: Sequence[KnownPair]) -> frozenset[IssueId]:
    """The issues of ours among those that the partner names for pairs that we do not know as a whole.

    Raises what the tracker raises.
    """
    named = await _unknown(desk, told)
    if not named:
        return frozenset()
    engine = desk.host.engine
    wanted = replace(wanted_by([half]), marker=True)
    read = await engine.tracker(half).read_many(list(named), wanted, Lane.BULK)
    mine = {issue: one for issue, one in read.items() if one.project == half.project}
    made = {issue for issue, one in mine.items() if one.own and _made_from(engine, half, one, named[issue])}
    by_people = [issue for issue, one in mine.items() if not one.own]
    chosen = await selected_by_jql(engine, Pass(half=half, lane=Lane.BULK), by_people) or frozenset()
    return frozenset(made) | await _told_anyway(engine, half, [mine[issue] for issue in by_people if issue in chosen])


async def _unknown(desk: Desk, told: Sequence[KnownPair]) -> Mapping[IssueId, KnownPair]:
    async with desk.host.engine.store.unit() as uow:
        ours = await uow.pairs.get_all(desk.connector, [one.pair for one in told])
    found: dict[IssueId, KnownPair] = {}
    for one in told:
        known = ours.get(one.pair)
        if one.remote is not None and (known is None or known.local is None):
            found[one.remote.id] = one
    return found


def _made_from(engine: Engine, half: HalfConfiguration, snapshot: IssueSnapshot, known: KnownPair) -> bool:
    marker = snapshot.marker
    if marker is None or known.local is None:
        return False
    return marked_by_us(engine, half, marker) and marker.partner == known.local.id


async def _told_anyway(
    engine: Engine, half: HalfConfiguration, snapshots: Sequence[IssueSnapshot]
) -> frozenset[IssueId]:
    choices = {one.ref.id: select(half, one) for one in snapshots}
    asked = [issue for issue, choice in choices.items() if choice is Selection.ASK_START_JQL]
    sent = frozenset(issue for issue, choice in choices.items() if choice is Selection.SEND)
    if not asked or not isinstance(half.start_with, StartJql):
        return sent
    return sent | await engine.tracker(half).members(asked, half.start_with.jql)
