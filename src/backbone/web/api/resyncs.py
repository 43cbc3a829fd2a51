"""Resynchronizing: the present values of chosen issues are sent again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from pydantic import Field

from backbone.app.access.caller import Scope
from backbone.app.usecases.resyncing import Stopped, Wish, check_wish, start_resync
from backbone.core.model.keys import MappingId
from backbone.ports.administration import AdministrationUnit
from backbone.ports.repeats import Answer
from backbone.ports.tracker import AccessError, TransientError
from backbone.web.access import OfPath, OfPathConnector, Rule, SignedIn, allowed
from backbone.web.api.documents import Asked
from backbone.web.api.tasks import TaskDocument, task_document
from backbone.web.errors import Refused
from backbone.web.idempotency import Repeatable, answer_of, answered_before, once
from backbone.web.installation import installation_of

router = APIRouter(tags=["Connectors"])

_LONGEST_JQL = 100_000


class ResyncRequest(Asked):
    """Which issues to resynchronize, and what of them."""

    jql: Annotated[str, Field(max_length=_LONGEST_JQL)]
    """Selects the issues, among those that the configuration selects; `""` for all of those. It must be valid alone;
    its ORDER BY does not matter."""
    field_mappings: Annotated[list[Annotated[str, Field(max_length=255)]], Field(max_length=1000)]
    """The `id`s of the field mappings to consider, as the configuration of the synchronization has them; `[]` for none.
    A mapping that this connector does not send is passed over."""
    responsibility: bool = False
    """Whether the responsibility is resynchronized as well; without meaning as long as no configuration has one."""
    send_status_field: bool = False
    """Whether the partners are forced into the present status, however the issues came to it."""


@router.post(
    "/connectors/{connector_key}/resync",
    dependencies=[allowed(Rule.OF_CONNECTOR, Scope.OPERATE)],
    response_model=TaskDocument,
)
async def resync(
    *,
    request: Request,
    caller: SignedIn,
    synchronization: OfPath,
    connector: OfPathConnector,
    wanted: Annotated[ResyncRequest, Body()],
    key: Repeatable,
) -> Response:
    """Trigger a resync from this connector to the other one, by an asynchronous task.

    The present values of the chosen mappings are sent as if they had just been entered; what they overwrite at the
    partner is kept. Edits that are made after this request stay, on either side. Issues that are not synchronized yet
    are, if the configuration selects them.
    """
    before = await answered_before(request, key)
    if before is not None:
        return before
    installation = installation_of(request)
    wish = Wish(
        connector=connector,
        jql=wanted.jql,
        mappings=tuple(MappingId(one) for one in wanted.field_mappings),
        status=wanted.send_status_field,
        responsibility=wanted.responsibility,
    )
    await installation.open_connections()
    try:
        checked = await check_wish(installation.engine, synchronization, wish)
    except Stopped:
        raise Refused(
            HTTPStatus.CONFLICT, f"{synchronization.key} is stopped; nothing would be sent.", "Start it first."
        ) from None
    except (AccessError, TransientError) as error:
        raise _jira_away(error) from error

    async def work(unit: AdministrationUnit) -> Answer:
        task = await start_resync(unit, installation.system, synchronization, checked, caller)
        return answer_of(task_document(request, task))

    return await once(request, key, work)


def _jira_away(error: AccessError | TransientError) -> Refused:
    cause = error.cause if isinstance(error, AccessError) else str(error)
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"Jira can't be asked whether it takes the JQL: {cause}.",
        "Nothing was started; try again in a moment.",
        headers={"Retry-After": "30"},
    )
