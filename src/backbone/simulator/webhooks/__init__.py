"""Webhooks of the pretend Jira: registered over REST, delivered over real HTTP to this machine only."""

from __future__ import annotations

from backbone.simulator.webhooks.addresses import AddressError
from backbone.simulator.webhooks.deliveries import Attempt, Delivery, Result
from backbone.simulator.webhooks.forging import How
from backbone.simulator.webhooks.happenings import Event
from backbone.simulator.webhooks.mischief import WEBHOOK_FAULTS, WebhookFault, WebhookFaultError
from backbone.simulator.webhooks.registrations import Kind, Webhook
from backbone.simulator.webhooks.switchboard import Webhooks

__all__ = [
    "WEBHOOK_FAULTS",
    "AddressError",
    "Attempt",
    "Delivery",
    "Event",
    "How",
    "Kind",
    "Result",
    "Webhook",
    "WebhookFault",
    "WebhookFaultError",
    "Webhooks",
]
