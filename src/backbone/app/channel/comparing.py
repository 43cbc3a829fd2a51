"""After a restored backup: every pair's values are told once more, as far as they are agreed, with their own stamps.

What the partner does not know at all is told as new, under the pair that it has. A portion that is cut short is told
again, which changes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

from backbone.app.channel.desk import Desk
from backbone.app.engine.context import Engine, issue_lock, wanted_by
from backbone.app.engine.handing import Telling, hand_over
from backbone.app.engine.resync import Fate, Resync, resync_issues
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import STATUS, IssueId, Millis, PairUid
from backbone.core.model.pair import CommentLink, MirrorState, Pair, PairState
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import Fingerprint
from backbone.core.sync.outgoing import Look, Needs
from backbone.core.sync.pairing import appear
from backbone.core.sync.resync import Assertion
from backbone.ports.records import Cursor
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import Lane

PORTION = 200
"""Issues that one step reads and tells."""
_TOLD_AGAIN = Fingerprint("told again")


async def begin_comparing(desk: Desk, uow: UnitOfWork, theirs: Collection[PairUid]) -> tuple[int, ...]:
    """Note what is to be told, in portions; their numbers. ``theirs`` are the pairs that the partner knows."""
    issues: dict[IssueId, Millis] = {}
    async for pair in uow.pairs.all(desk.connector):
        if pair.state is PairState.LINKED and pair.local is not None:
            unknown = pair.remote is None and pair.uid not in theirs
            issues[pair.local.id] = Millis(1 if unknown else 0)
    found = list(issues.items())
    portions = [dict(found[start : start + PORTION]) for start in range(0, len(found), PORTION)]
    for number, portion in enumerate(portions):
        await uow.cursors.save(_name(desk, number), Cursor(watermark=desk.now(), edge=portion))
    return tuple(range(len(portions)))


def _name(desk: Desk, number: int) -> str:
    return f"comparing:{desk.key}:{number}"


async def compare(desk: Desk) -> None:
    """Tell one portion; nothing is told while the half is stopped."""
    channel = desk.channel
    if not channel.comparing or channel.restoring is not None or not desk.running:
        return
    number = channel.comparing[0]
    async with desk.unit() as (uow, _):
        half = await uow.synchronizations.half(desk.connector)
        noted = await uow.cursors.get(_name(desk, number))
    edge = {} if noted is None else noted.edge
    busy = await _tell_as_new(desk, half, [issue for issue, mark in edge.items() if mark])
    later = await _tell_values(desk, half, [issue for issue, mark in edge.items() if not mark])
    left = dict.fromkeys(busy, Millis(1)) | dict.fromkeys(later, Millis(0))
    async with desk.unit() as (uow, stored):
        rest = channel.comparing[1:]
        if left:  # somebody works on them
            await uow.cursors.save(_name(desk, number), Cursor(watermark=desk.now(), edge=left))
            rest = (*rest, number)
        else:
            await uow.cursors.remove(_name(desk, number))
        await desk.commit(uow, replace(stored, channel=replace(stored.channel, comparing=rest)))


async def _tell_values(desk: Desk, half: HalfConfiguration, issues: Sequence[IssueId]) -> list[IssueId]:
    """Those that could not be told now."""
    if not issues:
        return []
    engine = desk.host.engine
    busy = await _forget_what_was_told(engine, half, issues)
    free = [issue for issue in issues if issue not in busy]
    mappings = frozenset(one.id for one in half.fields if one.field != STATUS)
    wanted = Assertion(mappings=mappings, status=True, at=Millis(0))
    fates = await resync_issues(engine, Resync(half=half, wanted=wanted, ledger=_Unwritten(engine)), free)
    return [*busy, *(issue for issue, fate in fates.items() if fate is Fate.LATER)]


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """A ledger that forgets: a portion is struck out as a whole."""

    engine: Engine
    done: list[IssueId] = field(default_factory=list)

    def striking(self, issue: IssueId, fate: Fate) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._striking(issue, fate)

    @asynccontextmanager
    async def _striking(self, issue: IssueId, fate: Fate) -> AsyncIterator[UnitOfWork]:
        del fate
        async with self.engine.store.unit() as uow:
            yield uow
        self.done.append(issue)


async def _forget_what_was_told(
    engine: Engine, half: HalfConfiguration, issues: Sequence[IssueId]
) -> Sequence[IssueId]:
    """Comments and attachments of ours are told once more; the partner knows those that it has. Returns what is busy."""
    busy: list[IssueId] = []
    for issue in issues:
        async with engine.store.hold(issue_lock(half.connection, issue)) as fence:
            if fence is None:
                busy.append(issue)
                continue
            async with engine.store.unit() as uow:
                pair = await uow.pairs.find_by_issue(half.connector, issue)
                if pair is not None:
                    await uow.pairs.save(_untold(pair))
                    await uow.dirty.add(half.connector, [issue], engine.system.now())
                    await uow.commit(fence)
    return busy


def _untold(pair: Pair) -> Pair:
    comments = {ident: _untold_comment(one) if one.ours else one for ident, one in pair.comments.items()}
    theirs = {ident: one for ident, one in pair.files.items() if not one.ours}
    removed = {ident: one for ident, one in pair.files.items() if one.ours and one.state is MirrorState.REMOVED}
    again = {ident: replace(one, state=MirrorState.LIVE, missing=1) for ident, one in removed.items()}
    return replace(pair, comments=comments, files=theirs | again)  # those of ours that live are unknown: told as new


def _untold_comment(link: CommentLink) -> CommentLink:
    """A comment that lives is told with its text, one that was removed as removed."""
    if link.state is MirrorState.LIVE:
        return replace(link, body=_TOLD_AGAIN)
    return replace(link, state=MirrorState.LIVE, missing=1)


async def _tell_as_new(desk: Desk, half: HalfConfiguration, issues: Sequence[IssueId]) -> Sequence[IssueId]:
    """The partner lost the pair with the message that told of it. Returns those that somebody works on."""
    busy: list[IssueId] = []
    if not issues:
        return busy
    engine = desk.host.engine
    wanted = replace(wanted_by([half]), comments=True, files=True)
    for snapshot in (await engine.tracker(half).read_many(issues, wanted, Lane.BULK)).values():
        async with engine.store.hold(issue_lock(half.connection, snapshot.ref.id)) as fence:
            if fence is None:
                busy.append(snapshot.ref.id)
                continue
            async with engine.store.unit() as uow:
                if await _told_as_new(engine, uow, half, snapshot):
                    await uow.commit(fence)
    return busy


async def _told_as_new(engine: Engine, uow: UnitOfWork, half: HalfConfiguration, snapshot: IssueSnapshot) -> bool:
    mapped = half.sent_type(snapshot.type)
    pair = await uow.pairs.find_by_issue(half.connector, snapshot.ref.id)
    if pair is None or mapped is None or pair.state is not PairState.LINKED:
        return False
    stamps = await uow.stamps.get(half.connection, snapshot.ref.id)
    now = engine.system.now()
    appearance = appear(Look(half=half, pair=pair, stamps=stamps, snapshot=snapshot, now=now), mapped)
    if isinstance(appearance, Needs):
        return False
    handed = await hand_over(uow, half, [Telling(pair=appearance.pair, content=appearance.content)], now)
    await uow.pairs.save_all(handed.pairs)
    await uow.stamps.save(half.connection, snapshot.ref.id, appearance.stamps)
    return True
