"""Issues that were created a moment ago: read at once where one call brings many, so that their turns need no read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backbone.app.engine.context import Engine, wanted_by
from backbone.core.model.changes import Changes
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId, IssueRef
from backbone.core.model.pair import Pair
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import IssueStamps
from backbone.core.sync.incoming import Plan, decide_incoming
from backbone.core.sync.outgoing import Look
from backbone.core.sync.pairing import Birth, born
from backbone.core.sync.remaining import remaining
from backbone.ports.tracker import Created, Lane, TrackerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Newborn:
    """An issue that exists now, and what its pair knows of it; ``changes`` is all that was told of it."""

    ref: IssueRef
    pair: Pair
    stamps: IssueStamps
    changes: Changes


def newborn(birth: Birth, created: Created, changes: Changes) -> Newborn:
    return Newborn(ref=created.ref, pair=born(birth, created.ref, created.at), stamps=birth.stamps, changes=changes)


async def look_at_newborn(engine: Engine, half: HalfConfiguration, found: Sequence[Newborn]) -> Sequence[Newborn]:
    """What can be agreed by a look at all of them: the status, and what Jira made of the rest.

    Only where that costs less than the read of each that its own turn may need.
    """
    undecided = [one.ref.id for one in found if remaining(half, one.pair, one.changes).fields]
    if not undecided or engine.tracker(half).read_limit == 1:
        return found
    snapshots = await _read(engine, half, undecided)
    return [_seen(engine, half, one, snapshots[one.ref.id]) if one.ref.id in snapshots else one for one in found]


async def _read(engine: Engine, half: HalfConfiguration, issues: Sequence[IssueId]) -> dict[IssueId, IssueSnapshot]:
    """A look that fails is no harm: the turns of the pairs look for themselves."""
    wanted = replace(wanted_by([half]), history=True, comments=False, files=False)
    try:
        return dict(await engine.tracker(half).read_many(issues, wanted, Lane.LIVE))
    except TrackerError:
        return {}


def _seen(engine: Engine, half: HalfConfiguration, one: Newborn, snapshot: IssueSnapshot) -> Newborn:
    """The pair after the look, unless anything is left to write or to tell: that is a matter of the pair's turn."""
    look = Look(half=half, pair=one.pair, stamps=one.stamps, snapshot=snapshot, now=engine.system.now())
    fields = Changes(fields=remaining(half, one.pair, one.changes).fields)
    plan = decide_incoming(look, fields, engine.marker(half, "", ""))
    if not isinstance(plan, Plan) or not plan.quiet or plan.answers or plan.problems:
        return one
    return replace(one, pair=plan.pair, stamps=plan.stamps)
