"""Deliveries on their way, in the order in which they are due."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LOG_LENGTH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One POST to be made.

    ``number`` is the place among all deliveries, ``retry`` how often it was tried before. ``forged`` names
    what is wrong with it, if something is.
    """

    number: float
    webhook: int
    event: str
    issue: str
    key: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    due: datetime
    retry: int = 0
    forged: str = ""
    verifies_certificates: bool = True

    @property
    def order(self) -> tuple[datetime, float]:
        return self.due, self.number


class Result(StrEnum):
    """What came of an attempt, in the words of Data Center 10."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One POST that was made; ``status`` is 0 when there was no answer, ``problem`` says why."""

    delivery: Delivery
    status: int
    problem: str
    started: datetime
    finished: datetime

    @property
    def result(self) -> Result:
        """Accepted, refused, or not answered at all."""
        if not self.status:
            return Result.ERROR
        return Result.SUCCESS if 200 <= self.status < 300 else Result.FAILURE


@dataclass(slots=True)
class Outbox:
    """Deliveries that have not been made yet."""

    _waiting: list[Delivery] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Delivery]:
        return iter(sorted(self._waiting, key=lambda delivery: delivery.order))

    def put(self, deliveries: Iterable[Delivery]) -> None:
        """Add deliveries."""
        self._waiting.extend(deliveries)

    def webhooks(self, until: datetime | None) -> set[int]:
        """The webhooks with a delivery that is due by then; without a time, with any."""
        return {d.webhook for d in self._waiting if until is None or d.due <= until}

    def take(self, webhook: int, until: datetime | None) -> list[Delivery]:
        """Take out what is due by then for a webhook, in order; without a time, everything."""
        taken = [d for d in self if d.webhook == webhook and (until is None or d.due <= until)]
        numbers = {id(d) for d in taken}
        self._waiting = [d for d in self._waiting if id(d) not in numbers]
        return taken

    def clear(self) -> None:
        """Forget all."""
        self._waiting.clear()


@dataclass(slots=True)
class Ledger:
    """What became of deliveries: counts by word, and the last attempts in order."""

    counts: Counter[str] = field(default_factory=Counter)
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))

    def note(self, attempt: Attempt) -> None:
        """Keep an attempt."""
        self.attempts.append(attempt)
        self.counts["attempts"] += 1
        self.counts[attempt.result.lower()] += 1

    def of(self, webhook: int) -> list[Attempt]:
        """The attempts of one webhook, oldest first."""
        return [attempt for attempt in self.attempts if attempt.delivery.webhook == webhook]

    def clear(self) -> None:
        """Begin at zero."""
        self.counts.clear()
        self.attempts.clear()
