"""The status: walked along the shortest path of transitions, one read and one write a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from backbone.app.engine.context import Engine, wanted_by
from backbone.app.engine.plans import Work, with_outcome
from backbone.app.engine.trouble import gone
from backbone.core.mapping.workflow import NoPath, next_step
from backbone.core.model.actions import MoveAlong
from backbone.core.model.keys import STATUS, FieldId, TypeId
from backbone.core.model.pair import Parked
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import IssueSnapshot, Transition
from backbone.core.model.stamps import Attempted
from backbone.core.model.values import Option, Scalar, Value, fingerprint, show
from backbone.core.sync.attempts import attempt_on_the_way
from backbone.core.sync.incoming import trouble
from backbone.core.sync.merge import Write
from backbone.core.sync.retry import parked
from backbone.core.sync.settle import settle_writes
from backbone.ports.tracker import Done, Lane, Refusal, Unavailable

LONGEST_PATH = 20
"""No workflow needs more steps; a longer walk is a circle."""


@dataclass(slots=True)
class _Map:
    """What is known of the workflow: transitions by status id, and statuses that nobody has seen an issue in."""

    graph: dict[str, tuple[Transition, ...]] = field(default_factory=dict)
    unseen: dict[str, Option] = field(default_factory=dict)

    def see(self, status: Option, offered: tuple[Transition, ...]) -> None:
        self.graph[status.id] = offered
        self.unseen.pop(status.id, None)

    def miss(self, status: Option) -> None:
        self.graph[status.id] = ()
        self.unseen[status.id] = status


async def move(engine: Engine, work: Work, write: Write) -> Work:
    """Bring the issue into the wanted status, or say which transition is missing."""
    snapshot: IssueSnapshot | Unavailable = work.look.snapshot
    known, steps = _Map(), 0
    while True:
        if isinstance(snapshot, Unavailable):
            raise gone(work)
        present = snapshot.values.get(STATUS)
        if present == write.value or not isinstance(present, Option) or not isinstance(write.value, Option):
            return work
        known.see(present, snapshot.transitions or ())
        step = await _next(engine, work, snapshot, (present, write.value), known)
        if isinstance(step, NoPath) or steps == LONGEST_PATH:
            work = await _back(engine, work, write, snapshot, known)
            return _no_path(work, write, (write.before or present, write.value), known)
        steps += 1
        work, done = await _step(engine, work, snapshot, step, last=step.to == write.value)
        if isinstance(done, Refusal):
            if done.gone:
                raise gone(work)
            return _refused(_left_at(work, write, present), write, step, done)
        if step.to == write.value:
            look = replace(work.look, pair=work.plan.pair, stamps=work.plan.stamps)
            return with_outcome(work, settle_writes(look, [write], done.at, None, work.plan.entry))
        snapshot = await _read(engine, work, snapshot)


async def _next(
    engine: Engine, work: Work, snapshot: IssueSnapshot, way: tuple[Option, Option], known: _Map
) -> Transition | NoPath:
    """The next step; statuses on the way that this issue has not been in are learnt from issues that are in them.

    Where no issue ever was in a status, nobody can know what leaves it. The issue walks into such a status when it is
    the only one through which a path can lead at all: then waiting for somebody to walk first would bring nothing but
    delay. With two or more of them each would be a guess that could leave the issue where nobody wants it.
    """
    present, wanted = way
    offered = snapshot.transitions or ()
    while True:
        step = next_step(present, wanted, offered, known.graph)
        if isinstance(step, Transition):
            return step
        if not step.unknown:
            break
        for status in step.unknown:
            tracker = engine.tracker(work.look.half)
            learnt = await tracker.transitions_from(snapshot.project, TypeId(snapshot.type.id), status)
            known.miss(status) if learnt is None else known.see(status, learnt)
    if len(known.unseen) != 1:
        return step
    [only] = known.unseen.values()
    return next_step(present, only, offered, known.graph)


async def _back(engine: Engine, work: Work, write: Write, snapshot: IssueSnapshot, known: _Map) -> Work:
    """A way through statuses that nobody had seen led nowhere: the issue goes back to where it was, if it can."""
    for _ in range(LONGEST_PATH):
        present = snapshot.values.get(STATUS)
        if not isinstance(present, Option) or not isinstance(write.before, Option) or present == write.before:
            return work
        work = _left_at(work, write, present)
        step = next_step(present, write.before, snapshot.transitions or (), known.graph)
        if isinstance(step, NoPath):
            return work
        work, done = await _step(engine, work, snapshot, step, last=False)
        if isinstance(done, Refusal):
            return work
        work = _left_at(work, write, step.to)
        found = await _read(engine, work, snapshot)
        if isinstance(found, Unavailable):
            return work
        snapshot = found
    return work


def _left_at(work: Work, write: Write, present: Option) -> Work:
    """The issue rests in a status into which we brought it: that is no edit of anybody (rule 7)."""
    pair = work.plan.pair
    base = pair.baselines.get(write.mapping.id)
    if base is None or base.local is None:
        return work
    baselines = {**pair.baselines, write.mapping.id: replace(base, local=fingerprint(present))}
    return replace(work, plan=replace(work.plan, pair=replace(pair, baselines=baselines)))


async def _read(engine: Engine, work: Work, snapshot: IssueSnapshot) -> IssueSnapshot | Unavailable:
    wanted = replace(wanted_by([work.look.half]), history=True, transitions=True)
    return await engine.tracker(work.look.half).read(snapshot.ref.id, wanted, Lane.LIVE)


async def _step(
    engine: Engine, work: Work, snapshot: IssueSnapshot, step: Transition, *, last: bool
) -> tuple[Work, Done | Refusal]:
    if not last:
        work = await _remember_step(engine, work, step.to)
    await work.fence.check()
    values = _screen_values(work.look.half.screen_fields, step)
    along = MoveAlong(issue=snapshot.ref.id, transition=step.id, to=step.to, values=values)
    return work, await engine.tracker(work.look.half).move(along, Lane.LIVE)


def _screen_values(texts: Mapping[FieldId, str], step: Transition) -> Mapping[FieldId, Value]:
    """What the configuration gives for the fields of the transition's screen; what is no option there is left out."""
    values: dict[FieldId, Value] = {}
    for name in step.offered & texts.keys():
        options = step.options.get(name)
        if options is None:
            values[name] = Scalar(texts[name])
            continue
        wanted = texts[name].casefold()
        chosen = next((one for one in options if wanted in (one.name.casefold(), one.id)), None)
        if chosen is not None:
            values[name] = chosen
    return values


async def _remember_step(engine: Engine, work: Work, status: Option) -> Work:
    """A status on the way is our own write as well: recorded before acting (rule 11)."""
    one = Attempted(value=fingerprint(status), stamp=None)
    stamps = attempt_on_the_way(work.plan.stamps, work.look.pair.uid, STATUS, one)
    stored = attempt_on_the_way(work.look.stamps, work.look.pair.uid, STATUS, one)
    async with engine.store.unit() as uow:
        await uow.stamps.save(work.look.half.connection, work.look.snapshot.ref.id, stored)
        await uow.commit(work.fence)
    return replace(work, look=replace(work.look, stamps=stored), plan=replace(work.plan, stamps=stamps))


def _no_path(work: Work, write: Write, way: tuple[Value, Value], known: _Map) -> Work:
    present, wanted = (show(one) for one in way)
    remedy = f"Add a transition towards '{wanted}' or let our account perform it, or map the status to another one."
    if known.unseen:
        names = " and ".join(f"'{one.name}'" for one in known.unseen.values())
        remedy += f" No issue has been seen in {names}: move one there by hand if the way leads through it, then retry."
    return _parked(
        work,
        write,
        Code.NO_PATH_TO_STATUS,
        f"no transition that our account may perform leads from '{present}' to '{wanted}'",
        remedy,
    )


def _refused(work: Work, write: Write, step: Transition, refusal: Refusal) -> Work:
    return _parked(
        work,
        write,
        Code.FIELD_REFUSED,
        f"the transition '{step.name}' was refused: {refusal.words}",
        "Give the fields that its screen demands a value by 'screen_fields' under 'status' and apply, then retry.",
    )


def _parked(work: Work, write: Write, code: Code, cause: str, remedy: str) -> Work:
    held = Parked(value=write.change.value, stamp=write.change.stamp)
    problem = trouble(work.look, code, cause, remedy, mapping=write.mapping.id)
    plan = work.plan
    pair = parked(plan.pair, write.mapping.id, held)
    return replace(work, plan=replace(plan, pair=pair, problems=(*plan.problems, problem)))
