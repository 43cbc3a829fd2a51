"""The webhooks of one Jira: from what happens in its world to deliveries that wait to be made."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Protocol

import msgspec

from backbone.simulator.flavour import Traits
from backbone.simulator.webhooks.addresses import fill_in
from backbone.simulator.webhooks.deliveries import Delivery, Ledger
from backbone.simulator.webhooks.forging import SIGNATURE, How, forgery
from backbone.simulator.webhooks.happenings import Happening, of_change, of_deletion, of_project
from backbone.simulator.webhooks.mischief import MischiefBoard
from backbone.simulator.webhooks.postoffice import PostOffice, RetryPolicy
from backbone.simulator.webhooks.registrations import Kind, Registry, Webhook
from backbone.simulator.webhooks.sending import Sender
from backbone.simulator.webhooks.signing import app_token, body_signature
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.projects import Project

AT_ONCE_SINCE_10 = 4
IDENTIFIER = "X-Atlassian-Webhook-Identifier"
FLOW = "X-Atlassian-Webhook-Flow"


class Herald(Protocol):
    """Puts what happened into the words of the REST interface."""

    def body(self, happening: Happening, now: datetime) -> dict[str, object]: ...

    def variables(self, happening: Happening) -> Mapping[str, str]: ...

    def matches(self, webhook: Webhook, issue: Issue | None) -> bool: ...


class Webhooks:
    """Everything about webhooks of one Jira; observes its world.

    ``base`` is the address of the Jira. ``method`` is that of Cloud's signatures, which receivers must read
    from the header. Without a ``herald`` nothing is told.
    """

    def __init__(self, traits: Traits, now: Callable[[], datetime]) -> None:
        self.traits = traits
        self.base = ""
        self.method = "sha256"
        self.herald: Herald | None = None
        self.registry = Registry()
        self.faults = MischiefBoard(self._forge)
        self._now = now
        self._numbers = count(1)
        self.office = PostOffice(
            now=now,
            board=self.faults,
            sender=Sender(now),
            policy=RetryPolicy(most=5 if traits.is_cloud else 0),
            is_known=lambda webhook_id: self.registry.find(webhook_id) is not None,
            at_once=self._usual,
        )

    @property
    def is_modern(self) -> bool:
        """Whether this is Data Center 10 or newer: another interface, asynchronous, perhaps out of order."""
        return not self.traits.is_cloud and self.traits.version[0] >= 10

    @property
    def _usual(self) -> int:
        return AT_ONCE_SINCE_10 if self.is_modern else 1

    @property
    def waiting(self) -> list[Delivery]:
        """What has not been delivered yet, in order."""
        return self.office.waiting

    @property
    def ledger(self) -> Ledger:
        """What became of deliveries."""
        return self.office.ledger

    async def deliver_all(self) -> None:
        """Deliver everything now, due or not, with all retries that this brings."""
        await self.office.deliver_all()

    async def deliver_due(self) -> None:
        """Deliver what is due by the clock of the world."""
        await self.office.deliver_due()

    def hold(self) -> None:
        """Let nothing leave but by ``deliver_due`` and ``deliver_all``."""
        self.office.hold()

    def release(self) -> None:
        """Deliver by itself again."""
        self.office.release()

    def clear(self) -> None:
        """No registrations, no faults, nothing waiting, all counts at zero."""
        self.registry.clear()
        self.faults.clear()
        self.office.clear()
        self.office.at_once = self._usual
        self.method = "sha256"

    def pardon(self, fault_id: str) -> None:
        """Disarm a fault; what it kept for reordering leaves. ``LookupError`` if there is none."""
        self.office.put(self.faults.disarm(fault_id, self._now()))

    def use_method(self, method: str) -> None:
        """Sign by another digest; ``ValueError`` if there is none of this name."""
        body_signature("", b"", method)
        self.method = method

    def forge(self, webhook_id: int, how: How) -> Delivery:
        """Send a forgery of what was last sent for a webhook; ``LookupError`` if there was nothing."""
        made = [attempt.delivery for attempt in self.ledger.of(webhook_id)]
        if not made:
            raise LookupError(f"nothing was sent for webhook {webhook_id} yet that could be forged")
        forged = replace(self._forge(made[-1], how), due=self._now(), number=next(self._numbers))
        self.office.put([forged])
        return forged

    # what happens in the world

    def issue_changed(self, before: Issue | None, after: Issue, actor: str | None) -> None:
        """Part of ``Observer``."""
        if len(self.registry):
            self._tell(of_change(before, after, actor))

    def issue_deleted(self, issue: Issue, actor: str | None) -> None:
        """Part of ``Observer``."""
        if len(self.registry):
            self._tell(of_deletion(issue, actor, tells_parts=self.traits.is_cloud))

    def project_changed(self, before: Project, after: Project | None) -> None:
        """Part of ``Observer``."""
        if len(self.registry):
            self._tell(of_project(before, after))

    def _tell(self, happenings: list[Happening]) -> None:
        if self.herald is None:
            return
        now = self._now()
        for happening in happenings:
            self.ledger.counts["events"] += 1
            concerned = [w for w in self.registry if self._concerns(w, happening, now)]
            if concerned:
                self._write(self.herald, happening, concerned, now)

    def _concerns(self, webhook: Webhook, happening: Happening, now: datetime) -> bool:
        assert self.herald is not None  # asked by the caller
        return webhook.wants(happening.event, now) and self.herald.matches(webhook, happening.issue)

    def _write(self, herald: Herald, happening: Happening, concerned: list[Webhook], now: datetime) -> None:
        body = herald.body(happening, now)
        variables = herald.variables(happening)
        told: dict[str, list[Webhook]] = {}
        for webhook in concerned:
            apart = webhook.url if webhook.kind is Kind.DYNAMIC else f"{webhook.id} {webhook.url}"
            told.setdefault(apart, []).append(webhook)
        for together in told.values():
            webhook = together[0]
            extra: dict[str, object] = {}
            if webhook.kind is Kind.DYNAMIC:
                extra["matchedWebhookIds"] = [each.id for each in together]
            content = b"" if webhook.exclude_body else msgspec.json.encode({**body, **extra})
            url = fill_in(webhook.url, variables, with_dollar=not (self.traits.is_cloud or self.is_modern))
            self.office.accept(self._delivery(webhook, happening, url, content, now))

    def _delivery(self, webhook: Webhook, happening: Happening, url: str, body: bytes, now: datetime) -> Delivery:
        return Delivery(
            number=next(self._numbers),
            webhook=webhook.id,
            event=happening.event,
            issue="" if happening.issue is None else str(happening.issue.id),
            key="" if happening.issue is None else happening.issue.key,
            url=url,
            body=body,
            headers={**self._headers(happening), **self._proof(webhook, body)},
            due=now,
            verifies_certificates=webhook.verifies_certificates,
        )

    def _headers(self, happening: Happening) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=UTF-8"}
        if not self.traits.is_cloud:
            return {**headers, "User-Agent": f"Atlassian HttpClient / JIRA-{self.traits.version_text}"}
        return {
            **headers,
            "User-Agent": "Atlassian Webhook HTTP Client",
            IDENTIFIER: str(uuid.uuid4()),
            FLOW: "Secondary" if happening.cascade else "Primary",
        }

    def _proof(self, webhook: Webhook, body: bytes) -> dict[str, str]:
        if webhook.secret is None:
            return {}
        if webhook.kind is Kind.DYNAMIC:
            return {"Authorization": f"Bearer {app_token(webhook.secret, self.base, self._now())}"}
        method = self.method if self.traits.is_cloud else "sha256"
        return {SIGNATURE: body_signature(webhook.secret, body, method)}

    def _forge(self, delivery: Delivery, how: How) -> Delivery:
        webhook = self.registry.find(delivery.webhook)
        self.ledger.counts["forged"] += 1

        def sign(body: bytes) -> dict[str, str]:
            return {} if webhook is None else self._proof(webhook, body)

        return forgery(delivery, how, self.base, sign)
