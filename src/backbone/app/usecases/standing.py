"""The status of a synchronization: derived each time it is asked for, never stored.

:data:`TABLE` decides it, from the top: the first row whose condition holds. The explanation page draws its diagram from
the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backbone.app.engine.trouble import passes
from backbone.app.usecases.at_work import CURE
from backbone.core.model.problems import Code, Problem


class Status(StrEnum):
    """What people read; the words are part of the public interface."""

    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    RESTART_REQUIRED = "RESTART REQUIRED"
    HANDSHAKE = "HANDSHAKE"
    WAITING_FOR_SLAVE = "WAITING FOR SLAVE"
    UPDATE_REQUIRED = "UPDATE REQUIRED"


class Handshake(StrEnum):
    """Whether both halves know each other; where both are ours they always do."""

    COMPLETE = "complete"
    OPEN = "open"


class Pending(StrEnum):
    """Whether one side has a revision that the other did not take over yet; where both halves are ours, never."""

    NONE = "none"
    AT_PARTNER = "at the partner"
    HERE = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a status depends on. ``hindrances`` are the open problems of the synchronization that concern no pair.

    ``idle`` says why nothing is done by itself, where no process is at work.
    """

    wanted_running: bool
    handshake: Handshake = Handshake.COMPLETE
    pending: Pending = Pending.NONE
    hindrances: Sequence[Problem] = ()
    idle: str | None = None

    @property
    def hindering(self) -> Problem | None:
        """The hindrance that a person should look at first: one that does not mend itself goes before."""
        found = [one for one in self.hindrances if passes(one)]
        return min(found, key=lambda one: one.code in MENDS_ITSELF, default=None)


MENDS_ITSELF = frozenset({Code.HOST_UNREACHABLE, Code.PERMISSION_MISSING, Code.JQL_REFUSED, Code.DEFECT})
"""These are tried again by the program, so that nobody has to restart; a refused log-in waits for a person."""


def _of_everything(code: Code) -> Problem:
    return Problem(code=code, connector=None, occurred_in=None, cause="", remedy="")


HINDERING = tuple(code for code in Code if passes(_of_everything(code)))
"""The problems that hinder a whole synchronization where they name no pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table: when the status holds, what that means, and what mends or changes it."""

    status: Status
    holds: Callable[[Facts], bool]
    condition: str
    meaning: str
    mended_by: str


TABLE: tuple[Row, ...] = (
    Row(
        status=Status.HANDSHAKE,
        holds=lambda facts: facts.handshake is Handshake.OPEN,
        condition="the two halves do not know each other yet",
        meaning="The other half still has to be created, or the first connection test is under way.",
        mended_by="the other half is created and answers",
    ),
    Row(
        status=Status.UPDATE_REQUIRED,
        holds=lambda facts: facts.pending is Pending.HERE,
        condition="the master published a revision that is not taken over here",
        meaning="This half still works by the revision before.",
        mended_by="an administrator of this half takes the revision over",
    ),
    Row(
        status=Status.WAITING_FOR_SLAVE,
        holds=lambda facts: facts.pending is Pending.AT_PARTNER,
        condition="the partner did not take over the newest revision yet",
        meaning="The other half still works by the revision before.",
        mended_by="an administrator of the other half takes the revision over",
    ),
    Row(
        status=Status.STOPPED,
        holds=lambda facts: not facts.wanted_running,
        condition="somebody stopped it, or it was never started",
        meaning="No issue updates are synchronized; what changes meanwhile is caught up with after the start.",
        mended_by="start",
    ),
    Row(
        status=Status.RESTART_REQUIRED,
        holds=lambda facts: facts.hindering is not None,
        condition="something hinders the whole synchronization, not just single issues",
        meaning="It is wanted to run, but at least one half can't work; the reason and its cure are told with it.",
        mended_by="the program itself where the reason says so, else its cure and a stop and start",
    ),
    Row(
        status=Status.RUNNING,
        holds=lambda _: True,
        condition="none of the above",
        meaning="Issue updates are synchronized as the configuration says.",
        mended_by="stop",
    ),
)
"""The last row always holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A status; what stands in its way, the cure, and whether the program gets over it by itself.

    That is told with RESTART REQUIRED, and with all but STOPPED where no process is at work: a status is what the
    database says, and nobody may be there to act on it.
    """

    status: Status
    reason: str | None = None
    cure: str | None = None
    mends_itself: bool | None = None


def derive(facts: Facts) -> Derived:
    """The status that the table gives."""
    row = next(row for row in TABLE if row.holds(facts))
    if facts.idle is not None and row.status is not Status.STOPPED:
        return Derived(status=row.status, reason=facts.idle, cure=CURE, mends_itself=False)
    problem = facts.hindering
    if row.status is not Status.RESTART_REQUIRED or problem is None:
        return Derived(status=row.status)
    return Derived(
        status=row.status, reason=problem.cause, cure=problem.remedy, mends_itself=problem.code in MENDS_ITSELF
    )
