"""What a run would write, whether both sides are equal, why a value is as it is, and whether everything is allowed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from backbone.app.access.caller import Scope
from backbone.app.usecases.explaining import Step, explain
from backbone.app.usecases.finding import Examined
from backbone.app.usecases.planning import Plan, make_plan
from backbone.app.usecases.troubleshooting.doctor import examine_stored
from backbone.app.usecases.troubleshooting.listing import connectors_of
from backbone.app.usecases.verifying import Verdict, verify
from backbone.web.access import OfPath, Rule, allowed
from backbone.web.api.documents import Shown
from backbone.web.api.problems import answered, reaching
from backbone.web.bodies import patient
from backbone.web.installation import installation_of
from backbone.web.instants import instant

router = APIRouter(tags=["Inspection"])

LONGEST = 1800.0
"""Seconds that an answer about a whole project may take."""


class PlannedWriteDocument(Shown):
    """Something that a run would write."""

    connection: str
    kind: str
    issue: str
    what: str
    before: str
    after: str


class CallsDocument(Shown):
    """REST calls to one Jira."""

    reads: int
    writes: int


class PlannedProblem(Shown):
    """What a run would hold back."""

    code: str
    cause: str
    cure: str


class PlanDocument(Shown):
    """What a run would write, the calls that it would make, and what it would hold back."""

    writes: list[PlannedWriteDocument]
    calls: dict[str, CallsDocument]
    problems: list[PlannedProblem]


class DifferenceDocument(Shown):
    """A field, comment or attachment that is not the same on both sides, and why."""

    first_issue_key: str | None = None
    second_issue_key: str | None = None
    what: str
    at_first: str
    at_second: str
    why: str


class VerdictDocument(Shown):
    """How many pairs were compared, and what differs."""

    pairs: int
    differences: list[DifferenceDocument]


class StepDocument(Shown):
    """Something that happened to an issue or to its partner."""

    date: str
    connector_key: str
    issue_key: str | None = None
    what: str
    rule: str
    before: str
    after: str
    because: str
    revision: int | None = None


class FindingDocument(Shown):
    """What was found wrong or worth knowing."""

    serious: bool
    """Whether it keeps something from working."""
    place: str
    finding: str
    cure: str


@router.get(
    "/integrations/{integration_key}/plan",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE), patient(LONGEST)],
)
async def plan(request: Request, synchronization: OfPath) -> PlanDocument:
    """What a run would create, change, comment and upload. Nothing is written, but both Jiras are read."""
    here = await reaching(request)
    async with answered():
        return _plan(await make_plan(here.engine, here.scratch(), synchronization.key))


@router.get(
    "/integrations/{integration_key}/verify",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE), patient(LONGEST)],
    response_model_exclude_none=True,
)
async def verification(request: Request, synchronization: OfPath) -> VerdictDocument:
    """Compare every pair field by field, and say for each difference why it is there. Nothing is written."""
    here = await reaching(request)
    async with answered():
        return _verdict(await verify(here.engine, synchronization.key))


@router.get(
    "/integrations/{integration_key}/explain",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model_exclude_none=True,
)
async def explanation(
    request: Request,
    synchronization: OfPath,
    issue: Annotated[str, Query(description="Key or id of an issue on either side.", min_length=1, max_length=255)],
    field: Annotated[str | None, Query(description="Name of a field; all without it.", max_length=255)] = None,
) -> list[StepDocument]:
    """Which rule set the values of an issue, from what to what, when, and under which revision; oldest first."""
    here = installation_of(request)
    steps = await explain(here.store, issue, field, connectors_of([synchronization]))
    return [_step(request, one) for one in steps]


@router.get(
    "/integrations/{integration_key}/doctor",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE), patient(LONGEST)],
)
async def doctor(request: Request, synchronization: OfPath) -> list[FindingDocument]:
    """Examine whether both Jiras let us do what the configuration declares; the serious first."""
    here = await reaching(request)
    async with answered():
        return [_finding(one) for one in await examine_stored(here.engine, synchronization)]


def _plan(found: Plan) -> PlanDocument:
    return PlanDocument(
        writes=[
            PlannedWriteDocument(
                connection=one.connection,
                kind=one.kind.value,
                issue=one.issue,
                what=one.what,
                before=one.before,
                after=one.after,
            )
            for one in found.writes
        ],
        calls={name: CallsDocument(reads=calls.reads, writes=calls.writes) for name, calls in found.calls.items()},
        problems=[
            PlannedProblem(code=one.problem.code, cause=one.problem.cause, cure=one.problem.remedy)
            for one in found.problems
        ],
    )


def _verdict(found: Verdict) -> VerdictDocument:
    return VerdictDocument(
        pairs=found.pairs,
        differences=[
            DifferenceDocument(
                first_issue_key=one.first.key if one.first else None,
                second_issue_key=one.second.key if one.second else None,
                what=one.what,
                at_first=one.at_first,
                at_second=one.at_second,
                why=one.why,
            )
            for one in found.differences
        ],
    )


def _step(request: Request, step: Step) -> StepDocument:
    entry = step.entry
    return StepDocument(
        date=instant(entry.at, installation_of(request).time_zone),
        connector_key=entry.connector,
        issue_key=entry.issue.key if entry.issue else None,
        what=entry.what,
        rule=entry.rule,
        before=entry.before,
        after=entry.after,
        because=entry.because,
        revision=entry.revision,
    )


def _finding(one: Examined) -> FindingDocument:
    return FindingDocument(serious=one.serious, place=one.place, finding=one.finding, cure=one.cure)
