"""Ignoring future changes of the partner's issue: they are received, count as applied, and do nothing."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.engine.context import Engine, issue_lock
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.troubleshooting.places import half_of, locked, need_side, place
from backbone.core.model.keys import PairUid
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.problems import Code
from backbone.ports.records import ApplyTurn, OpenProblem


async def ignore(engine: Engine, problem: OpenProblem) -> None:
    """Ignore what comes from the partner of this issue from now on, and what is held back. Raises Mistake."""
    if problem.problem.code is Code.UNKNOWN_MARKER:
        await _leave_alone(engine, problem)
        return
    side = await need_side(engine, problem)
    async with locked(engine, side) as fence, engine.store.unit() as uow:
        pair = await uow.pairs.get(side.half.connector, side.pair.uid) or side.pair
        await uow.pairs.save(ignored(pair))
        await uow.problems.resolve_pair(pair.connector, pair.uid)
        await uow.problems.resolve(problem.problem.identity)
        await uow.turns.wake(ApplyTurn(connector=pair.connector, pair=pair.uid))
        await uow.commit(fence)


def ignored(pair: Pair) -> Pair:
    """The half that applies nothing any more. An issue that is there goes on telling what is edited in it."""
    state = pair.state if pair.state is PairState.LINKED else PairState.IGNORED
    info = replace(pair.info, incoming_changes_ignored=True)
    return replace(pair, state=state, info=info, parked={}, held_comments={}, held_files={}, unshown=False)


async def _leave_alone(engine: Engine, problem: OpenProblem) -> None:
    """An issue with our mark and without a pair: from now on it is known, and nothing is ever told of it."""
    half, issue = await half_of(engine, problem), problem.problem.occurred_in
    if issue is None:
        raise Mistake(place(problem), "it names no issue", "Retry")
    async with engine.store.hold(issue_lock(half.connection, issue.id)) as fence:
        if fence is None:
            raise Mistake(issue.key, "it is being worked on", "Try again in a moment")
        async with engine.store.unit() as uow:
            if await uow.pairs.find_by_issue(half.connector, issue.id) is None:
                alone = Pair(
                    uid=PairUid(engine.system.new_id()),
                    connector=half.connector,
                    state=PairState.IGNORED,
                    born_here=False,
                    local=issue,
                )
                await uow.pairs.save(ignored(alone))
            await uow.problems.resolve(problem.problem.identity)
            await uow.commit(fence)
