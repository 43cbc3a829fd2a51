"""Synchronizing the partner's issue with a new issue, because ours is gone: once, whatever becomes of the old one.

The old issue keeps a half of its own that is ignored: should it come back, it is neither sent as new nor adopted. The
pair goes on under its identity and its sequence of messages; its half here waits to be created again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backbone.app.engine.context import Engine, journal, wanted_by
from backbone.app.engine.handing import awaited_pair, send
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.troubleshooting.ignoring import ignored
from backbone.app.usecases.troubleshooting.places import Side, locked, need_side, partner_side, place
from backbone.core.model.changes import IssueAppeared
from backbone.core.model.keys import PairUid
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.sync.notes import Note, What
from backbone.core.sync.outgoing import Look, Needs
from backbone.core.sync.pairing import Appearance, appear
from backbone.ports.records import CreateTurn, OpenProblem
from backbone.ports.store import Fence
from backbone.ports.tracker import Lane, Unavailable

_AWAY = frozenset({PairState.DELETED, PairState.MOVED, PairState.INVISIBLE})


async def recreate(engine: Engine, problem: OpenProblem) -> None:
    """Have a new issue created here for the partner's. Raises Mistake, and TrackerError of the partner's Jira."""
    gone = await need_side(engine, problem)
    async with engine.store.unit() as uow:
        there = await partner_side(uow, gone.half, gone.pair.uid)
    if there is None or there.pair.local is None:
        raise Mistake(place(problem), "the partner's issue can't be read from here", "Ignore future changes")
    async with locked(engine, gone) as ours, locked(engine, there) as theirs:
        async with engine.store.unit() as uow:
            gone = replace(gone, pair=await uow.pairs.get(gone.half.connector, gone.pair.uid) or gone.pair)
            there = replace(there, pair=await uow.pairs.get(there.half.connector, there.pair.uid) or there.pair)
        if gone.pair.state not in _AWAY:
            raise Mistake(place(problem), "the issue is there again", "Retry: the problem ends by itself")
        look, appearance = await _appearance(engine, problem, there)
        again = _Again(gone=gone, look=look, appearance=appearance)
        await _begin_again(engine, problem, again, (ours, theirs))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """The half whose issue is gone, and the partner's issue as it would appear."""

    gone: Side
    look: Look
    appearance: Appearance


async def _appearance(engine: Engine, problem: OpenProblem, there: Side) -> tuple[Look, Appearance]:
    """The partner's issue as if it had just appeared."""
    half, snapshot = there.half, await _read(engine, problem, there)
    mapped = half.sent_type(snapshot.type)
    if mapped is None:
        cure = "Map the type for this direction, or ignore future changes"
        raise Mistake(place(problem), f"issues of type '{snapshot.type.name}' are not sent from there", cure)
    async with engine.store.unit() as uow:
        stamps = await uow.stamps.get(half.connection, snapshot.ref.id)
    blank = _forgotten(there.pair)
    look = Look(half=half, pair=blank, stamps=stamps, snapshot=snapshot, now=engine.system.now())
    found = appear(look, mapped)
    if isinstance(found, Needs):
        comments = await engine.tracker(half).comments(snapshot.ref.id, Lane.LIVE)
        if not isinstance(comments, Unavailable):
            found = appear(replace(look, snapshot=replace(snapshot, comments=comments)), mapped)
    if isinstance(found, Needs):
        raise Mistake(snapshot.ref.key, "its comments can't be read", "Try again in a moment")
    return look, found


async def _read(engine: Engine, problem: OpenProblem, there: Side) -> IssueSnapshot:
    assert there.pair.local is not None
    wanted = replace(wanted_by([there.half]), comments=there.half.comments.sends)
    snapshot = await engine.tracker(there.half).read(there.pair.local.id, wanted, Lane.LIVE)
    if isinstance(snapshot, Unavailable) or snapshot.project != there.half.project:
        cure = "Put it back, or ignore future changes on both sides"
        raise Mistake(place(problem), f"the partner's issue {there.pair.local.key} is away as well", cure)
    return snapshot


def _forgotten(pair: Pair) -> Pair:
    """The partner's half without what it knew of the issue that is gone; its cursors go on."""
    return replace(
        pair,
        state=PairState.LINKED,
        remote=None,
        baselines={},
        parked={},
        comments={},
        files={},
        held_comments={},
        held_files={},
        recent={},
    )


async def _begin_again(engine: Engine, problem: OpenProblem, again: _Again, fences: tuple[Fence, Fence]) -> None:
    """All of it in one transaction: the old half set aside, the new one awaited, the message, and whose turn it is."""
    gone, look, appearance = again.gone, again.look, again.appearance
    half, now = look.half, look.now
    old = replace(gone.pair, uid=PairUid(engine.system.new_id()), remote=None)
    async with engine.store.unit() as uow:
        await uow.inbox.done(gone.half.connector, gone.pair.uid, look.pair.info.outgoing_message_sequence_id)
        await uow.pairs.save(_awaited(gone.pair, look, appearance.content))
        await uow.pairs.hold(gone.half.connector, gone.pair.uid, now)
        await uow.pairs.save(replace(ignored(old), state=PairState.IGNORED))
        pair = await send(uow, half, appearance.pair, appearance.content, now)
        await uow.pairs.save(pair)
        await uow.stamps.save(half.connection, look.snapshot.ref.id, appearance.stamps)
        await journal(uow, half, pair, [Note(what=What.ISSUE_SENT, because="a new partner was asked for")], now)
        await uow.problems.resolve_pair(gone.half.connector, gone.pair.uid)
        await uow.problems.resolve(problem.problem.identity)
        await uow.turns.wake(CreateTurn(connector=gone.half.connector))
        await uow.commit(*fences)


def _awaited(gone: Pair, look: Look, content: IssueAppeared) -> Pair:
    """The half that waits for its issue, going on where the old one stopped counting messages."""
    done = look.pair.info.outgoing_message_sequence_id
    info = replace(gone.info, incoming_message_sequence_id=done, incoming_changes_ignored=False)
    return replace(awaited_pair(gone.connector, gone.uid, content), info=info)
