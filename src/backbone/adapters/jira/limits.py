"""What Jira's headers say about how fast we may call: pure.

Sources: Atlassian, "Rate limiting" for Jira Cloud (burst, per-issue and quota limits) and "Adjusting your code for
rate limiting" for Data Center (token bucket a user and node). ``Retry-After`` is a minimum everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

SHORTEST_WAIT = 1.0
LONGEST_GUESS = 60.0
FOREVER = 86_400.0
"""A wait of more than a day is no wait: the administrator has set the account's limit to nothing."""

_SHARE = 0.98
"""Of the rate that the server sustains, so that rounding on its side refuses nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A sustainable rate: calls a second, and how many may come at once after a quiet time."""

    per_second: float
    burst: float


def wait_of(headers: Mapping[str, str], now: float, refusals: int) -> float:
    """Seconds to wait after a 429: what the server says, else doubling with each refusal in a row.

    ``now`` is the server's clock in seconds since 1970, ``refusals`` counts this one too.
    """
    told = [wait for wait in (_retry_after(headers, now), _until_reset(headers, now)) if wait is not None]
    if told:
        return max(*told, SHORTEST_WAIT)
    return min(2.0 ** min(refusals, 10), LONGEST_GUESS)


def told_wait(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds of ``Retry-After`` if the header is there: also a 503 may carry it."""
    wait = _retry_after(headers, now)
    return None if wait is None else max(wait, SHORTEST_WAIT)


def concerns_one_issue(headers: Mapping[str, str]) -> bool:
    """Cloud: too many writes to one issue; the other issues need not wait."""
    return headers.get("RateLimit-Reason", "") == "jira-per-issue-on-write"


def pace_of(headers: Mapping[str, str]) -> Pace | None:
    """Data Center: the rate of the account's token bucket, if it has one.

    The bucket may be shared and may not be full, hence only half of it is taken for bursts.
    """
    fill = _number(headers.get("X-RateLimit-FillRate"))
    interval = _number(headers.get("X-RateLimit-Interval-Seconds"))
    bucket = _number(headers.get("X-RateLimit-Limit"))
    if not fill or not interval:
        return None
    return Pace(per_second=_SHARE * fill / interval, burst=max(1.0, (bucket or fill) / 2))


def nothing_left(headers: Mapping[str, str]) -> bool:
    """Whether the next call would be refused (Data Center tells it with every answer)."""
    return "X-RateLimit-FillRate" in headers and _number(headers.get("X-RateLimit-Remaining")) == 0


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
