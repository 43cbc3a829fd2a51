"""What goes wrong with deliveries: they are lost, doubled, late, out of order, or forged.

A fault is a JSON object: its name under ``fault``, the conditions that all faults share, and parameters
of its own. Time is an argument everywhere; chance comes from a generator with a given seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import reduce
from itertools import count
from operator import or_
from random import Random
from typing import Annotated, ClassVar

import msgspec

from backbone.simulator.webhooks.deliveries import Delivery
from backbone.simulator.webhooks.forging import Forger, How

Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Several = Annotated[int, msgspec.Meta(ge=2)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
RETRY = "X-Atlassian-Webhook-Retry"
HALF_AN_HOUR = 1800.0


class WebhookFaultError(ValueError):
    """A fault that does not exist or cannot be armed like this; the message names the place."""


@dataclass(slots=True, kw_only=True)
class Stroke:
    """What a fault that strikes has at hand; ``kept`` lasts as long as the fault is armed."""

    now: datetime
    chance: Random
    forge: Forger
    kept: list[Delivery]


class WebhookFault(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="fault", omit_defaults=True
):
    """The conditions under which a fault strikes; all that are given must hold.

    ``event``: a pattern such as ``comment_*``. ``issue``: the key or id, ``*`` is any. ``webhook``: the number
    of the registration. The first ``skip`` deliveries that fit are let through, then ``times`` are struck
    (without it: all until disarmed), each with ``probability``, drawn from a generator started with ``seed``.
    """

    numbers: ClassVar[str] = ""
    sources: ClassVar[str] = ""

    event: str = "*"
    issue: str = "*"
    webhook: int | None = None
    skip: Count = 0
    times: Count | None = None
    probability: Share = 1.0
    seed: int = 0

    def fits(self, delivery: Delivery) -> bool:
        """Whether all conditions but the counted ones hold."""
        return (
            fnmatchcase(delivery.event, self.event)
            and self.issue in {"*", delivery.issue, delivery.key}
            and self.webhook in {None, delivery.webhook}
        )

    def strike(self, delivery: Delivery, stroke: Stroke) -> list[Delivery]:
        """What is delivered instead."""
        raise NotImplementedError


class Repeated(WebhookFault, frozen=True, kw_only=True, tag="webhook-repeated"):
    """Delivered ``copies`` more times, ``seconds`` apart, although it was accepted; Cloud's copies look like retries."""

    numbers: ClassVar[str] = "11"
    sources: ClassVar[str] = "Atlassian developer community, new retry policy of Jira Cloud's webhooks"

    copies: Positive = 1
    seconds: Seconds = 0.0

    def strike(self, delivery: Delivery, stroke: Stroke) -> list[Delivery]:
        del stroke
        repeated = [delivery]
        for number in range(1, self.copies + 1):
            told = {RETRY: str(number)} if "X-Atlassian-Webhook-Identifier" in delivery.headers else {}
            due = delivery.due + timedelta(seconds=self.seconds * number)
            repeated.append(replace(delivery, due=due, headers={**delivery.headers, **told}))
        return repeated


class Late(WebhookFault, frozen=True, kw_only=True, tag="webhook-late"):
    """Delivered between ``shortest`` and ``longest`` seconds later, so that newer ones overtake it."""

    numbers: ClassVar[str] = "11"
    sources: ClassVar[str] = "Atlassian developer community, new retry policy of Jira Cloud's webhooks"

    shortest: Seconds = 0.0
    longest: Seconds = HALF_AN_HOUR

    def strike(self, delivery: Delivery, stroke: Stroke) -> list[Delivery]:
        seconds = stroke.chance.uniform(self.shortest, max(self.longest, self.shortest))
        return [replace(delivery, due=delivery.due + timedelta(seconds=seconds))]


class Lost(WebhookFault, frozen=True, kw_only=True, tag="webhook-lost"):
    """Not delivered at all, and nobody is told."""

    numbers: ClassVar[str] = "12"
    sources: ClassVar[str] = "teemtee/tmt#4669; PipedreamHQ/pipedream#21705"

    def strike(self, delivery: Delivery, stroke: Stroke) -> list[Delivery]:
        del delivery, stroke
        return []


class Reordered(WebhookFault, frozen=True, kw_only=True, tag="webhooks-reordered"):
    """Every ``window`` deliveries arrive in reverse; an incomplete window waits for ``patience`` seconds at most."""

    numbers: ClassVar[str] = "13"
    sources: ClassVar[str] = "getsentry/sentry#123422; Data Center 10.0: asynchronous delivery"

    window: Several = 2
    patience: Seconds = 60.0

    def strike(self, delivery: Delivery, stroke: Stroke) -> list[Delivery]:
        stroke.kept.append(delivery)
        if len(stroke.kept) < self.window:
            return []
        released = reversed_order(stroke.kept, stroke.now)
        stroke.kept.clear()
        return released


class Forged(WebhookFault, frozen=True, kw_only=True, tag="webhook-forged"):
    """Accompanied by a forgery: `unsigned`, `wrong-signature`, `tampered`, `unknown-issue`, `foreign-host`."""

    numbers: ClassVar[str] = "11-13"
    sources: ClassVar[str] = "anybody who knows the address of a receiver"

    how: How = How.WRONG_SIGNATURE

    def strike(self, delivery: Delivery, stroke: Stroke) -> list[Delivery]:
        return [delivery, stroke.forge(delivery, self.how)]


WEBHOOK_FAULTS: tuple[type[WebhookFault], ...] = (Repeated, Late, Lost, Reordered, Forged)
"""In the order of their numbers."""
_ANY = reduce(or_, WEBHOOK_FAULTS)


def reversed_order(kept: list[Delivery], now: datetime) -> list[Delivery]:
    """The same deliveries due now, the newest first."""
    numbers = sorted(delivery.number for delivery in kept)
    newest_first = sorted(kept, key=lambda delivery: -delivery.number)
    return [replace(d, due=now, number=number) for d, number in zip(newest_first, numbers, strict=True)]


def read_webhook_fault(spec: object) -> WebhookFault:
    """A fault from its JSON object; raises WebhookFaultError."""
    if isinstance(spec, WebhookFault):
        return spec
    try:
        fault = msgspec.convert(spec, _ANY)
    except msgspec.ValidationError as problem:
        known = ", ".join(str(kind.__struct_config__.tag) for kind in WEBHOOK_FAULTS)
        raise WebhookFaultError(f"{problem}; known faults: {known}") from None
    assert isinstance(fault, WebhookFault)  # every member of the union is one
    return fault


@dataclass(slots=True, kw_only=True)
class _Armed:
    id: str
    fault: WebhookFault
    chance: Random
    fitting: int = 0
    struck: int = 0
    kept: list[Delivery] = field(default_factory=list)

    def takes(self, delivery: Delivery) -> bool:
        if not self.fault.fits(delivery):
            return False
        self.fitting += 1
        spent = self.fault.times is not None and self.struck >= self.fault.times
        if self.fitting <= self.fault.skip or spent or self.chance.random() >= self.fault.probability:
            return False
        self.struck += 1
        return True


class MischiefBoard:
    """The faults that are armed for deliveries; each delivery is struck by at most one, the oldest that fits."""

    def __init__(self, forge: Forger) -> None:
        self._forge = forge
        self._armed: list[_Armed] = []
        self._numbers = count(1)

    def arm(self, spec: object) -> str:
        """Arm a fault, given as its JSON object or ready made, and return its id."""
        fault = read_webhook_fault(spec)
        chance = Random(fault.seed)  # noqa: S311 - a fault needs repetition, not secrecy
        armed = _Armed(id=str(next(self._numbers)), fault=fault, chance=chance)
        self._armed.append(armed)
        return armed.id

    def disarm(self, fault_id: str, now: datetime) -> list[Delivery]:
        """Disarm one fault and return what it kept; ``LookupError`` if there is none."""
        for armed in self._armed:
            if armed.id == fault_id:
                self._armed.remove(armed)
                return reversed_order(armed.kept, now)
        raise LookupError(f"no webhook fault {fault_id} is armed")

    def clear(self) -> None:
        """Disarm everything and forget what was kept for reordering."""
        self._armed.clear()

    def strike(self, delivery: Delivery, now: datetime) -> list[Delivery]:
        """What becomes of a delivery."""
        for armed in self._armed:
            if armed.takes(delivery):
                stroke = Stroke(now=now, chance=armed.chance, forge=self._forge, kept=armed.kept)
                return armed.fault.strike(delivery, stroke)
        return [delivery]

    def release(self, now: datetime, *, patient: bool) -> list[Delivery]:
        """What waits in incomplete windows: all, or with patience only what has waited long enough."""
        released: list[Delivery] = []
        for armed in self._armed:
            if not armed.kept or not isinstance(armed.fault, Reordered):
                continue
            limit = armed.kept[0].due + timedelta(seconds=armed.fault.patience)
            if not patient or limit <= now:
                released += reversed_order(armed.kept, now)
                armed.kept.clear()
        return released

    def keeps(self) -> bool:
        """Whether deliveries wait for a window to fill."""
        return any(armed.kept for armed in self._armed)

    def list(self) -> list[dict[str, object]]:
        """The armed faults with their counts."""
        return [
            {
                "id": armed.id,
                "armed": msgspec.to_builtins(armed.fault),
                "fitting": armed.fitting,
                "struck": armed.struck,
            }
            for armed in self._armed
        ]
