"""What is registered: who wants to hear of what, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count

DYNAMIC_LIFE = timedelta(days=30)
ISSUE_FILTER = "issue-related-events-section"


class Kind(StrEnum):
    """Who registered it: an administrator, or an app of Cloud for itself and for 30 days."""

    ADMINISTRATOR = "administrator"
    DYNAMIC = "dynamic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One registration.

    ``owner`` is a user key. ``secret`` signs the body, for a dynamic one the token; ``expires`` is set for
    dynamic ones only. ``filters`` is JQL by the kind of events it holds for.
    """

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    owner: str
    created: datetime
    updated: datetime
    kind: Kind = Kind.ADMINISTRATOR
    filters: dict[str, str] = field(default_factory=dict)
    secret: str | None = None
    exclude_body: bool = False
    active: bool = True
    verifies_certificates: bool = True
    expires: datetime | None = None

    @property
    def jql(self) -> str:
        """The query that issues must match; empty is all."""
        return self.filters.get(ISSUE_FILTER, "")

    def wants(self, event: str, now: datetime) -> bool:
        """Whether it is to hear of an event at all, whatever the issue."""
        alive = self.expires is None or now < self.expires
        return self.active and alive and event in self.events


@dataclass(slots=True)
class Registry:
    """All registrations by number, in the order in which they were made."""

    _webhooks: dict[int, Webhook] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __iter__(self) -> Iterator[Webhook]:
        return iter(tuple(self._webhooks.values()))

    def __len__(self) -> int:
        return len(self._webhooks)

    def next_id(self) -> int:
        """A number that was never given before."""
        return next(self._numbers)

    def find(self, webhook_id: int) -> Webhook | None:
        """A registration by its number."""
        return self._webhooks.get(webhook_id)

    def put(self, webhook: Webhook) -> Webhook:
        """Add or replace."""
        self._webhooks[webhook.id] = webhook
        return webhook

    def remove(self, webhook_id: int) -> None:
        """Forget; ``LookupError`` if there is none."""
        if self._webhooks.pop(webhook_id, None) is None:
            raise LookupError(f"there is no webhook {webhook_id}")

    def refresh(self, webhook_id: int, now: datetime) -> Webhook:
        """Give a dynamic one another 30 days; ``LookupError`` if there is none."""
        webhook = self._webhooks.get(webhook_id)
        if webhook is None or webhook.kind is not Kind.DYNAMIC:
            raise LookupError(f"there is no dynamic webhook {webhook_id}")
        return self.put(replace(webhook, expires=now + DYNAMIC_LIFE))

    def clear(self) -> None:
        """Forget all."""
        self._webhooks.clear()
