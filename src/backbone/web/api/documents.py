"""Synchronizations as the public interface shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel

from backbone.app.usecases.integrations import Seen, connection_url
from backbone.app.usecases.own_connections import unencrypted, user_of
from backbone.app.usecases.standing import Derived, Status
from backbone.core.model.keys import ConnectionName, ConnectorKey, jira_of
from backbone.ports.records import StoredConnection, Synchronization
from backbone.web.instants import instant

Plain: TypeAlias = dict[str, JsonValue]


class Shown(BaseModel):
    """A part of an answer; names are written as the public interface has them."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, use_attribute_docstrings=True
    )


class Asked(BaseModel):
    """A part of a request: what it does not know is refused, so that a misspelled name is not passed over."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class StatusDocument(Shown):
    """How a synchronization stands."""

    status: Status
    """One of six; the three about master and slave are of synchronizations by e-mail or file."""
    reason: str | None = None
    """With RESTART REQUIRED, and while no process is at work: what hinders it."""
    cure: str | None = None
    """With a reason: what to do about it."""
    mends_itself: bool | None = None
    """With a reason: whether the program gets over it by itself once the cause is gone."""


class ConnectionDocument(Shown):
    """The Jira of a connector; secrets are never shown."""

    name: str
    """Name of the connection."""
    url: str | None = None
    """Address of the Jira's start page."""
    user: str | None = None
    """The synchronization user, where its credentials name it."""
    awaits_credentials: bool | None = None
    """True while the synchronization user was changed and has no credentials yet."""
    warning: str | None = None
    """What is doubtful about it as long as it stays so."""


class ConnectorDocument(Shown):
    """One half of a synchronization."""

    created_user: str
    last_modified_user: str
    created_date: str
    last_modified_date: str
    connector_key: str
    """Names the connector for ever, also when its project gets another key."""
    project_key: str | None = None
    """Absent where the half is a partner's behind firewalls, of which nothing but its aliases is known here."""
    connection: ConnectionDocument | None = None
    """Absent where the half is a partner's."""
    partner: bool | None = None
    """True where the half is a partner's behind firewalls."""


class IntegrationDocument(Shown):
    """A synchronization."""

    created_user: str
    last_modified_user: str
    created_date: str
    last_modified_date: str
    integration_key: str
    summary: str
    description: str
    status: StatusDocument
    first_connector: ConnectorDocument
    second_connector: ConnectorDocument


def status_document(standing: Derived) -> StatusDocument:
    return StatusDocument(
        status=standing.status, reason=standing.reason, cure=standing.cure, mends_itself=standing.mends_itself
    )


def integration_document(seen: Seen, zone: tzinfo) -> IntegrationDocument:
    """The synchronization without its configuration."""
    return IntegrationDocument.model_validate(integration_members(seen, zone))


def integration_members(seen: Seen, zone: tzinfo) -> Mapping[str, object]:
    one = seen.one
    return {
        "created_user": one.created.by,
        "last_modified_user": one.modified.by,
        "created_date": instant(one.created.at, zone),
        "last_modified_date": instant(one.modified.at, zone),
        "integration_key": one.key,
        "summary": one.name,
        "description": one.description,
        "status": status_document(seen.standing),
        "first_connector": _connector(seen, one.first, zone),
        "second_connector": _connector(seen, one.second, zone),
    }


def _connector(seen: Seen, key: ConnectorKey, zone: tzinfo) -> ConnectorDocument:
    """A connector is made with its synchronization, and changed when a configuration is published."""
    one: Synchronization = seen.one
    index = one.connectors.index(key) if key in one.connectors else None
    return ConnectorDocument(
        created_user=one.created.by,
        last_modified_user=one.published.by,
        created_date=instant(one.created.at, zone),
        last_modified_date=instant(one.published.at, zone),
        connector_key=key,
        project_key=None if index is None else seen.project_key(index),
        connection=None if index is None else _connection(seen.halves[index].connection, seen.connections[index]),
        partner=True if index is None else None,
    )


def _connection(name: ConnectionName, stored: StoredConnection | None) -> ConnectionDocument:
    if stored is None:
        return ConnectionDocument(name=jira_of(name))
    return ConnectionDocument(
        name=jira_of(name),
        url=connection_url(stored),
        user=user_of(stored),
        awaits_credentials=True if stored.document.get("awaiting") else None,
        warning=unencrypted(stored),
    )
