"""Trying again what one problem holds back: nothing else is touched."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.engine.context import Engine
from backbone.app.engine.guard import allow_removals
from backbone.app.usecases.finding import analysed_name
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.publishing_to_partner import holding
from backbone.app.usecases.retrying import ask_for_pair, log_in_anew
from backbone.app.usecases.troubleshooting.places import half_of, place
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import PairUid, SynchronizationKey
from backbone.core.model.pair import PairState
from backbone.core.model.problems import Code, Problem
from backbone.core.protocol.delivering import again, put_right
from backbone.ports.records import ApplyTurn, CreateTurn, OpenProblem
from backbone.ports.store import UnitOfWork

_ON_THEIR_WAY = frozenset(
    {
        Code.CHANNEL_DOWN,
        Code.CHANNEL_PLACE,
        Code.PARCEL_TOO_LARGE,
        Code.PARCELS_UNANSWERED,
        Code.PARTNER_SILENT,
        Code.MAIL_RETURNED,
    }
)
"""Parcels leave or come ever more seldom while it lasts: they are tried at once."""
_TOLD_AGAIN = frozenset(
    {
        Code.PARCEL_REFUSED,
        Code.CONFIGURATION_AWAITED,
        Code.CHANNEL_DIVERGED,
        Code.HANDSHAKE_SUSPENDED,
        Code.PARTNER_DOUBTFUL,
        Code.PARTNER_CLOCK,
        Code.PARTNER_MOVED,
        Code.DEFECT,
    }
)
"""A channel, and the program, go on by themselves; what is not over is told again."""


async def retry(engine: Engine, problem: OpenProblem) -> None:
    """Let what this problem holds back be tried again by whoever runs the engine. Raises Mistake."""
    half, found = await half_of(engine, problem), problem.problem
    if found.code in _ON_THEIR_WAY:
        await _send_again(engine, half.synchronization, found)
        return
    async with engine.store.unit() as uow:
        if found.code in _TOLD_AGAIN or _of_no_pair(found):
            await uow.problems.resolve(found.identity)
        else:
            await _retry(engine, uow, half, problem)
        await uow.commit()


async def _send_again(engine: Engine, key: SynchronizationKey, problem: Problem) -> None:
    async with holding(engine.store, engine.system, [key]) as fences, engine.store.unit() as uow:
        stored = await uow.channels.get(key)
        if stored is not None:
            channel = replace(stored.channel, outgoing=again(stored.channel.outgoing))
            await uow.channels.save(replace(stored, channel=put_right(channel)))
        await uow.problems.resolve(problem.identity)
        await uow.commit(*fences)


def _of_no_pair(problem: Problem) -> bool:
    """Whether it is about attachments on their way: the next piece that can't be used tells of it again."""
    return problem.code is Code.FILE_REFUSED and problem.holds.pair is None


async def _retry(engine: Engine, uow: UnitOfWork, half: HalfConfiguration, problem: OpenProblem) -> None:
    found, now = problem.problem, engine.system.now()
    match found.code:
        case Code.MASS_CHANGE:
            await allow_removals(uow, found, now)
        case Code.ISSUE_DELETED | Code.ISSUE_MOVED | Code.ISSUE_INVISIBLE | Code.UNKNOWN_MARKER:
            await _look_again(engine, uow, half, problem)
        case Code.CREATE_UNKNOWN | Code.MESSAGES_WAITING | Code.TURNS_STALLED:
            await uow.turns.wake(CreateTurn(connector=half.connector))
        case Code.LOGIN_REFUSED | Code.CAPTCHA | Code.PERMISSION_MISSING | Code.HOST_UNREACHABLE | Code.JQL_REFUSED:
            await log_in_anew(uow, half.connection, now)
            await uow.cursors.remove(analysed_name(half.connector))
        case (
            Code.CLOCK_SKEWED
            | Code.PERMISSION_NEEDED
            | Code.NAME_UNMATCHED
            | Code.SCREEN_LACKS_FIELD
            | Code.WORKFLOW_GAP
        ):
            await uow.cursors.remove(analysed_name(half.connector))
        case (
            Code.FIELD_REFUSED
            | Code.ISSUE_REFUSED
            | Code.COMMENT_REFUSED
            | Code.FILE_REFUSED
            | Code.VALUE_UNKNOWN
            | Code.NO_PATH_TO_STATUS
            | Code.TYPE_NOT_MAPPED
            | Code.STAMP_IN_FUTURE
            | Code.OSCILLATION
        ):
            await _retry_pair(engine, uow, half, found.holds.pair)
        case _:  # START_CONFLICT, HALF_PAIR and PARTNER_LEFT
            raise Mistake(place(problem), "nothing can be tried again", "Do what its cure says")


async def _look_again(engine: Engine, uow: UnitOfWork, half: HalfConfiguration, problem: OpenProblem) -> None:
    """Have the issue read by its id; what is still so is told again."""
    issue = problem.problem.occurred_in
    if issue is not None:
        await uow.dirty.add(half.connector, [issue.id], engine.system.now())
    if problem.problem.code is Code.UNKNOWN_MARKER:
        await uow.problems.resolve(problem.problem.identity)


async def _retry_pair(engine: Engine, uow: UnitOfWork, half: HalfConfiguration, uid: PairUid | None) -> None:
    pair = await uow.pairs.get(half.connector, uid) if uid is not None else None
    now = engine.system.now()
    if pair is None:
        return
    if pair.state is PairState.CREATING:
        await uow.pairs.hold(half.connector, pair.uid, now)
        await uow.turns.wake(CreateTurn(connector=half.connector))
        return
    await ask_for_pair(uow, half.synchronization, pair.uid, now)
    await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid))
