"""Synchronizations: created, changed, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Body, Header, Request, Response
from pydantic import Field, JsonValue, SecretStr, StringConstraints

from backbone.app.access.caller import Scope
from backbone.app.usecases.configurations import APART
from backbone.app.usecases.configuring.creating import Wanted, create_integration
from backbone.app.usecases.configuring.declaring import Unfit, Wrong
from backbone.app.usecases.configuring.editing import Edit, edit_integration
from backbone.app.usecases.configuring.introducing import Introduced, introduced
from backbone.app.usecases.deleting import delete_integration
from backbone.app.usecases.integrations import look_at
from backbone.ports.administration import AdministrationUnit
from backbone.ports.records import Synchronization
from backbone.ports.repeats import Answer
from backbone.web.access import OfPath, Rule, SignedIn, allowed
from backbone.web.api.documents import Asked, Plain, Shown
from backbone.web.api.integrations import IntegrationDetails, details, etag, found
from backbone.web.api.refusals import LONG, refusal_of, told
from backbone.web.api.revisions import editor_of
from backbone.web.bodies import patient
from backbone.web.errors import Refused
from backbone.web.front import BASE, address_of
from backbone.web.idempotency import Repeatable, answer_of, once
from backbone.web.installation import installation_of

router = APIRouter(tags=["Synchronizations"])

INSTEAD = {"name": "summary", "id": "integrationKey", "description": "description, beside the configuration"}

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Long = Annotated[str, Field(max_length=20_000)]
Ignored: TypeAlias = JsonValue
"""Taken, since whoever reads a document may send it back, and not looked at."""

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="An `ETag`: without a match nothing is changed, and 412 is answered.",
        max_length=2000,
    ),
]


Secret = Annotated[SecretStr, Field(min_length=1, max_length=16_384)]


class ConnectionAsked(Asked):
    """A stored connection by its name; or with address and credentials a new one, which only local administrators give."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
    """Name of the connection."""
    url: Long | None = None
    """Address of the Jira's start page; of a stored one it is not looked at."""
    username: Text | None = None
    """User name of the synchronization user, together with `password`."""
    password: Secret | None = None
    """Its password."""
    token: Secret | None = None
    """Its personal access token, in place of name and password."""
    email: Text | None = None
    """E-mail address of the synchronization user on Cloud, together with `apiToken`."""
    api_token: Secret | None = None
    """Its API token."""
    proxy: Long | None = None
    """Address of the HTTP proxy, if there is one."""
    user: Ignored = None
    awaits_credentials: Ignored = None
    warning: Ignored = None
    proxy_username: Text | None = None
    """User name at the proxy, together with `proxyPassword`."""
    proxy_password: Secret | None = None
    """The password at the proxy."""


class ConnectorAsked(Asked):
    """One half. For a new synchronization its project and connection count; of an old one neither can be changed."""

    project_key: Text | None = None
    connection: ConnectionAsked | None = None
    created_user: Ignored = None
    last_modified_user: Ignored = None
    created_date: Ignored = None
    last_modified_date: Ignored = None
    connector_key: Ignored = None
    partner: Ignored = None


class IntegrationAsked(Asked):
    """A synchronization as it was read, or as much of it as is to be written."""

    summary: Text | None = None
    """Its name; for a new one `A <> B` without it."""
    description: Long | None = None
    """For people; for a new one a sentence with both projects without it."""
    first_connector: ConnectorAsked | None = None
    second_connector: ConnectorAsked | None = None
    configuration: Plain | None = None
    """What stands in the configuration file; the sides may be left out where the connectors name them."""
    message: Annotated[str, Field(max_length=1000)] = ""
    """Why; shown in the list of revisions."""
    integration_key: Ignored = None
    created_user: Ignored = None
    last_modified_user: Ignored = None
    created_date: Ignored = None
    last_modified_date: Ignored = None
    status: Ignored = None
    revision: Ignored = None


class Deleted(Shown):
    """What became of a synchronization that was deleted."""

    integration_key: str
    archived_pairs: int
    """Pairs of issues that are kept apart for 30 days."""
    cut_short: int
    """Writes to a Jira that had begun and did not end in time; whether they happened can be seen there."""


@router.post(
    "/integrations",
    dependencies=[allowed(Rule.SIGNED_IN, Scope.CONFIGURE), patient(LONG)],
    response_model=IntegrationDetails,
    response_model_exclude_none=True,
)
async def create(
    request: Request, caller: SignedIn, key: Repeatable, asked: Annotated[IntegrationAsked, Body()]
) -> Response:
    """Create a synchronization, which is stopped until it is started.

    Whoever creates it administers both projects. What the configuration lacks or has too much is told by place.
    """
    here = installation_of(request)
    wanted = Wanted(configuration=_sides(asked), summary=asked.summary, description=asked.description)
    await here.open_connections()

    async def work(unit: AdministrationUnit) -> Answer:
        with told("synchronization"):
            async with introduced(here, unit, caller, _introduced(asked)) as trackers:
                engine = replace(here.engine, trackers=trackers)
                one = await create_integration(unit, engine, caller, wanted, here.system.now())
        [seen] = await look_at(unit, [one], here.system.now())
        location = address_of(request, f"{BASE}/integrations/{one.key}")
        return answer_of(details(seen, here.time_zone), headers={"ETag": etag(one), "Location": location})

    answer = await once(request, key, work)
    await here.open_connections()
    return answer


@router.put(
    "/integrations/{integration_key}",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE), patient(LONG)],
    response_model_exclude_none=True,
)
async def change(
    request: Request,
    response: Response,
    *,
    caller: SignedIn,
    synchronization: OfPath,
    asked: Annotated[IntegrationAsked, Body()],
    if_match: IfMatch = None,
) -> IntegrationDetails:
    """Change a synchronization: send back what was read, with other values.

    Members that can't be changed are ignored, and what is left out stays. A changed configuration becomes a new
    revision, for which the caller has to administer both projects.
    """
    here = installation_of(request)
    if asked.integration_key not in (None, synchronization.key):
        raise Refused(HTTPStatus.BAD_REQUEST, f"integrationKey: this is {synchronization.key}.", "Check the address.")
    if _introduced(asked):
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "Credentials of a synchronization are not changed here.",
            "Send them to applicationConnection.",
        )
    edit = Edit(
        summary=asked.summary,
        description=asked.description,
        configuration=None if asked.configuration is None else _sides(asked),
        message=asked.message,
    )
    await here.open_connections()
    meanwhile = HTTPStatus.CONFLICT if if_match is None else HTTPStatus.PRECONDITION_FAILED
    with told(f"synchronization {synchronization.key}", otherwise=meanwhile):
        one = await edit_integration(
            editor_of(here, caller), synchronization.key, edit, lambda known: matches(if_match, known)
        )
    response.headers["ETag"] = etag(one)
    return details(await found(request, one.key), here.time_zone)


@router.delete(
    "/integrations/{integration_key}",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE), patient(LONG)],
)
async def delete(request: Request, caller: SignedIn, synchronization: OfPath, if_match: IfMatch = None) -> Deleted:
    """Delete a synchronization for ever. One that runs is stopped first, and what is under way is waited for.

    The issues of both projects stay as they are.
    """
    here = installation_of(request)
    if not matches(if_match, synchronization):
        raise Refused(HTTPStatus.PRECONDITION_FAILED, "It is not what you read any more.", "Read it again.")
    with told(f"synchronization {synchronization.key}"):
        gone = await delete_integration(here.store, here.system, caller, synchronization.key, here.farewell)
    return Deleted(integration_key=synchronization.key, archived_pairs=gone.pairs, cut_short=gone.cut_short)


def matches(if_match: str | None, one: Synchronization) -> bool:
    """Whether a change may be made to what is stored now."""
    return if_match is None or if_match.strip() == "*" or etag(one) in [tag.strip() for tag in if_match.split(",")]


def _introduced(asked: IntegrationAsked) -> list[Introduced]:
    """The connections that are given with credentials, each once."""
    found: dict[str, Introduced] = {}
    for side, connector in (("first", asked.first_connector), ("second", asked.second_connector)):
        given = connector.connection if connector else None
        if given is not None and (secrets := _secrets(given)):
            shown = {"url": given.url, "user": given.username, "email": given.email}
            shown |= {"proxy": given.proxy, "proxy_user": given.proxy_username}
            declared = {key: text for key, text in shown.items() if text is not None}
            place = f"{side}Connector.connection"
            new = Introduced(place=place, name=given.name, declared=declared, secrets=secrets)
            found.setdefault(given.name, new)
    return list(found.values())


def _secrets(given: ConnectionAsked) -> dict[str, str]:
    every = {
        "password": given.password,
        "token": given.token,
        "api_token": given.api_token,
        "proxy_password": given.proxy_password,
    }
    return {key: secret.get_secret_value() for key, secret in every.items() if secret is not None}


def _sides(asked: IntegrationAsked) -> Mapping[str, JsonValue]:
    """The configuration with both sides, which the connectors may name instead. Raises Refused for a contradiction."""
    configuration = dict(asked.configuration or {})
    apart = [
        Wrong(place=f"configuration.{name}", message=f"{name!r} is not known here", cure=f"Write it as {INSTEAD[name]}")
        for name in sorted(APART & configuration.keys())
    ]
    if apart:
        raise refusal_of(Unfit(apart))
    for name, connector in (("first", asked.first_connector), ("second", asked.second_connector)):
        side = configuration.get(name, {})
        if connector is None or not isinstance(side, dict):
            continue
        given = {
            "connection": connector.connection.name if connector.connection else None,
            "project": connector.project_key,
        }
        told_here = {key: value for key, value in given.items() if value is not None}
        configuration[name] = {**told_here, **side}
    return configuration
