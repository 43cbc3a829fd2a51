"""A configuration that is being written: saved, checked, compared, published, thrown away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from pydantic import Field

from backbone.app.access.caller import Scope
from backbone.app.usecases.configuring.drafting import (
    check_draft,
    discard_draft,
    draft_difference,
    publish_draft,
    read_draft,
    write_draft,
)
from backbone.web.access import OfPath, Rule, SignedIn, allowed
from backbone.web.api.comparisons import (
    ChangeDocument,
    ConflictDocument,
    Message,
    change_documents,
    conflict_documents,
)
from backbone.web.api.documents import Asked, Plain, Shown
from backbone.web.api.integrations import IntegrationDetails, details, etag, found
from backbone.web.api.refusals import LONG, told
from backbone.web.api.revisions import editor_of
from backbone.web.bodies import patient
from backbone.web.installation import installation_of
from backbone.web.instants import instant

router = APIRouter(tags=["Configurations"])


class DraftAsked(Asked):
    """A configuration, right or not."""

    configuration: Plain
    message: Annotated[str, Field(max_length=1000)] = ""
    """Why; the revision is published with it."""


class DraftDocument(Shown):
    """A configuration that is being written."""

    based_on: int
    """The revision that was in force when it was written."""
    outdated: bool
    """Whether another revision was published since: then it is not published before it was written again."""
    written_user: str
    written_date: str
    message: str | None = None
    configuration: Plain


@router.get(
    "/integrations/{integration_key}/draft",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model_exclude_none=True,
)
async def draft(request: Request, synchronization: OfPath) -> DraftDocument:
    """The configuration that is being written; 404 when nobody writes one."""
    here = installation_of(request)
    with told(f"synchronization {synchronization.key}"):
        seen = await read_draft(here.store, synchronization.key)
    members = {
        "based_on": seen.draft.based_on,
        "outdated": seen.draft.based_on != seen.one.revision,
        "written_user": seen.draft.written.by,
        "written_date": instant(seen.draft.written.at, here.time_zone),
        "message": seen.draft.written.why or None,
        "configuration": seen.configuration,
    }
    return DraftDocument.model_validate(members)


@router.put(
    "/integrations/{integration_key}/draft",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE)],
    response_model_exclude_none=True,
)
async def save_draft(
    request: Request, caller: SignedIn, synchronization: OfPath, asked: Annotated[DraftAsked, Body()]
) -> DraftDocument:
    """Save a configuration without putting it in force, in place of the draft before. It need not be right yet."""
    here = installation_of(request)
    with told(f"synchronization {synchronization.key}"):
        await write_draft(editor_of(here, caller), synchronization.key, asked.configuration, asked.message)
    return await draft(request, synchronization)


@router.delete(
    "/integrations/{integration_key}/draft",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE)],
)
async def throw_away(request: Request, synchronization: OfPath) -> dict[str, str]:
    """Throw the draft away. What is in force stays."""
    with told(f"synchronization {synchronization.key}"):
        await discard_draft(installation_of(request).store, synchronization.key)
    return {}


@router.post(
    "/integrations/{integration_key}/draft/check",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE), patient(LONG)],
)
async def check(request: Request, caller: SignedIn, synchronization: OfPath) -> list[ConflictDocument]:
    """What stands against publishing the draft, and what is doubtful, as both Jiras are now. Nothing is changed."""
    here = installation_of(request)
    with told(f"synchronization {synchronization.key}"):
        return conflict_documents(await check_draft(editor_of(here, caller), synchronization.key))


@router.get(
    "/integrations/{integration_key}/draft/difference",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model_exclude_none=True,
)
async def difference_of_draft(request: Request, synchronization: OfPath) -> list[ChangeDocument]:
    """What publishing the draft would change, statement by statement."""
    with told(f"synchronization {synchronization.key}"):
        return change_documents(await draft_difference(installation_of(request).store, synchronization.key))


@router.post(
    "/integrations/{integration_key}/draft/publish",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE), patient(LONG)],
    response_model_exclude_none=True,
)
async def publish(
    request: Request,
    response: Response,
    *,
    caller: SignedIn,
    synchronization: OfPath,
    asked: Annotated[Message | None, Body()] = None,
) -> IntegrationDetails:
    """Put the draft in force. 409 when somebody published another revision since it was written."""
    here = installation_of(request)
    await here.open_connections()
    with told(f"synchronization {synchronization.key}"):
        one = await publish_draft(editor_of(here, caller), synchronization.key, asked.message if asked else "")
    response.headers["ETag"] = etag(one)
    return details(await found(request, one.key), here.time_zone)
