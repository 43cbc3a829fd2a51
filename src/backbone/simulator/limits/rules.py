"""The limits real Jiras set, each with its numbers and its headers.

Sources: Atlassian, "Rate limiting" for Jira Cloud (August 2026); "Adjusting your code for rate
limiting" for Data Center 8.6 and newer; answers without any header were seen from the gateway in
front of Cloud by several clients.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from backbone.simulator.limits.counting import Bucket, Window

BLOCKED_RETRY_AFTER = "9223372036854775807"
"""What Data Center answers to a user whose limit is zero."""

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedCall:
    """What a limit may know of a request. ``endpoint`` is its path with ids replaced by ``{}``."""

    account: str
    method: str
    endpoint: str
    issue: str | None

    @property
    def is_write(self) -> bool:
        return self.method not in {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """429 and why: ``reason`` goes into RateLimit-Reason where the product sends that."""

    limit: str
    reason: str
    headers: Mapping[str, str]


class Limit(Protocol):
    """One limit over all its keys (accounts, endpoints, issues)."""

    @property
    def name(self) -> str: ...

    def key(self, call: LimitedCall) -> str | None:
        """What this request is counted under; None where the limit does not concern it."""
        ...

    def refuse(self, call: LimitedCall, key: str, now: float) -> Refusal | None:
        """Why the request is too much now; takes nothing."""
        ...

    def take(self, key: str, now: float) -> None:
        """Count a request that every limit let through."""
        ...

    def headers(self, key: str, now: float) -> Mapping[str, str]:
        """What an answer says about this limit."""
        ...

    def allowed(self, key: str, since: float, now: float) -> float:
        """How many requests could have been granted at most, with the bucket full at the start."""
        ...

    def charge(self, key: str, call: LimitedCall, objects: int, now: float) -> None:
        """Learn afterwards how many objects an answer held."""
        ...


@dataclass(slots=True, kw_only=True)
class DataCenterLimit:
    """A bucket an account and node: ``fill_rate`` tokens each ``interval_seconds``, ``limit`` at most."""

    limit: int = 100
    fill_rate: int = 10
    interval_seconds: int = 1
    exempt: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    name: str = "data-center"
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def key(self, call: LimitedCall) -> str | None:
        return None if not call.account or call.account in self.exempt else call.account

    def refuse(self, call: LimitedCall, key: str, now: float) -> Refusal | None:
        del call
        if key in self.blocked:
            return self._refusal(key, now, BLOCKED_RETRY_AFTER)
        wait = self._bucket(key, now).wait(now)
        return self._refusal(key, now, str(math.ceil(wait))) if wait > 0 else None

    def take(self, key: str, now: float) -> None:
        self._bucket(key, now).take(now)

    def headers(self, key: str, now: float) -> Mapping[str, str]:
        bucket = self._bucket(key, now)
        bucket.refill(now)
        return {
            "X-RateLimit-Limit": str(0 if key in self.blocked else self.limit),
            "X-RateLimit-Remaining": str(0 if key in self.blocked else int(bucket.level)),
            "X-RateLimit-FillRate": str(self.fill_rate),
            "X-RateLimit-Interval-Seconds": str(self.interval_seconds),
            "retry-after": "0",
        }

    def allowed(self, key: str, since: float, now: float) -> float:
        del key
        return self.limit + int((now - since) / self.interval_seconds) * self.fill_rate

    def charge(self, key: str, call: LimitedCall, objects: int, now: float) -> None:
        """Requests count alike, whatever they return."""

    def _refusal(self, key: str, now: float, retry_after: str) -> Refusal:
        headers = {**self.headers(key, now), "retry-after": retry_after}
        return Refusal(limit=self.name, reason="", headers=headers)

    def _bucket(self, key: str, now: float) -> Bucket:
        if key not in self.buckets:
            self.buckets[key] = Bucket(
                capacity=self.limit, fill=self.fill_rate, interval=self.interval_seconds, since=now, steady=False
            )
        return self.buckets[key]


@dataclass(slots=True, kw_only=True)
class BurstLimit:
    """Cloud: so many requests a second for each endpoint and method, shared by everybody."""

    default: Mapping[str, float] = field(
        default_factory=lambda: {"GET": 100.0, "POST": 100.0, "PUT": 50.0, "DELETE": 50.0}
    )
    special: Mapping[str, float] = field(
        default_factory=lambda: {
            "GET issue/{}": 150.0,
            "GET issue/{}/changelog": 200.0,
            "GET attachment/content/{}": 300.0,
            "POST search/approximate-count": 150.0,
            "GET user": 150.0,
        }
    )
    name: str = "burst"
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def key(self, call: LimitedCall) -> str | None:
        return f"{call.method} {call.endpoint}"

    def refuse(self, call: LimitedCall, key: str, now: float) -> Refusal | None:
        del call
        wait = self._bucket(key, now).wait(now)
        return _cloud_refusal(self.name, "jira-burst-based", self._rate(key), wait, now) if wait > 0 else None

    def take(self, key: str, now: float) -> None:
        self._bucket(key, now).take(now)

    def headers(self, key: str, now: float) -> Mapping[str, str]:
        bucket = self._bucket(key, now)
        bucket.refill(now)
        return _remaining(bucket.level, bucket.capacity)

    def allowed(self, key: str, since: float, now: float) -> float:
        return self._rate(key) * (1 + now - since)

    def charge(self, key: str, call: LimitedCall, objects: int, now: float) -> None:
        """Requests count alike, whatever they return."""

    def _rate(self, key: str) -> float:
        return self.special.get(key, self.default.get(key.partition(" ")[0], 100.0))

    def _bucket(self, key: str, now: float) -> Bucket:
        if key not in self.buckets:
            rate = self._rate(key)
            self.buckets[key] = Bucket(capacity=rate, fill=rate, interval=1.0, since=now)
        return self.buckets[key]


@dataclass(slots=True, kw_only=True)
class PerIssueLimit:
    """Cloud: writes to one issue, 20 in 2 seconds and 100 in 30 seconds."""

    windows: tuple[tuple[int, float], ...] = ((20, 2.0), (100, 30.0))
    name: str = "per-issue"
    counted: dict[str, tuple[Window, ...]] = field(default_factory=dict)

    def key(self, call: LimitedCall) -> str | None:
        return call.issue if call.is_write else None

    def refuse(self, call: LimitedCall, key: str, now: float) -> Refusal | None:
        del call
        wait = max(window.wait(now) for window in self._windows(key))
        most = self.windows[0][0]
        return _cloud_refusal(self.name, "jira-per-issue-on-write", most, wait, now) if wait > 0 else None

    def take(self, key: str, now: float) -> None:
        for window in self._windows(key):
            window.take(now)

    def headers(self, key: str, now: float) -> Mapping[str, str]:
        del key, now
        return {}

    def allowed(self, key: str, since: float, now: float) -> float:
        del key
        return min(most * (math.floor((now - since) / span) + 1) for most, span in self.windows)

    def charge(self, key: str, call: LimitedCall, objects: int, now: float) -> None:
        """Writes count alike."""

    def _windows(self, key: str) -> tuple[Window, ...]:
        if key not in self.counted:
            self.counted[key] = tuple(Window(most=most, span=span) for most, span in self.windows)
        return self.counted[key]


class Enforcement(StrEnum):
    """Whether a quota refuses, or only tells what it would do."""

    ENFORCED = "enforced"
    BETA = "beta"


@dataclass(slots=True, kw_only=True)
class QuotaLimit:
    """Cloud: points an hour for the whole app; a request costs 1, a read 1 more for each object it returns."""

    points: int = 65_000
    enforcement: Enforcement = Enforcement.ENFORCED
    policy: str = "global-app-quota"
    name: str = "quota"
    used: dict[int, float] = field(default_factory=dict)

    def key(self, call: LimitedCall) -> str | None:
        del call
        return "app"

    def refuse(self, call: LimitedCall, key: str, now: float) -> Refusal | None:
        del call, key
        if self.enforcement is Enforcement.BETA or self._used(now) < self.points:
            return None
        wait = HOUR - now % HOUR
        return _cloud_refusal(self.name, "jira-quota-global-based", self.points, wait, now)

    def take(self, key: str, now: float) -> None:
        del key
        self._add(1, now)

    def headers(self, key: str, now: float) -> Mapping[str, str]:
        del key
        left = max(0.0, self.points - self._used(now))
        plain = _remaining(left, self.points)
        structured = {"RateLimit-Policy": f'"{self.policy}";q={self.points};w={int(HOUR)}'}
        if "X-RateLimit-NearLimit" in plain:
            structured["RateLimit"] = f'"{self.policy}";r={int(left)};t={math.ceil(HOUR - now % HOUR)}'
        if self.enforcement is Enforcement.ENFORCED:
            return {**plain, **structured}
        beta = {name.replace("X-", "X-Beta-"): value for name, value in plain.items()}
        return beta | {f"Beta-{name}": value for name, value in structured.items()}

    def allowed(self, key: str, since: float, now: float) -> float:
        del key
        return self.points * (math.floor(now / HOUR) - math.floor(since / HOUR) + 1)

    def charge(self, key: str, call: LimitedCall, objects: int, now: float) -> None:
        del key
        if not call.is_write or "search" in call.endpoint or "bulkfetch" in call.endpoint:
            self._add(objects, now)

    def _used(self, now: float) -> float:
        return self.used.get(int(now // HOUR), 0.0)

    def _add(self, points: float, now: float) -> None:
        hour = int(now // HOUR)
        self.used[hour] = self.used.get(hour, 0.0) + points


@dataclass(slots=True, kw_only=True)
class GatewayLimit:
    """Something in front of Jira that refuses without saying when to come back."""

    per_second: float = 50.0
    name: str = "gateway"
    bucket: Bucket | None = None

    def key(self, call: LimitedCall) -> str | None:
        del call
        return "all"

    def refuse(self, call: LimitedCall, key: str, now: float) -> Refusal | None:
        del call, key
        waits = self._filled(now).wait(now) > 0
        return Refusal(limit=self.name, reason="", headers={}) if waits else None

    def take(self, key: str, now: float) -> None:
        del key
        self._filled(now).take(now)

    def headers(self, key: str, now: float) -> Mapping[str, str]:
        del key, now
        return {}

    def allowed(self, key: str, since: float, now: float) -> float:
        del key
        return self.per_second * (1 + now - since)

    def charge(self, key: str, call: LimitedCall, objects: int, now: float) -> None:
        """Requests count alike."""

    def _filled(self, now: float) -> Bucket:
        if self.bucket is None:
            self.bucket = Bucket(capacity=self.per_second, fill=self.per_second, interval=1.0, since=now)
        return self.bucket


def _remaining(left: float, capacity: float) -> dict[str, str]:
    headers = {"X-RateLimit-Limit": str(int(capacity)), "X-RateLimit-Remaining": str(int(left))}
    return headers | ({"X-RateLimit-NearLimit": "true"} if left < capacity / 5 else {})


def _cloud_refusal(limit: str, reason: str, most: float, wait: float, now: float) -> Refusal:
    seconds = max(1, math.ceil(wait))
    reset = datetime.fromtimestamp(now + wait, tz=UTC).strftime("%Y-%m-%dT%H:%MZ")
    headers = {
        "Retry-After": str(seconds),
        "RateLimit-Reason": reason,
        "X-RateLimit-Limit": str(int(most)),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": reset,
    }
    return Refusal(limit=limit, reason=reason, headers=headers)
