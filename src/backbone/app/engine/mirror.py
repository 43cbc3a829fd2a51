"""Comments and attachments: mirrors are written, changed and removed; originals are never touched."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import TypeVar, assert_never

from backbone.app.engine.context import Engine
from backbone.app.engine.copying import left_in_part, opened
from backbone.app.engine.plans import Late, Work
from backbone.app.engine.trouble import gone
from backbone.core.mapping.discussion import CommentAction
from backbone.core.model.actions import AddComment, AddFile, EditComment, RemoveComment, RemoveFile
from backbone.core.model.changes import FileChange
from backbone.core.model.keys import CommentId, FileId, Millis
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import CommentSnapshot, FileSnapshot
from backbone.core.sync.attempts import adding_comment, adding_file, with_attempt
from backbone.core.sync.incoming import trouble
from backbone.core.sync.notes import Note, What
from backbone.core.sync.settle import comment_refused, comment_written, file_broken, file_refused, file_written
from backbone.ports.tracker import AccessError, Broken, Done, Lane, OutcomeUnknown, Refusal, TransientError

_T = TypeVar("_T")


async def mirror(engine: Engine, work: Work) -> Work:
    """Comments in the order of their creation, then attachments.

    What certainly was not done is late, and holds nothing else back (rule 22): a comment only those that follow it, an
    attachment, whose bytes come from another Jira, nothing. Raises OutcomeUnknown.
    """
    for comment in work.plan.comments:
        try:
            work = await _comment(engine, work, comment)
        except OutcomeUnknown:
            raise
        except (TransientError, AccessError) as error:
            return _with_late(work, Late(thing=adding_comment(comment.original), error=error, from_partner=False))
    for file in work.plan.files:
        try:
            work = await _file(engine, work, file)
        except OutcomeUnknown:
            raise
        except (TransientError, AccessError) as error:
            work = _with_late(work, Late(thing=adding_file(file.original), error=error, from_partner=True))
    return work


def _with_late(work: Work, one: Late) -> Work:
    return replace(work, late=(*work.late, one))


async def _comment(engine: Engine, work: Work, action: CommentAction) -> Work:
    await work.fence.check()
    tracker, change = engine.tracker(work.look.half), work.plan.told_comments[action.original]
    done: CommentSnapshot | Done | Refusal
    match action:
        case AddComment():
            name = adding_comment(action.original)
            work = await _begin(engine, work, name)
            request = tracker.add_comment(action.issue, action.body, action.marker, Lane.LIVE)
            done = await _add(engine, work, name, request)
        case EditComment():
            done = await tracker.edit_comment(action.issue, action.mirror, action.body, Lane.LIVE)
        case RemoveComment():
            done = await tracker.remove_comment(action.issue, action.mirror, Lane.LIVE)
        case _:
            assert_never(action)
    if isinstance(done, Refusal):
        if done.gone and isinstance(action, AddComment):
            raise gone(work)
        if done.gone:
            return _with_pair(work, comment_written(work.plan.pair, change, None), None)
        work = _with_pair(work, comment_refused(work.plan.pair, change), None)
        return _refused(work, Code.COMMENT_REFUSED, action.original, done)
    what = What.COMMENT_REMOVED if change.body is None else What.COMMENT_WRITTEN
    mirror_id: CommentId | None = done.id if isinstance(done, CommentSnapshot) else None
    note = Note(what=what, because=f"comment {action.original} of the partner")
    return _with_pair(work, comment_written(work.plan.pair, change, mirror_id), note)


async def _file(engine: Engine, work: Work, action: AddFile | RemoveFile) -> Work:
    await work.fence.check()
    change = work.plan.told_files[action.original]
    done: FileSnapshot | Broken | Done | Refusal
    if isinstance(action, AddFile):
        if action.broken is None and (part := await left_in_part(engine, work, action)) is not None:
            work, action = await _noted(engine, work, change, part), replace(action, broken=part)
        if action.broken is not None and (left := await _remove(engine, work, action.broken, change)) is not None:
            return left
        name = adding_file(action.original)
        work = await _begin(engine, work, name)
        done = await _add(engine, work, name, _copy(engine, work, action))
    else:
        done = await engine.tracker(work.look.half).remove_file(action.mirror, Lane.LIVE)
    if isinstance(done, Broken):
        return await _broken(engine, work, change, done)
    if isinstance(done, Refusal):
        if done.gone:
            raise gone(work)
        work = _with_pair(work, file_refused(work.plan.pair, change), None)
        return _refused(work, Code.FILE_REFUSED, action.original, done)
    mirror_id, digest = (done.id, done.digest) if isinstance(done, FileSnapshot) else (None, None)
    what = What.FILE_WRITTEN if change.present else What.FILE_REMOVED
    note = Note(what=what, because=f"attachment {action.original} of the partner")
    return _with_pair(work, file_written(work.plan.pair, change, mirror_id, digest), note)


RECORDED = 30_000
"""Milliseconds for which it is enough that an addition was recorded: so much longer may its request be on its way."""


async def _begin(engine: Engine, work: Work, name: str) -> Work:
    """From here on something may exist of which we know nothing if we die (rule 12)."""
    recorded = work.attempt.adding.get(name)
    if recorded is not None and engine.system.now() - recorded < RECORDED:
        return work
    return await _record(engine, work, name)


async def _record(engine: Engine, work: Work, name: str) -> Work:
    return await _with_adding(engine, work, {**work.attempt.adding, name: engine.system.now()})


async def _add(engine: Engine, work: Work, name: str, request: Awaitable[_T]) -> _T:
    """Make the request. Where it certainly was not carried out there is nothing to wait for.

    Where nobody knows, the wait begins when that is found: calls wait for their budget, and files take their time.
    """
    try:
        return await request
    except OutcomeUnknown:
        await _record(engine, work, name)
        raise
    except (TransientError, AccessError):
        await _with_adding(engine, work, {})
        raise


async def _with_adding(engine: Engine, work: Work, adding: Mapping[str, Millis]) -> Work:
    attempt = replace(work.attempt, adding=adding)
    look = replace(work.look, stamps=with_attempt(work.look.stamps, work.look.pair.uid, attempt))
    async with engine.store.unit() as uow:
        await uow.stamps.save(look.half.connection, look.snapshot.ref.id, look.stamps)
        await uow.commit(work.fence)
    return replace(work, look=look)


async def _broken(engine: Engine, work: Work, change: FileChange, stored: Broken) -> Work:
    """The copy is late, and what is there goes before it."""
    work = await _noted(engine, work, change, stored.file)
    error = TransientError(f"Jira stored {stored.stored} bytes of {stored.of}")
    return _with_late(work, Late(thing=adding_file(change.original), error=error, from_partner=True))


async def _noted(engine: Engine, work: Work, change: FileChange, broken: FileId) -> Work:
    """Remember what is there before anything else can happen."""
    pair = file_broken(work.look.pair, change, broken)
    async with engine.store.unit() as uow:
        await uow.pairs.save(pair)
        await uow.commit(work.fence)
    work = await _with_adding(engine, replace(work, look=replace(work.look, pair=pair)), {})
    return _with_pair(work, file_broken(work.plan.pair, change, broken), None)


async def _remove(engine: Engine, work: Work, broken: FileId, change: FileChange) -> Work | None:
    """Remove what a former attempt left; the work if Jira refuses that: a second one would only be beside it."""
    done = await engine.tracker(work.look.half).remove_file(broken, Lane.LIVE)
    if not isinstance(done, Refusal):
        return None
    work = _with_pair(work, file_refused(work.plan.pair, change), None)
    words = f"only a part of it was stored, as attachment {broken}, which can't be removed: {done.words}"
    cure = f"Remove attachment {broken} or let our account remove its own attachments, then retry."
    return _refused(work, Code.FILE_REFUSED, change.original, Refusal(messages=(words,)), cure)


async def _copy(engine: Engine, work: Work, action: AddFile) -> FileSnapshot | Broken | Refusal:
    async with opened(engine, work.look.half, action.original) as source:
        if isinstance(source, Refusal):
            return source
        tracker = engine.tracker(work.look.half)
        return await tracker.add_file(action.issue, action.name, action.mime, source, Lane.LIVE)


def _with_pair(work: Work, pair: Pair, note: Note | None) -> Work:
    notes = work.plan.notes if note is None else (*work.plan.notes, note)
    return replace(work, plan=replace(work.plan, pair=pair, notes=notes))


_NAMES = {Code.COMMENT_REFUSED: "comment", Code.FILE_REFUSED: "attachment"}


_CURE = "Mend what Jira complains about, then retry."


def _refused(work: Work, code: Code, thing: str, refusal: Refusal, cure: str = _CURE) -> Work:
    problem = trouble(
        work.look,
        code,
        f"Jira refused the partner's {_NAMES[code]} {thing}: {refusal.words}",
        cure,
        thing=f"{_NAMES[code]} {thing}",
    )
    return replace(work, plan=replace(work.plan, problems=(*work.plan.problems, problem)))
