"""Configurations that were in force: listed, shown, compared, put in force again; and what conflicts with the Jiras."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from backbone.app.access.caller import Caller, Scope
from backbone.app.usecases.configuring.checking import find_conflicts
from backbone.app.usecases.configuring.editing import Editor
from backbone.app.usecases.configuring.revising import compare_revisions, list_revisions, roll_back, show_revision
from backbone.core.model.keys import Revision
from backbone.ports.revisions import Publication
from backbone.web.access import OfPath, Rule, SignedIn, allowed
from backbone.web.api.comparisons import (
    ChangeDocument,
    ConflictDocument,
    Message,
    change_documents,
    conflict_documents,
)
from backbone.web.api.documents import Plain, Shown
from backbone.web.api.integrations import IntegrationDetails, details, etag, found
from backbone.web.api.refusals import LONG, told
from backbone.web.bodies import patient
from backbone.web.installation import Installation, installation_of
from backbone.web.instants import instant
from backbone.web.lists import LIST_HEADERS, WantedPart, streamed

router = APIRouter(tags=["Configurations"])

LARGEST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=LARGEST, description="Number of a revision.")]


class RevisionDocument(Shown):
    """A configuration that was published."""

    revision: int
    in_force: bool
    summary: str
    """The synchronization's name at that time."""
    published_user: str
    published_date: str
    message: str | None = None
    """Why it was published."""


class RevisionDetails(RevisionDocument):
    """A configuration that was published, with what it says."""

    configuration: Plain


@router.get(
    "/integrations/{integration_key}/conflicts",
    dependencies=[allowed(Rule.OF_INTEGRATION), patient(LONG)],
)
async def conflicts(request: Request, synchronization: OfPath) -> list[ConflictDocument]:
    """All conflicts of the configuration with both Jiras as they are now, the serious ones first.

    Fields, options, statuses and permissions are looked up anew; nothing is changed.
    """
    here = installation_of(request)
    seen = await found(request, synchronization.key)
    async with here.store.unit() as uow:
        stored = await uow.synchronizations.connections()
    return conflict_documents(await find_conflicts(here.engine, seen.document, stored, seen.halves))


@router.get(
    "/integrations/{integration_key}/revisions",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model=list[RevisionDocument],
    responses=LIST_HEADERS,
)
async def revisions(request: Request, synchronization: OfPath, part: WantedPart) -> StreamingResponse:
    """All configurations that were published: when, by whom and why; the newest first."""
    here = installation_of(request)
    known = await list_revisions(here.store, synchronization.key)

    def document(one: Publication) -> RevisionDocument:
        return RevisionDocument.model_validate(_members(one, synchronization.revision, here.time_zone))

    return streamed(part.of(known), document)


@router.get(
    "/integrations/{integration_key}/revisions/{revision}",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model_exclude_none=True,
)
async def revision_details(request: Request, synchronization: OfPath, revision: Number) -> RevisionDetails:
    """A configuration that was published, as it was."""
    here = installation_of(request)
    with told(f"synchronization {synchronization.key}"):
        one, configuration = await show_revision(here.store, synchronization.key, Revision(revision))
    members = _members(one, synchronization.revision, here.time_zone)
    return RevisionDetails.model_validate({**members, "configuration": configuration})


@router.get(
    "/integrations/{integration_key}/revisions/{revision}/difference",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model_exclude_none=True,
)
async def difference(
    request: Request,
    synchronization: OfPath,
    revision: Number,
    to: Annotated[
        int | None, Query(ge=1, le=LARGEST, description="The later revision; the one in force without it.")
    ] = None,
) -> list[ChangeDocument]:
    """What changed between two configurations, statement by statement."""
    here = installation_of(request)
    later = Revision(to) if to is not None else None
    with told(f"synchronization {synchronization.key}"):
        return change_documents(await compare_revisions(here.store, synchronization.key, Revision(revision), later))


@router.post(
    "/integrations/{integration_key}/revisions/{revision}/rollback",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE), patient(LONG)],
    response_model_exclude_none=True,
)
async def rollback(
    request: Request,
    response: Response,
    *,
    caller: SignedIn,
    synchronization: OfPath,
    revision: Number,
    asked: Annotated[Message | None, Body()] = None,
) -> IntegrationDetails:
    """Put the configuration of a revision in force again. It becomes a new revision; nothing is forgotten.

    Names are looked up anew: what a Jira does not have any more is told by place, and nothing is changed.
    """
    here = installation_of(request)
    editor = editor_of(here, caller)
    await here.open_connections()
    with told(f"synchronization {synchronization.key}"):
        one = await roll_back(editor, synchronization.key, Revision(revision), asked.message if asked else "")
    response.headers["ETag"] = etag(one)
    return details(await found(request, one.key), here.time_zone)


def editor_of(here: Installation, caller: Caller) -> Editor:
    """Who changes a configuration, with what is needed for it."""
    return Editor(store=here.store, engine=here.engine, caller=caller, now=here.system.now())


def _members(one: Publication, in_force: int, zone: tzinfo) -> dict[str, object]:
    return {
        "revision": one.revision,
        "in_force": one.revision == in_force,
        "summary": one.name,
        "published_user": one.published.by,
        "published_date": instant(one.published.at, zone),
        "message": one.published.why or None,
    }
