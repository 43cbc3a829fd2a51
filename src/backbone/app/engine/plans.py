"""A plan under way: what was decided, under which lock, and what has come of it so far."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backbone.core.model.changes import Changes
from backbone.core.model.stamps import Attempt
from backbone.core.sync.incoming import Plan
from backbone.core.sync.outgoing import Look
from backbone.core.sync.settle import Outcome
from backbone.ports.store import Fence
from backbone.ports.tracker import AccessError, TransientError


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A comment or an attachment that certainly was not copied now, and why; it is tried again."""

    thing: str
    error: TransientError | AccessError
    from_partner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """``plan`` grows with what was done; ``again`` asks for another turn of the pair; ``late`` has to be done yet."""

    look: Look
    plan: Plan
    fence: Fence
    again: bool = False
    late: tuple[Late, ...] = ()

    @property
    def attempt(self) -> Attempt:
        """What was recorded before acting."""
        return self.look.stamps.attempt_of(self.look.pair.uid)


def with_outcome(work: Work, outcome: Outcome) -> Work:
    """The work after some writes."""
    plan = work.plan
    answers: Changes = replace(plan.answers, fields=(*plan.answers.fields, *outcome.answers.fields))
    plan = replace(plan, pair=outcome.pair, stamps=outcome.stamps, answers=answers, notes=(*plan.notes, *outcome.notes))
    return replace(work, plan=plan)
