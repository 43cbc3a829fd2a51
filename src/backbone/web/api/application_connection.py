"""How a synchronization reaches one of its Jiras, changed for it alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Request
from pydantic import Field, SecretStr

from backbone.app.access.caller import Caller, Scope
from backbone.app.usecases.choosing import halves_of
from backbone.app.usecases.connecting import Proxy, Wish, connect
from backbone.app.usecases.own_connections import declared_part, unencrypted
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, jira_of
from backbone.ports.login import ApiTokenLogin, JiraLogin, PasswordLogin, TokenLogin
from backbone.ports.records import StoredConnection, Synchronization
from backbone.web.access import OfPath, Rule, SignedIn, allowed
from backbone.web.api.connectors import told_by_status
from backbone.web.api.documents import Asked, Shown
from backbone.web.errors import Refused
from backbone.web.installation import installation_of

router = APIRouter(tags=["Synchronizations"])

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=16_384)]


class ConnectionChange(Asked):
    """What is to be changed; what is left out stays as it is.

    With another address or another proxy the credentials have to be given as well.
    """

    connector_key: str | None = None
    """Which of the two Jiras is meant: that of this connector."""
    side: Literal["first", "second"] | None = None
    """The same by its side; without either the first."""
    base_url: Text | None = None
    """Address of the Jira's start page."""
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
    proxy: str | None = None
    """Address of the HTTP proxy; an empty text for none."""
    proxy_username: Text | None = None
    """User name at the proxy, together with `proxyPassword`."""
    proxy_password: Secret | None = None
    """The password at the proxy."""


class ConnectionAnswer(Shown):
    """How the Jira is reached from now on; secrets are never shown."""

    name: str
    """Name of the connection in the configuration."""
    url: str
    """Address of the Jira's start page."""
    user: str | None = None
    """The synchronization user, where its credentials name it."""
    proxy: str | None = None
    """Address of the proxy."""
    warning: str | None = None
    """What is doubtful about it as long as it stays so."""


@router.put(
    "/integrations/{integration_key}/applicationConnection",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE)],
    response_model_exclude_none=True,
)
async def put_application_connection(
    request: Request, caller: SignedIn, one: OfPath, change: Annotated[ConnectionChange, Body()]
) -> ConnectionAnswer:
    """Change base URL and credentials of a synchronization user, or the proxy, for this synchronization only.

    They are tried before anything is stored: the log-in has to succeed, and it has to be the Jira with the projects and
    the issues that are synchronized.
    """
    installation = installation_of(request)
    async with installation.store.unit() as uow:
        halves = await halves_of(uow, [one])
    half = _half(change, one, halves)
    wish = _wish(change)
    _require_rights(caller, half, wish)
    with told_by_status():
        stored = await connect(installation, one.key, half.connector, wish, caller)
    return connection_answer(stored)


def connection_answer(stored: StoredConnection) -> ConnectionAnswer:
    declared = declared_part(stored)
    user, proxy = declared.get("user") or declared.get("email"), declared.get("proxy")
    return ConnectionAnswer(
        name=jira_of(stored.name),
        url=str(declared.get("url", "")),
        user=None if user is None else str(user),
        proxy=None if proxy is None else str(proxy),
        warning=unencrypted(stored),
    )


def _half(change: ConnectionChange, one: Synchronization, halves: list[HalfConfiguration]) -> HalfConfiguration:
    sides = {"first": one.first, "second": one.second}
    named = {sides[change.side]} if change.side else set()
    named |= {ConnectorKey(change.connector_key)} if change.connector_key is not None else set()
    meant = named or {one.first}
    found = [half for half in halves if {half.connector} == meant]
    if not found:
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "The request does not say which of the two Jiras is meant.",
            f"Give connectorKey as {one.first} or {one.second}, or side as first or second.",
            errors={"connectorKey": "is no connector of this synchronization, or not that of the side"},
        )
    return found[0]


def _wish(change: ConnectionChange) -> Wish:
    return Wish(url=change.base_url, login=_login(change), proxy=_proxy(change))


def _login(change: ConnectionChange) -> JiraLogin | None:
    """Raises Refused (400) for half a log-in, or two."""
    match change:
        case ConnectionChange(username=None, password=None, token=None, email=None, api_token=None):
            return None
        case ConnectionChange(
            username=str(user), password=SecretStr() as password, token=None, email=None, api_token=None
        ):
            return PasswordLogin(user=user, password=password.get_secret_value())
        case ConnectionChange(username=None, password=None, token=SecretStr() as token, email=None, api_token=None):
            return TokenLogin(token=token.get_secret_value())
        case ConnectionChange(
            username=None, password=None, token=None, email=str(email), api_token=SecretStr() as token
        ):
            return ApiTokenLogin(email=email, api_token=token.get_secret_value())
        case _:
            raise Refused(
                HTTPStatus.BAD_REQUEST,
                "The credentials are not those of one log-in.",
                "Give username and password, or token, or email and apiToken.",
            )


def _proxy(change: ConnectionChange) -> Proxy | None:
    """Raises Refused (400) for the log-in of a proxy without its address: it is never sent to one that is not named."""
    password = change.proxy_password
    if change.proxy is None and (change.proxy_username or password):
        cure = "Give its address as proxy."
        raise Refused(HTTPStatus.BAD_REQUEST, "There is a log-in at a proxy, but no proxy.", cure)
    if change.proxy is None:
        return None
    secret = None if password is None else password.get_secret_value()
    return Proxy(address=change.proxy.strip() or None, user=change.proxy_username, password=secret)


def _require_rights(caller: Caller, half: HalfConfiguration, wish: Wish) -> None:
    """Raises Refused (403): an address decides where this installation calls, which is more than one project's matter."""
    instance = caller.everything or half.jira in caller.instances
    if (wish.url is not None or wish.proxy is not None) and not instance:
        raise Refused(HTTPStatus.FORBIDDEN, "Only administrators of that Jira may change its address or proxy.")
    if not caller.administers(half):
        raise Refused(HTTPStatus.FORBIDDEN, "You administer the other project of this synchronization only.")
