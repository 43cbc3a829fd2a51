"""Polling: one search a connection tells which issues changed; what it finds is durable before anything is decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from backbone.app.engine.catchup import schedule
from backbone.app.engine.census import INTERVAL
from backbone.app.engine.context import Engine, wanted_by
from backbone.app.engine.cursors import OVERLAP, catch_up_name, cursor_name, looked_at, up_to_now
from backbone.app.engine.gone import missing_issues, moved_issues
from backbone.app.engine.hinted import follow_hints
from backbone.app.engine.tell import Asked, Pass, tell_all
from backbone.app.engine.trouble import CONNECTION, Place, passed, watched
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, IssueId, Millis, ProjectId
from backbone.core.model.snapshot import IssueSnapshot, reached
from backbone.ports.records import Cursor
from backbone.ports.store import Fence
from backbone.ports.tracker import Lane, Page

SWEEP = 15 * 60_000
"""Milliseconds by which the wide look, every few minutes, reaches back."""

SETTLED = 2_000
"""A version counts as seen when it was read so many milliseconds after its ``updated``: two edits can share one."""

HIDDEN = 2 * INTERVAL + SWEEP
"""Milliseconds by which the deep look reaches back, once between two censuses.

An issue that our account can't see is missed by one of them, unless it comes into sight again in between: within the
next span it is found by this look, and what changed it is as old as both spans at most.
"""

LEFTOVERS = 100
"""So many issues that earlier looks left undecided are read at the start of a look."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found."""

    fresh: int = 0
    pages: int = 0


async def halves_of(engine: Engine, connection: ConnectionName) -> list[HalfConfiguration]:
    async with engine.store.unit() as uow:
        return [half for half in await uow.synchronizations.running() if half.connection == connection]


async def look(engine: Engine, connection: ConnectionName, *, back: int = OVERLAP) -> Looked:
    """Look once at everything that changed in a connection's projects: one search call where one page suffices.

    Raises Postponed when that Jira can't be looked at now.
    """
    async with engine.store.hold(f"look:{connection}") as fence:
        halves = await halves_of(engine, connection)
        if fence is None or not halves:
            return Looked()
        place = Place(connection=connection, connectors=[half.connector for half in halves], work=CONNECTION)
        async with watched(engine, place):
            for half in halves:
                await _leftovers(engine, half)
            seen = await _look(engine, connection, halves, back, fence)
            await follow_hints(engine, connection, halves, seen.shown, seen.up_to)
        await passed(engine, place)
        return Looked(seen.fresh, seen.pages)


@dataclass(slots=True)
class _Seen:
    """What a look has seen so far: in which version the search shows each issue, and since when it asks (``up_to``)."""

    begun: Millis
    up_to: Millis | None = None
    fresh: int = 0
    pages: int = 0
    shown: dict[IssueId, Millis] = field(default_factory=dict)


async def _look(
    engine: Engine, connection: ConnectionName, halves: Sequence[HalfConfiguration], back: int, fence: Fence
) -> _Seen:
    cursor = await looked_at(engine, connection)
    seen, since = _Seen(cursor.watermark), Millis(cursor.watermark - back)
    projects = sorted({half.project for half in halves})
    changed = engine.trackers[connection].changed(projects, since, wanted_by(halves), Lane.LIVE)
    async with aclosing(up_to_now(changed)) as pages:
        async for page in pages:
            for half in halves:
                if half.project in page.unseen:  # before the cursor passes over what happens there
                    await schedule(engine, half, since)
            seen.up_to = seen.up_to or page.asked_at
            seen.shown |= {one.ref.id: one.updated for one in page.issues}
            fresh = [one for one in page.issues if cursor.edge.get(one.ref.id) != one.updated]
            cursor = _advanced(cursor, page)
            named = (cursor_name(connection), cursor)
            await _remember(engine, halves, replace(page, issues=tuple(fresh)), named, fence)
            await _tell(engine, halves, fresh, seen, back)
            seen.fresh, seen.pages = seen.fresh + len(fresh), seen.pages + 1
    return seen


async def _tell(
    engine: Engine, halves: Sequence[HalfConfiguration], fresh: Sequence[IssueSnapshot], seen: _Seen, back: int
) -> None:
    """What earlier looks should have seen, and did not, was hidden from us: when it was edited only its history tells."""
    asked, gap = _asked(halves, fresh), (seen.up_to or seen.begun) - seen.begun - OVERLAP
    late = [one for one in fresh if one.updated < seen.begun - OVERLAP]
    recent = [one for one in fresh if one.updated >= seen.begun - OVERLAP]
    for half in halves:
        await tell_all(engine, Pass(half=half, gap=gap, asked=asked), recent)
        await tell_all(engine, Pass(half=half, gap=max(gap, back), asked=asked), late)


def _asked(halves: Sequence[HalfConfiguration], fresh: Sequence[IssueSnapshot]) -> Asked:
    """The issues for which a JQL has to be asked, of all halves that have it."""
    issues: dict[str, set[IssueId]] = defaultdict(set)
    for half in halves:
        if half.jql:
            issues[half.jql].update(one.ref.id for one in fresh if one.project == half.project)
    return Asked(issues={jql: frozenset(found) for jql, found in issues.items()})


def _advanced(cursor: Cursor, page: Page) -> Cursor:
    """The cursor after a page: never to our own clock, always by what the server says."""
    if page.last:
        newest = max((issue.updated for issue in page.issues), default=cursor.watermark)
        watermark = max(cursor.watermark, newest, page.asked_at - OVERLAP)
    else:
        watermark = max(cursor.watermark, reached(page.issues))
    settled = {one.ref.id: one.updated for one in page.issues if page.asked_at - one.updated >= SETTLED}
    edge = {ident: updated for ident, updated in {**cursor.edge, **settled}.items() if updated >= watermark - SWEEP}
    return Cursor(watermark=Millis(watermark), edge=edge)


async def _remember(
    engine: Engine,
    halves: Iterable[HalfConfiguration],
    fresh: Page,
    named: tuple[str, Cursor],
    fence: Fence,
) -> None:
    """The changed issues become durable together with the watermark (rule 17)."""
    by_project: dict[ProjectId, list[IssueSnapshot]] = defaultdict(list)
    for snapshot in fresh.issues:
        by_project[snapshot.project].append(snapshot)
    async with engine.store.unit() as uow:
        for half in halves:
            issues = [one.ref.id for one in by_project[half.project]]
            if issues:
                await uow.dirty.add(half.connector, issues, fresh.asked_at)
        await uow.cursors.save(*named)
        await uow.commit(fence, lasting=False)


async def _leftovers(engine: Engine, half: HalfConfiguration) -> None:
    """Issues that an earlier look could not decide on: their lock was held, or the process died."""
    async with engine.store.unit() as uow:
        catching_up = await uow.cursors.get(catch_up_name(half.connector)) is not None
        before = engine.system.now() + engine.tracker(half).skew - UNDER_WAY if catching_up else _FOREVER
        issues = await uow.dirty.take(half.connector, Millis(before), LEFTOVERS)
    if not issues:
        return
    found = await engine.tracker(half).read_many(issues, wanted_by([half]), Lane.LIVE)
    await tell_all(engine, Pass(half=half, gap=OVERLAP + 1), found.values())
    await moved_issues(engine, half, [one for one in found.values() if one.project != half.project])
    await missing_issues(engine, half, [issue for issue in issues if issue not in found])


UNDER_WAY = 60_000
"""Milliseconds within which an issue that was found while catching up is not left over but next."""

_FOREVER = Millis(2**62)
