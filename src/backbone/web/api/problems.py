"""Problems: listed, shown with what they hold back, and acted on; and values that lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import tzinfo
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from backbone.app.access.caller import Scope
from backbone.app.usecases.troubleshooting.about import EFFECTS, Action
from backbone.app.usecases.troubleshooting.acting import actions_of
from backbone.app.usecases.troubleshooting.catalogue import CATALOGUE, help_page
from backbone.app.usecases.troubleshooting.contents import content_of
from backbone.app.usecases.troubleshooting.listing import (
    Listed,
    Listing,
    connectors_of,
    problem_of,
    problems_for,
    problems_of,
)
from backbone.app.usecases.troubleshooting.losers import Overwritten, count_overwritten, find_loser, overwritten_values
from backbone.app.usecases.troubleshooting.recorded import act_as, act_on_all_as, restore_as
from backbone.core.model.problems import Code
from backbone.ports.records import OpenProblem, Synchronization
from backbone.ports.tracker import AccessError, TrackerError
from backbone.web.access import OfPath, Rule, SignedIn, allowed
from backbone.web.api.documents import Asked, Shown
from backbone.web.bodies import patient
from backbone.web.errors import Refused, not_found
from backbone.web.installation import Installation, installation_of
from backbone.web.instants import instant
from backbone.web.lists import LIST_HEADERS, Part, WantedPart, streamed

router = APIRouter(tags=["Problems"])

Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The `id` of the problem, as lists show it.")]
LoserNumber = Annotated[int, Path(ge=1, le=2**63 - 1, description="The `id` of the value, as the list shows it.")]
OfCode = Annotated[Code | None, Query(description="Only problems of this code.")]


class ProblemDocument(Shown):
    """A problem: one cause, however often it was met."""

    id: int
    code: Code
    error: str
    """What kind of problem it is, in words."""
    integration_key: str | None = None
    connector_key: str | None = None
    """The connector in whose project it occurred."""
    occurred_in: str | None = None
    """Key of the issue in which it occurred: the receiving one."""
    triggered_by: str | None = None
    """Key of the partner's issue: the sending one."""
    first_seen_date: str
    last_seen_date: str
    count: int
    """How often it was met."""
    cause: str
    cure: str
    help: str
    """Page of the documentation, from its root."""
    actions: list[Action]
    """What may be done about it."""


class HeldBack(Shown):
    """One thing that is held back."""

    what: str
    """`field`, `comment` or `attachment`."""
    name: str
    value: str


class ProblemDetails(ProblemDocument):
    """A problem with what it holds back."""

    content: list[HeldBack]


class AboutCode(Shown):
    """What a code means."""

    code: Code
    title: str
    meaning: str
    reasons: list[str]
    holds: str
    cure: str
    follows: str
    help: str
    actions: dict[str, str]
    """Each action with what it does."""


class ActionOnAll(Asked):
    """An action on all problems of a code."""

    code: Code
    action: Action


class Acted(Shown):
    """What became of an action: problems that were acted on, and why others were not."""

    done: list[int]
    failed: dict[str, str]


class OverwrittenDocument(Shown):
    """A value that lost against a newer one."""

    id: int
    connector_key: str
    issue: str
    field: str
    value: str
    because: str
    lost_date: str
    restored_date: str | None = None


@router.get(
    "/problems",
    dependencies=[allowed(Rule.SIGNED_IN)],
    response_model=list[ProblemDocument],
    responses=LIST_HEADERS,
)
async def problems(request: Request, caller: SignedIn, part: WantedPart, code: OfCode = None) -> StreamingResponse:
    """All problems that the caller may see, oldest first; local administrators also see those of no synchronization."""
    here = installation_of(request)
    return _listed(here, await problems_for(here.store, caller, code, part.start_at, part.max_results), part.start_at)


@router.get("/problems/codes", dependencies=[allowed(Rule.SIGNED_IN)])
async def codes() -> list[AboutCode]:
    """The catalogue: every code with what it means, why it happens, and which actions it offers."""
    return [_about(code) for code in CATALOGUE]


@router.get(
    "/integrations/{integration_key}/problems",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model=list[ProblemDocument],
    responses=LIST_HEADERS,
)
async def problems_of_integration(
    request: Request, synchronization: OfPath, part: WantedPart, code: OfCode = None
) -> StreamingResponse:
    """The problems of a synchronization, oldest first."""
    here = installation_of(request)
    found = await problems_of(here.store, synchronization, code, part.start_at, part.max_results)
    return _listed(here, found, part.start_at)


@router.post(
    "/integrations/{integration_key}/problems",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE), patient(600.0)],
)
async def act_on_problems(request: Request, caller: SignedIn, synchronization: OfPath, asked: ActionOnAll) -> Acted:
    """Act on all problems of a code in a synchronization. One that can't be acted on hinders no other."""
    here = await reaching(request)
    connectors = connectors_of([synchronization])
    done = await act_on_all_as(caller, here.engine, here.store, connectors, (asked.code, asked.action))
    return Acted(done=list(done.done), failed={str(number): why for number, why in done.failed})


@router.get(
    "/integrations/{integration_key}/problems/{problem_id}",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model_exclude_none=True,
)
async def problem(request: Request, synchronization: OfPath, problem_id: Number) -> ProblemDetails:
    """A problem with what it holds back: values, texts of comments, names of attachments."""
    here = installation_of(request)
    found = await _found(here, synchronization, problem_id)
    content = [HeldBack(what=one.what, name=one.name, value=one.value) for one in await content_of(here.store, found)]
    shown = _document(Listed(problem=found, synchronization=synchronization.key), here.time_zone)
    return ProblemDetails(**{name: getattr(shown, name) for name in ProblemDocument.model_fields}, content=content)


@router.post(
    "/integrations/{integration_key}/problems/{problem_id}/{action}",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE)],
)
async def act_on_problem(
    request: Request, caller: SignedIn, synchronization: OfPath, problem_id: Number, action: Action
) -> Acted:
    """Act on a problem. What the engine has to do then happens within seconds; the problem ends when it succeeded."""
    here = await reaching(request)
    found = await _found(here, synchronization, problem_id)
    if action not in actions_of(found.problem):
        offered = ", ".join(actions_of(found.problem)) or "nothing but what its cure says"
        raise Refused(
            HTTPStatus.CONFLICT, f"'{action}' is no way out of '{found.problem.code}'.", f"It offers {offered}."
        )
    async with answered():
        await act_as(caller, here.engine, here.store, found, action)
    return Acted(done=[found.id], failed={})


@router.get(
    "/integrations/{integration_key}/overwritten",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model=list[OverwrittenDocument],
    responses=LIST_HEADERS,
)
async def overwritten(request: Request, synchronization: OfPath, part: WantedPart) -> StreamingResponse:
    """Values that lost against newer ones, the newest first."""
    here = installation_of(request)
    entries = await overwritten_values(here.store, synchronization.key, part.start_at, part.max_results)
    total = await count_overwritten(here.store, synchronization)
    return streamed(
        Part(entries=entries, start_at=part.start_at, total=total), lambda one: _overwritten(one, here.time_zone)
    )


@router.post(
    "/integrations/{integration_key}/overwritten/{loser_id}/restore",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE)],
)
async def restore_value(request: Request, caller: SignedIn, synchronization: OfPath, loser_id: LoserNumber) -> Acted:
    """Let a value that lost count again: as a new edit, on both sides."""
    here = await reaching(request)
    known = await find_loser(here.store, loser_id)
    if known is None or known.loser.connector not in connectors_of([synchronization]):
        raise not_found(f"value {loser_id}")
    async with answered():
        await restore_as(caller, here.engine, here.store, known)
    return Acted(done=[known.id], failed={})


async def reaching(request: Request) -> Installation:
    """The installation with its connections as they are stored now."""
    here = installation_of(request)
    await here.open_connections()
    return here


@asynccontextmanager
async def answered() -> AsyncIterator[None]:
    """What a Jira does not let us do is told as that. Raises Refused (502, 503)."""
    try:
        yield
    except AccessError as error:
        raise Refused(HTTPStatus.BAD_GATEWAY, f"{error.cause}.", error.remedy) from error
    except TrackerError as error:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}.", "Try again in a moment.") from error


async def _found(here: Installation, synchronization: Synchronization, number: int) -> OpenProblem:
    found = await problem_of(here.store, synchronization, number)
    if found is None:
        raise not_found(f"problem {number}")
    return found


def _listed(here: Installation, found: Listing, start: int) -> StreamingResponse:
    part = Part(entries=found.entries, start_at=start, total=found.total)
    return streamed(part, lambda one: _document(one, here.time_zone))


def _document(one: Listed, zone: tzinfo) -> ProblemDocument:
    known, found = one.problem, one.problem.problem
    return ProblemDocument(
        id=known.id,
        code=found.code,
        error=CATALOGUE[found.code].title,
        integration_key=one.synchronization,
        connector_key=found.connector,
        occurred_in=found.occurred_in.key if found.occurred_in else None,
        triggered_by=found.triggered_by.key if found.triggered_by else None,
        first_seen_date=instant(known.first_seen, zone),
        last_seen_date=instant(known.last_seen, zone),
        count=known.count,
        cause=found.cause,
        cure=found.remedy,
        help=help_page(found.code),
        actions=list(actions_of(found)),
    )


def _about(code: Code) -> AboutCode:
    about = CATALOGUE[code]
    return AboutCode(
        code=code,
        title=about.title,
        meaning=about.meaning,
        reasons=list(about.reasons),
        holds=about.holds,
        cure=about.cure,
        follows=about.follows,
        help=help_page(code),
        actions={action.value: EFFECTS[action] for action in about.actions},
    )


def _overwritten(one: Overwritten, zone: tzinfo) -> OverwrittenDocument:
    loser = one.known.loser
    return OverwrittenDocument(
        id=one.known.id,
        connector_key=loser.connector,
        issue=one.issue,
        field=one.field,
        value=loser.value,
        because=loser.winner,
        lost_date=instant(loser.at, zone),
        restored_date=instant(one.known.restored, zone) if one.known.restored is not None else None,
    )
