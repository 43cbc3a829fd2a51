"""The ports to webhooks: registering one in a Jira, and what is remembered of it here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from backbone.core.model.keys import ConnectionName, Millis, ProjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookWish:
    """A webhook as it shall be in a Jira: where it goes, for which projects, and by which secret it is signed."""

    name: str
    url: str = field(repr=False)
    projects: tuple[ProjectId, ...]
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookForm:
    """What a person enters into Jira's own page for webhooks, where our account may not register one.

    ``page`` is its address. ``url`` has the variable for the issue as this Jira writes it. ``signs`` tells whether this
    Jira signs deliveries; older ones can't, and there the address alone is the secret.
    """

    page: str
    url: str = field(repr=False)
    events: tuple[str, ...]
    jql: str
    signs: bool


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Our account may not administer webhooks; ``cause`` in Jira's words."""

    cause: str


class WebhookRegistry(Protocol):
    """Webhooks of one Jira. Raises like the tracker."""

    async def form(self, wish: WebhookWish) -> WebhookForm:
        """The same to be entered by hand."""

    async def register(self, wish: WebhookWish, known: str | None) -> str | NotAllowed:
        """Make it so, in the registration ``known`` if that is there still; its id."""

    async def is_registered(self, known: str, wish: WebhookWish) -> bool | NotAllowed:
        """Whether the registration is there, switched on, and goes where it shall."""

    async def remove(self, known: str) -> NotAllowed | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWebhook:
    """By what a Jira may hint.

    ``address`` is the digest of the secret part of its address, ``secret`` the id of the sealed secrets, ``registration``
    its id in that Jira if we registered it. ``received`` and ``refused`` are when it hinted last, and when the last hint
    with a wrong signature came.
    """

    connection: ConnectionName
    address: str
    secret: str
    made: Millis
    registration: str | None = None
    received: Millis | None = None
    refused: Millis | None = None


class Webhooks(Protocol):
    async def get(self, connection: ConnectionName) -> StoredWebhook | None: ...

    async def by_address(self, address: str) -> StoredWebhook | None: ...

    async def all(self) -> Sequence[StoredWebhook]: ...

    async def save(self, webhook: StoredWebhook) -> None:
        """Insert or replace."""

    async def heard(self, connection: ConnectionName, at: Millis) -> None:
        """It hinted. Written at most once a minute."""

    async def refused(self, connection: ConnectionName, at: Millis) -> None:
        """Something came to its address that it did not sign. Written at most once a minute."""

    async def remove(self, connection: ConnectionName) -> None: ...
