"""The status of synchronizations, and starting and stopping them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from pydantic import Field

from backbone.app.access.caller import Caller, Scope
from backbone.app.usecases.channels.places import adopt_stopped
from backbone.app.usecases.integrations import find_integration
from backbone.app.usecases.switching_tasks import order_start, order_stop
from backbone.core.model.keys import SynchronizationKey
from backbone.web.access import OfPath, Rule, SignedIn, allowed
from backbone.web.api.documents import Asked, StatusDocument, status_document
from backbone.web.api.integrations import found
from backbone.web.api.tasks import TaskDocument, task_document
from backbone.web.errors import not_found
from backbone.web.installation import Installation, installation_of

router = APIRouter(tags=["Synchronizations"])

MOST = 1000
"""So many synchronizations may be started or stopped by one call."""


class Several(Asked):
    """Several synchronizations at once."""

    integration_keys: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=255)]], Field(min_length=1, max_length=MOST)
    ]
    """Keys such as `INT-17`."""


@router.get(
    "/integrations/{integration_key}/status",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_model_exclude_none=True,
)
async def status(request: Request, synchronization: OfPath) -> StatusDocument:
    """How a synchronization stands: derived at this moment.

    RESTART REQUIRED comes with its reason, its cure, and whether the program gets over it by itself; so does every
    status but STOPPED while no process is at work.
    """
    return status_document((await found(request, synchronization.key)).standing)


@router.post(
    "/integrations/{integration_key}/start",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE)],
    response_model_exclude_none=True,
    operation_id="start",
)
@router.put(
    "/integrations/{integration_key}/start",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE)],
    response_model_exclude_none=True,
    operation_id="start_by_put",
)
async def start(request: Request, caller: SignedIn, synchronization: OfPath) -> TaskDocument:
    """Start a synchronization by an asynchronous task; it catches up with what happened while it was stopped."""
    return await _start(request, caller, [synchronization.key])


@router.post(
    "/integrations/{integration_key}/stop",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE)],
    response_model_exclude_none=True,
    operation_id="stop",
)
@router.put(
    "/integrations/{integration_key}/stop",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE)],
    response_model_exclude_none=True,
    operation_id="stop_by_put",
)
async def stop(request: Request, caller: SignedIn, synchronization: OfPath) -> TaskDocument:
    """Stop a synchronization by an asynchronous task, which ends when nothing of it is under way any more."""
    here = installation_of(request)
    return task_document(request, await order_stop(here.store, here.system, caller, [synchronization.key]))


@router.post(
    "/integrations/start",
    dependencies=[allowed(Rule.SIGNED_IN, Scope.OPERATE)],
    response_model_exclude_none=True,
    operation_id="start_several",
    responses={404: {}},
)
async def start_several(request: Request, caller: SignedIn, several: Annotated[Several, Body()]) -> TaskDocument:
    """Start several synchronizations by one asynchronous task; none is if one of them is not the caller's."""
    return await _start(request, caller, await _mine(installation_of(request), caller, several))


@router.post(
    "/integrations/stop",
    dependencies=[allowed(Rule.SIGNED_IN, Scope.OPERATE)],
    response_model_exclude_none=True,
    operation_id="stop_several",
    responses={404: {}},
)
async def stop_several(request: Request, caller: SignedIn, several: Annotated[Several, Body()]) -> TaskDocument:
    """Stop several synchronizations by one asynchronous task; none is if one of them is not the caller's."""
    here = installation_of(request)
    return task_document(request, await order_stop(here.store, here.system, caller, await _mine(here, caller, several)))


async def _start(request: Request, caller: Caller, keys: list[SynchronizationKey]) -> TaskDocument:
    """Directories of channels that were replaced meanwhile are taken over, as a person is there who starts."""
    here = installation_of(request)
    for key in keys:
        await adopt_stopped(here.office(), key, caller)
    return task_document(request, await order_start(here.store, here.system, caller, keys))


async def _mine(here: Installation, caller: Caller, several: Several) -> list[SynchronizationKey]:
    """Raises Refused (404) for one that is not there or not the caller's."""
    keys = [SynchronizationKey(key) for key in dict.fromkeys(several.integration_keys)]
    for key in keys:
        seen = await find_integration(here.store, key, here.system.now())
        if seen is None or not caller.sees(seen.halves):
            raise not_found(f"synchronization {key}")
    return keys
