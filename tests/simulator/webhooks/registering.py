"""Registering webhooks as the administrator of a pretend Jira of any version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backbone.simulator import Simulator
from backbone.simulator.person import Person
from backbone.simulator.webhooks import Event
from tests.simulator.asking import Asker, Reply
from tests.simulator.webhooks.receiver import Received, Receiver

CLASSIC = "/rest/webhooks/1.0/webhook"
MODERN = "/rest/jira-webhook/1.0/webhooks"
SECRET = "It's a Secret to Everybody"
FILTER = "issue-related-events-section"


@dataclass(frozen=True, slots=True)
class Hooked:
    """One Jira, somebody who calls it, and the receiver of its webhooks."""

    simulator: Simulator
    asker: Asker
    receiver: Receiver

    @property
    def root(self) -> Asker:
        return self.asker.like("root")

    @property
    def path(self) -> str:
        return MODERN if self.simulator.webhooks.is_modern else CLASSIC

    @property
    def anna(self) -> Person:
        return self.simulator.as_user("anna")

    def body(self, jql: str = "", secret: str | None = None, **words: object) -> dict[str, object]:
        """A registration for every event, in the words of this version."""
        body: dict[str, object] = {"name": "a hook", "url": self.receiver.url, "events": [str(e) for e in Event]}
        if jql:
            body["filters"] = {FILTER: jql}
        if secret is not None:
            body |= {"configuration": {"SECRET": secret}} if self.simulator.webhooks.is_modern else {"secret": secret}
        return body | words

    async def post(self, jql: str = "", secret: str | None = None, **words: object) -> Reply:
        """Register, whatever comes of it."""
        return await self.root.post(self.path, self.body(jql, secret, **words))

    async def register(self, jql: str = "", secret: str | None = None, **words: object) -> int:
        """Register and return the number."""
        reply = await self.post(jql, secret, **words)
        assert reply.status == 201, reply.body
        return int(reply.body.get("id") or reply.body["self"].rpartition("/")[2])

    async def deliver(self) -> list[Received]:
        """Deliver everything and return what arrived."""
        self.receiver.received.clear()
        await self.simulator.webhooks.deliver_all()
        return list(self.receiver.received)

    async def due(self, later: timedelta = timedelta()) -> list[Received]:
        """Let time pass, deliver what is due, and return what arrived."""
        self.simulator.world.clock.advance(later)
        self.receiver.received.clear()
        await self.simulator.webhooks.deliver_due()
        return list(self.receiver.received)
