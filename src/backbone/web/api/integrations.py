"""Synchronizations: listed and shown."""

from __future__ import annotations

from datetime import tzinfo
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from backbone.app.usecases.configurations import shown_configuration
from backbone.app.usecases.integrations import ProjectNotNamed, Seen, find_integration, list_integrations
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.records import Synchronization
from backbone.web.access import OfPath, Rule, SignedIn, allowed
from backbone.web.api.documents import IntegrationDocument, Plain, integration_document, integration_members
from backbone.web.errors import Refused, not_found
from backbone.web.installation import installation_of
from backbone.web.lists import LIST_HEADERS, WantedPart, streamed

router = APIRouter(tags=["Synchronizations"])


class IntegrationDetails(IntegrationDocument):
    """A synchronization with its configuration."""

    configuration: Plain
    """The synchronization's part of the configuration file; each field mapping with its `id`."""
    revision: int
    """Number of the configuration in force."""


@router.get(
    "/integrations",
    dependencies=[allowed(Rule.SIGNED_IN)],
    response_model=list[IntegrationDocument],
    responses=LIST_HEADERS,
)
async def integrations(
    request: Request,
    caller: SignedIn,
    part: WantedPart,
    project: Annotated[
        str | None,
        Query(
            alias="projectKey", description="Only those that join this project; a former key will do.", max_length=255
        ),
    ] = None,
) -> StreamingResponse:
    """All synchronizations that the caller may see.

    Who administers projects only has to name one of them by `projectKey`.
    """
    here = installation_of(request)
    try:
        seen = await list_integrations(here.store, caller, project, here.system.now())
    except ProjectNotNamed:
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "Administrators of projects have to say of which project.",
            "Add ?projectKey= and the key of a project that you administer.",
        ) from None
    return streamed(part.of(seen), lambda one: integration_document(one, here.time_zone))


@router.get(
    "/integrations/{integration_key}",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model=IntegrationDetails,
    response_model_exclude_none=True,
)
async def integration(request: Request, response: Response, synchronization: OfPath) -> IntegrationDetails:
    """All that is known of a synchronization, with its configuration.

    The `ETag` of the answer may be sent back as `If-Match` with a change.
    """
    seen = await found(request, synchronization.key)
    response.headers["ETag"] = etag(seen.one)
    return details(seen, installation_of(request).time_zone)


async def found(request: Request, key: SynchronizationKey) -> Seen:
    """All that is shown of a synchronization. Raises Refused (404) when it was deleted meanwhile."""
    here = installation_of(request)
    seen = await find_integration(here.store, key, here.system.now())
    if seen is None:
        raise not_found(f"synchronization {key}")
    return seen


def details(seen: Seen, zone: tzinfo) -> IntegrationDetails:
    members = {
        **integration_members(seen, zone),
        "configuration": shown_configuration(seen.one.document, seen.halves[0]),
        "revision": seen.one.revision,
    }
    return IntegrationDetails.model_validate(members)


def etag(one: Synchronization) -> str:
    """Another one whenever something was changed that a change may concern."""
    text = "\n".join([str(one.revision), str(one.published.at), one.name, one.description])
    return f'"{sha256(text.encode()).hexdigest()[:20]}"'
