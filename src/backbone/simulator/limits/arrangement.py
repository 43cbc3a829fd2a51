"""Limits as the control interface takes them: a JSON object with one key a limit.

``{"data_center": {"limit": 20, "fill_rate": 5}, "burst": {}, "quota": {"points": 100, "beta": true}}``
sets three limits; a limit that is not named is off.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from backbone.simulator.limits.rules import (
    BurstLimit,
    DataCenterLimit,
    Enforcement,
    GatewayLimit,
    Limit,
    PerIssueLimit,
    QuotaLimit,
)


class LimitsError(ValueError):
    """The arrangement cannot be read; the message names the place."""


class _DataCenter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: int = 100
    fill_rate: int = 10
    interval_seconds: int = 1
    exempt: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()


class _Burst(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    default: dict[str, float] = msgspec.field(default_factory=dict)
    special: dict[str, float] = msgspec.field(default_factory=dict)


class _PerIssue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    windows: tuple[tuple[int, float], ...] = ((20, 2.0), (100, 30.0))


class _Quota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    points: int = 65_000
    beta: bool = False


class _Gateway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    per_second: float = 50.0


class _Arrangement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    data_center: _DataCenter | None = None
    burst: _Burst | None = None
    per_issue: _PerIssue | None = None
    quota: _Quota | None = None
    gateway: _Gateway | None = None


def read_limits(spec: object) -> Sequence[Limit]:
    """The limits that a JSON object asks for, with fresh buckets; raises LimitsError."""
    try:
        wanted = msgspec.convert(spec, _Arrangement)
    except msgspec.ValidationError as problem:
        raise LimitsError(str(problem)) from None
    return [limit for limit in _build(wanted) if limit is not None]


def _build(wanted: _Arrangement) -> Sequence[Limit | None]:
    center, burst, issue, quota = wanted.data_center, wanted.burst, wanted.per_issue, wanted.quota
    return (
        None if wanted.gateway is None else GatewayLimit(per_second=wanted.gateway.per_second),
        None if center is None else _data_center(center),
        None if quota is None else _quota(quota),
        None if burst is None else _burst(burst),
        None if issue is None else PerIssueLimit(windows=issue.windows),
    )


def _data_center(center: _DataCenter) -> DataCenterLimit:
    return DataCenterLimit(
        limit=center.limit,
        fill_rate=center.fill_rate,
        interval_seconds=center.interval_seconds,
        exempt=center.exempt,
        blocked=center.blocked,
    )


def _quota(quota: _Quota) -> QuotaLimit:
    enforcement = Enforcement.BETA if quota.beta else Enforcement.ENFORCED
    return QuotaLimit(points=quota.points, enforcement=enforcement)


def _burst(burst: _Burst) -> BurstLimit:
    usual = BurstLimit()
    return BurstLimit(default={**usual.default, **burst.default}, special={**usual.special, **burst.special})
