"""Connectors: the key of their project and the account that synchronizes, read and changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from backbone.app.access.caller import Caller, Scope
from backbone.app.usecases.contradictions import Contradicted, JiraAway
from backbone.app.usecases.project_keys import project_key, take_key
from backbone.app.usecases.synchronization_users import synchronization_user, take_user
from backbone.core.model.keys import ConnectorKey
from backbone.web.access import OfPath, OfPathConnector, Rule, SignedIn, allowed
from backbone.web.confirming import changes_when
from backbone.web.errors import Refused
from backbone.web.installation import installation_of

router = APIRouter(tags=["Connectors"])

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


USER_PATH = "/connectors/{connector_key}/user"


class UserAnswer(BaseModel):
    """The account by which the connector works in its Jira."""

    user: str


class UserChange(BaseModel):
    """Another account; what a GET printed is understood as well."""

    model_config = ConfigDict(extra="forbid")

    new_user: str | None = Field(default=None, alias="newUser")
    user: str | None = None


NewUser = Annotated[
    str | None, Query(alias="newUser", description="User name or e-mail address of another account: takes it.")
]


@router.get(
    USER_PATH,
    dependencies=[
        allowed(Rule.OF_CONNECTOR, Scope.READ),
        changes_when("newUser", Scope.CONFIGURE, "Let {newUser} be the synchronization user of {connector_key}?"),
    ],
)
async def get_user(
    request: Request, caller: SignedIn, one: OfPath, connector: OfPathConnector, new_user: NewUser = None
) -> UserAnswer:
    """The account by which the connector works in its Jira; with `newUser`, the same as a PUT."""
    if new_user is not None:
        return await _take_user(request, caller, connector, given(request, "newUser"))
    with told_by_status():
        return UserAnswer(user=await synchronization_user(installation_of(request).engine, one.key, connector))


@router.put(USER_PATH, dependencies=[allowed(Rule.OF_CONNECTOR, Scope.CONFIGURE)])
async def put_user(
    request: Request,
    caller: SignedIn,
    connector: OfPathConnector,
    new_user: NewUser = None,
    change: Annotated[UserChange | None, Body()] = None,
) -> UserAnswer:
    """Let another account work for this synchronization.

    Its calls to that Jira wait until the credentials of the account are given with
    `PUT /integrations/{integrationKey}/applicationConnection`; nothing is lost meanwhile, and other synchronizations
    go on with theirs.
    """
    del new_user
    told = [] if change is None else [change.new_user, change.user]
    return await _take_user(request, caller, connector, given(request, "newUser", *told))


@router.post(USER_PATH, include_in_schema=False, dependencies=[allowed(Rule.OF_CONNECTOR, Scope.CONFIGURE)])
async def confirmed_user(
    request: Request, caller: SignedIn, connector: OfPathConnector, new_user: NewUser = None
) -> UserAnswer:
    """What the page that asks for confirmation sends."""
    del new_user
    return await _take_user(request, caller, connector, given(request, "newUser"))


async def _take_user(request: Request, caller: Caller, connector: ConnectorKey, name: str) -> UserAnswer:
    installation = installation_of(request)
    async with installation.store.unit() as uow:
        half = await uow.synchronizations.half(connector)
    if not caller.administers(half):
        raise Refused(HTTPStatus.FORBIDDEN, "You administer the other project of this synchronization only.")
    taken = await take_user(installation.store, installation.engine, connector, name, caller)
    await installation.open_connections()
    return UserAnswer(user=taken)


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
    except Contradicted as error:
        raise Refused(HTTPStatus.CONFLICT, error.cause, error.cure) from error
    except JiraAway as error:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, error.cause, error.cure, headers={"Retry-After": "30"}) from error
