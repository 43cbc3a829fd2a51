"""Connectors: the key of their project and the account that synchronizes, read and changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from backbone.app.access.caller import Scope
from backbone.app.usecases.project_keys import JiraAway, WrongProject, project_key, take_key
from backbone.core.model.keys import ConnectorKey
from backbone.web.access import OfPathConnector, Rule, allowed
from backbone.web.confirming import changes_when
from backbone.web.errors import Refused
from backbone.web.installation import installation_of

router = APIRouter(tags=["connectors"])

KEY_PATH = "/connectors/{connector_key}/projectKey"


class ProjectKeyAnswer(BaseModel):
    """The key of the connector's project."""

    project_key: str = Field(serialization_alias="projectKey")


class ProjectKeyChange(BaseModel):
    """The key that the project got in Jira; what a GET printed is understood as well."""

    model_config = ConfigDict(extra="forbid")

    new_project_key: str | None = Field(default=None, alias="newProjectKey")
    project_key: str | None = Field(default=None, alias="projectKey")


NewProjectKey = Annotated[
    str | None, Query(alias="newProjectKey", description="The key that the project got in Jira: takes it over.")
]


@router.get(
    KEY_PATH,
    dependencies=[
        allowed(Rule.OF_CONNECTOR, Scope.READ),
        changes_when(
            "newProjectKey", Scope.CONFIGURE, "Take over {newProjectKey} as key of the project of {connector_key}?"
        ),
    ],
)
async def get_project_key(
    request: Request, connector: OfPathConnector, new_project_key: NewProjectKey = None
) -> ProjectKeyAnswer:
    """The key that the project has in Jira now; with `newProjectKey`, the same as a PUT."""
    if new_project_key is None:
        engine = installation_of(request).engine
        return ProjectKeyAnswer(project_key=await project_key(engine, connector))
    return await _take(request, connector, given(request, "newProjectKey"))


@router.put(KEY_PATH, dependencies=[allowed(Rule.OF_CONNECTOR, Scope.CONFIGURE)])
async def put_project_key(
    request: Request,
    connector: OfPathConnector,
    new_project_key: NewProjectKey = None,
    change: Annotated[ProjectKeyChange | None, Body()] = None,
) -> ProjectKeyAnswer:
    """Take over the key that the project got in Jira.

    It has to be a key of the project that the connector is of, which its immutable id identifies; a rename is noticed
    without being told, so this only makes sure that it was.
    """
    del new_project_key
    told = [] if change is None else [change.new_project_key, change.project_key]
    return await _take(request, connector, given(request, "newProjectKey", *told))


@router.post(KEY_PATH, include_in_schema=False, dependencies=[allowed(Rule.OF_CONNECTOR, Scope.CONFIGURE)])
async def confirmed_project_key(
    request: Request, connector: OfPathConnector, new_project_key: NewProjectKey = None
) -> ProjectKeyAnswer:
    """What the page that asks for confirmation sends."""
    del new_project_key
    return await _take(request, connector, given(request, "newProjectKey"))


async def _take(request: Request, connector: ConnectorKey, key: str) -> ProjectKeyAnswer:
    with told_by_status():
        taken = await take_key(installation_of(request).engine, connector, key)
    return ProjectKeyAnswer(project_key=taken)


def given(request: Request, name: str, *told: str | None) -> str:
    """The one value of a parameter, in the address or ``told`` in the body. Raises Refused (400)."""
    values = [*request.query_params.getlist(name), *(one for one in told if one is not None)]
    if len(values) != 1 or not values[0].strip():
        wrong = "is missing" if not values else "is given more than once" if len(values) > 1 else "is empty"
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} {wrong}.", f"Give {name} once.", errors={name: wrong})
    return values[0].strip()


@contextmanager
def told_by_status() -> Iterator[None]:
    """What can't be done because of what Jira says, or because it says nothing."""
    try:
        yield
    except WrongProject as error:
        raise Refused(HTTPStatus.CONFLICT, error.cause, error.cure) from error
    except JiraAway as error:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, error.cause, error.cure, headers={"Retry-After": "30"}) from error
