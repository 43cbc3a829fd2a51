"""What Jira's headers say about how fast we may call: pure.

Sources: Atlassian, "Rate limiting" for Jira Cloud (burst, per-issue and quota limits) and "Adjusting your code for
rate limiting" for Data Center (token bucket a user and node). ``Retry-After`` is a minimum everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

SHORTEST_WAIT = 1.0
LONGEST_GUESS = 60.0
FOREVER = 86_400.0
"""A wait of more than a day is no wait: the administrator has set the account's limit to nothing."""

_AMPLE = 0.75
"""Of the bucket; above that, bursts are harmless."""

_SHARE = 0.98
"""Of the rate that the server sustains, so that rounding on its side refuses nothing."""


class Stock(StrEnum):
    """How full the token bucket of the account is."""

    EMPTY = "empty"
    LOW = "low"
    AMPLE = "ample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A sustainable rate: calls a second, and how many may come at once after a quiet time."""

    per_second: float
    burst: float

    @property
    def even(self) -> Pace:
        """The same rate without any burst."""
        return Pace(per_second=self.per_second, burst=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What Data Center tells with every answer to a limited account.

    Its bucket holds ``size`` tokens, ``left`` of them now, and gets ``fill`` more every ``interval`` seconds.
    """

    size: float
    left: float
    fill: float
    interval: float

    @property
    def stock(self) -> Stock:
        if self.left <= 0:
            return Stock.EMPTY
        return Stock.AMPLE if self.left >= _AMPLE * self.size else Stock.LOW

    def pace(self, running: int) -> Pace:
        """Bursts take no more than is there besides the calls under way, even if tokens come once an interval only.

        The bucket may be shared with another node's idea of it, hence no more than half of it.
        """
        spare = min(self.size / 2, self.left - self.fill - running)
        return Pace(per_second=_SHARE * self.fill / self.interval, burst=max(1.0, spare))


def wait_of(headers: Mapping[str, str], now: float, refusals: int) -> float:
    """Seconds to wait after a 429: what the server says, else doubling with each refusal in a row.

    ``now`` is the server's clock in seconds since 1970, ``refusals`` counts this one too.
    """
    told = [wait for wait in (_retry_after(headers, now), _until_reset(headers, now)) if wait is not None]
    if told:
        return max(*told, SHORTEST_WAIT)
    return min(2.0 ** min(refusals, 10), LONGEST_GUESS)


def told_wait(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds of ``Retry-After`` if the header is there: also a 503 may carry it. At most a day, whatever it says."""
    wait = _retry_after(headers, now)
    return None if wait is None else min(max(wait, SHORTEST_WAIT), FOREVER)


def concerns_one_issue(headers: Mapping[str, str]) -> bool:
    """Cloud: too many writes to one issue; the other issues need not wait."""
    return headers.get("RateLimit-Reason", "") == "jira-per-issue-on-write"


def allowance_of(headers: Mapping[str, str]) -> Allowance | None:
    """Data Center: the account's token bucket, if it has one."""
    fill = _number(headers.get("X-RateLimit-FillRate"))
    interval = _number(headers.get("X-RateLimit-Interval-Seconds"))
    left = _number(headers.get("X-RateLimit-Remaining"))
    if not fill or not interval or left is None:
        return None
    size = _number(headers.get("X-RateLimit-Limit")) or fill
    return Allowance(size=size, left=left, fill=fill, interval=interval)


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    text = headers.get("Retry-After")
    if text is None:
        return None
    number = _number(text)
    if number is not None:
        return max(number, 0.0)
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except ValueError:
        return None


def _until_reset(headers: Mapping[str, str], now: float) -> float | None:
    try:
        reset = datetime.fromisoformat(headers["X-RateLimit-Reset"])
    except (KeyError, ValueError):
        return None
    return max(reset.timestamp() - now, 0.0)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
