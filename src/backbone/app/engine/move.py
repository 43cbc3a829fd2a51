"""The status: walked along the shortest path of transitions, one read and one write a step."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.engine.context import Engine, wanted_by
from backbone.app.engine.plans import Work, with_outcome
from backbone.core.mapping.workflow import NoPath, next_step
from backbone.core.model.actions import MoveAlong
from backbone.core.model.keys import STATUS, TypeId
from backbone.core.model.pair import Parked
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import IssueSnapshot, Transition
from backbone.core.model.stamps import Attempted
from backbone.core.model.values import Option, fingerprint
from backbone.core.sync.incoming import attempt_on_the_way, trouble
from backbone.core.sync.merge import Write
from backbone.core.sync.retry import parked
from backbone.core.sync.settle import settle_writes
from backbone.ports.tracker import Done, Lane, Refusal, Unavailable

LONGEST_PATH = 20
"""No workflow needs more steps; a longer walk is a circle."""


async def move(engine: Engine, work: Work, write: Write) -> Work:
    """Bring the issue into the wanted status, or say which transition is missing."""
    snapshot: IssueSnapshot | Unavailable = work.look.snapshot
    for _ in range(LONGEST_PATH):
        if isinstance(snapshot, Unavailable):
            return replace(work, again=True)
        present = snapshot.values.get(STATUS)
        if present == write.value or not isinstance(present, Option) or not isinstance(write.value, Option):
            return work
        step = await _next(engine, work, snapshot, present, write.value)
        if isinstance(step, NoPath):
            return _no_path(work, write, present, write.value)
        work, done = await _step(engine, work, snapshot, step, last=step.to == write.value)
        if isinstance(done, Refusal):
            return _refused(work, write, step, done)
        if step.to == write.value:
            look = replace(work.look, pair=work.plan.pair, stamps=work.plan.stamps)
            return with_outcome(work, settle_writes(look, [write], done.at, None, work.plan.entry))
        wanted = replace(wanted_by([work.look.half]), history=True, transitions=True)
        snapshot = await engine.tracker(work.look.half).read(snapshot.ref.id, wanted, Lane.LIVE)
    return _no_path(work, write, write.value, write.value)


async def _next(
    engine: Engine, work: Work, snapshot: IssueSnapshot, present: Option, wanted: Option
) -> Transition | NoPath:
    """The next step; statuses on the way that nobody has seen yet are learnt from issues that are in them."""
    graph: dict[str, tuple[Transition, ...]] = {}
    offered = snapshot.transitions or ()
    while True:
        step = next_step(present, wanted, offered, graph)
        if isinstance(step, Transition) or not step.unknown:
            return step
        for status in step.unknown:
            tracker = engine.tracker(work.look.half)
            learnt = await tracker.transitions_from(snapshot.project, TypeId(snapshot.type.id), status)
            graph[status.id] = learnt or ()


async def _step(
    engine: Engine, work: Work, snapshot: IssueSnapshot, step: Transition, *, last: bool
) -> tuple[Work, Done | Refusal]:
    if not last:
        work = await _remember_step(engine, work, step.to)
    await work.fence.check()
    along = MoveAlong(issue=snapshot.ref.id, transition=step.id, to=step.to)
    return work, await engine.tracker(work.look.half).move(along, Lane.LIVE)


async def _remember_step(engine: Engine, work: Work, status: Option) -> Work:
    """A status on the way is our own write as well: recorded before acting (rule 11)."""
    one = Attempted(value=fingerprint(status), stamp=None)
    stamps = attempt_on_the_way(work.plan.stamps, STATUS, one)
    stored = attempt_on_the_way(work.look.stamps, STATUS, one)
    async with engine.store.unit() as uow:
        await uow.stamps.save(work.look.half.connection, work.look.snapshot.ref.id, stored)
        await uow.commit(work.fence)
    return replace(work, look=replace(work.look, stamps=stored), plan=replace(work.plan, stamps=stamps))


def _no_path(work: Work, write: Write, present: object, wanted: object) -> Work:
    names = [one.name if isinstance(one, Option) else "?" for one in (present, wanted)]
    return _parked(
        work,
        write,
        Code.NO_PATH_TO_STATUS,
        f"no transition that our account may perform leads from '{names[0]}' to '{names[1]}'",
        f"Add a transition towards '{names[1]}' or let our account perform it, or map the status to another one.",
    )


def _refused(work: Work, write: Write, step: Transition, refusal: Refusal) -> Work:
    return _parked(
        work,
        write,
        Code.FIELD_REFUSED,
        f"the transition '{step.name}' was refused: {refusal.words}",
        "Give the required fields of its screen a default, or map them; then retry.",
    )


def _parked(work: Work, write: Write, code: Code, cause: str, remedy: str) -> Work:
    held = Parked(value=write.change.value, stamp=write.change.stamp)
    problem = trouble(work.look, code, cause, remedy, mapping=write.mapping.id)
    plan = work.plan
    pair = parked(plan.pair, write.mapping.id, held)
    return replace(work, plan=replace(plan, pair=pair, problems=(*plan.problems, problem)))
