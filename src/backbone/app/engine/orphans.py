"""Issues of an earlier life: they bear our mark, but a restored database does not know their pairs (rule 24).

They were made after the backup was taken. Before anything is created in a restored installation the whole project is
looked through, and a pair whose issue exists already gets that issue instead of a second one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from backbone.app.engine.context import Busy, Engine, wanted_by
from backbone.app.engine.cursors import catch_up_name, catch_up_with_all
from backbone.app.engine.handing import synchronization_of
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, IssueId, IssueRef, Millis
from backbone.core.model.problems import Code, Problem
from backbone.core.model.snapshot import IssueSnapshot, Marker
from backbone.core.protocol.channel import Channel
from backbone.ports.records import Synchronization
from backbone.ports.store import Store, UnitOfWork
from backbone.ports.tracker import Lane, Wanted

_MANY = 10_000
_EVER = Millis(2**62)


def marked_by_us(engine: Engine, half: HalfConfiguration, marker: Marker | None) -> bool:
    """Whether this installation, in whatever life, created the thing for this synchronization."""
    return (
        marker is not None
        and marker.installation == engine.store.installation
        and marker.synchronization == half.synchronization
    )


def by_partner(engine: Engine, half: HalfConfiguration, found: Iterable[IssueSnapshot]) -> Mapping[str, IssueSnapshot]:
    """The issues that we created, by the partner's issue that each was made from."""
    return {one.marker.partner: one for one in found if one.marker and marked_by_us(engine, half, one.marker)}


async def orphans(engine: Engine, half: HalfConfiguration) -> Mapping[str, IssueSnapshot]:
    """Marked issues without a pair, by the partner's issue. Raises Busy while the project is not looked through.

    Those are among them that people were told of already: what they belong to may be told later than that.
    """
    async with engine.store.unit() as uow:
        due = await uow.cursors.get(catch_up_name(half.connector))
        issues = [*await uow.dirty.take(half.connector, _EVER, _MANY), *await _told_of(uow, half)]
    if due is not None:
        raise Busy("the search for issues of an earlier life")
    wanted = Wanted(fields=wanted_by([half]).fields, marker=True)
    found = await engine.tracker(half).read_many(issues, wanted, Lane.BULK) if issues else {}
    return by_partner(engine, half, found.values())


async def _told_of(uow: UnitOfWork, half: HalfConfiguration) -> Sequence[IssueId]:
    told = [one.problem for one in await uow.problems.of_code(Code.UNKNOWN_MARKER)]
    return [one.occurred_in.id for one in told if one.connector == half.connector and one.occurred_in is not None]


def unknown_mark(connector: ConnectorKey, issue: IssueRef) -> Problem:
    """An issue of an earlier life whose pair is not known."""
    return Problem(
        code=Code.UNKNOWN_MARKER,
        connector=connector,
        occurred_in=issue,
        cause="the issue bears our mark, but the pair it belongs to is not known here",
        remedy="Restore a newer backup, or remove one of the two issues by hand.",
    )


async def may_find_its_pair(engine: Engine, half: HalfConfiguration) -> bool:
    """Whether an orphan may still be asked for: the partner's issues are not all told, or wait to be created here.

    A partner elsewhere tells its pairs while both compare what they remember.
    """
    async with engine.store.unit() as uow:
        one = await synchronization_of(uow, half)
        if one.here is not None:
            stored = await uow.channels.get(one.key)
            untold = stored is not None and _to_be_compared(stored.channel, engine.store.incarnation)
        else:
            untold = await uow.cursors.get(catch_up_name(one.partner_of(half.connector))) is not None
        return untold or bool(await uow.pairs.creating(half.connector, 1))


def _to_be_compared(channel: Channel, incarnation: str) -> bool:
    """Whether both memories are compared, or will be once the next step finds that ours was restored."""
    return channel.restoring is not None or channel.incarnation not in ("", incarnation)


def remembers_all(engine: Engine, one: Synchronization | None) -> bool:
    """Whether what is told for the first time can't be there yet, so that it need not be looked for.

    A restored database has forgotten what it made. Where the partner is elsewhere, that may not even show: parcels of
    before can come once more, and tell all of it again.
    """
    return engine.store.original and (one is None or one.here is None)


async def begin_again(store: Store) -> None:
    """After a restore: every project is looked through once more, as at the first start."""
    async with store.unit() as uow:
        for one in await uow.synchronizations.all():
            await catch_up_with_all(uow, [await uow.synchronizations.half(each) for each in one.connectors])
        await uow.commit()
