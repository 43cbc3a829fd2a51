"""What every part of the engine works with, and the small steps that they share."""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, IssueId, IssueRef, Millis, PairUid, jira_of
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Problem
from backbone.core.model.snapshot import Marker
from backbone.core.model.values import FieldKind
from backbone.core.sync.notes import Note, What
from backbone.ports.records import JournalEntry, Loser
from backbone.ports.store import Fence, Store, UnitOfWork
from backbone.ports.system import System
from backbone.ports.tracker import Tracker, TransientError, Wanted


class Busy(TransientError):
    """Somebody else works on the same issue; come back in a moment."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is being worked on", retry_after=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The store, the Jiras and the clock.

    Of a page of issues ``abreast`` are worked on at the same time, since each waits for the database or for Jira most
    of its life; 1 is for tests without an event loop. First comments of all turns share ``additions``: enough for the
    calls that are under way, for those whose fence is being asked for, and for a few that wait behind them, so that no
    place for a call stays empty; not more, since a call that creates fifty issues waits behind them.
    """

    store: Store
    trackers: Mapping[ConnectionName, Tracker]
    system: System
    abreast: int = 10
    additions: Semaphore = field(default_factory=lambda: Semaphore(25), repr=False, compare=False)

    def begun_at_once(self, count: int) -> int:
        """How many of ``count`` things may wait for their turn together: all of them, where there is an event loop."""
        return count if self.abreast > 1 else 1

    def tracker(self, half: HalfConfiguration) -> Tracker:
        return self.trackers[half.connection]

    def marker(self, half: HalfConfiguration, partner: str, attempt: str) -> Marker:
        """The marker of a thing that we create for ``half``."""
        return Marker(
            installation=self.store.installation,
            incarnation=self.store.incarnation,
            synchronization=half.synchronization,
            partner=partner,
            attempt=attempt,
        )


def lock_of(half: HalfConfiguration, local: IssueRef | None, uid: PairUid) -> str:
    """The name of the lock under which everything about this half of a pair happens."""
    return issue_lock(half.connection, local.id) if local else f"pair:{half.connector}:{uid}"


def issue_lock(connection: ConnectionName, issue: IssueId) -> str:
    return f"issue:{jira_of(connection)}:{issue}"


def wanted_by(halves: Iterable[HalfConfiguration]) -> Wanted:
    """What a read must bring for these halves: the fields, comments and attachments that any of them sends or needs."""
    halves = list(halves)
    kinds = {one.field: one.kind for half in halves for one in half.fields}
    for half in halves:
        if half.correlation_field is not None:
            kinds.setdefault(half.correlation_field, FieldKind.TEXT)
    return Wanted(
        fields=kinds,
        comments=any(half.comments.sends for half in halves),
        files=any(half.files.sends for half in halves),
        history=any(half.renders for half in halves),
    )


async def journal(uow: UnitOfWork, half: HalfConfiguration, pair: Pair, notes: Iterable[Note], now: Millis) -> None:
    """Write the notes of a decision where ``explain`` finds them, and keep the losers (rule 5)."""
    await journal_all(uow, half, [(pair, notes)], now)


async def journal_all(
    uow: UnitOfWork, half: HalfConfiguration, noted: Iterable[tuple[Pair, Iterable[Note]]], now: Millis
) -> None:
    """The same for many pairs at once."""
    names = {one.id: one.name for one in half.fields}
    each = [(pair, note) for pair, notes in noted for note in notes]
    await uow.journal.write(
        [
            JournalEntry(
                at=now,
                connector=half.connector,
                pair=pair.uid,
                issue=pair.local,
                what=note.what,
                mapping=note.mapping,
                rule=names.get(note.mapping, "") if note.mapping else "",
                before=note.before,
                after=note.after,
                because=note.because,
                revision=half.revision,
            )
            for pair, note in each
        ]
    )
    losers = [
        Loser(
            at=now,
            connector=half.connector,
            pair=pair.uid,
            mapping=note.mapping,
            value=note.before,
            winner=note.because,
        )
        for pair, note in each
        if note.what is What.VALUE_LOST and note.mapping is not None
    ]
    if losers:
        await uow.journal.lose(losers)


async def report(engine: Engine, problem: Problem, *fences: Fence) -> None:
    """Report a problem in a unit of its own."""
    async with engine.store.unit() as uow:
        await uow.problems.report(problem, engine.system.now())
        await uow.commit(*fences)
