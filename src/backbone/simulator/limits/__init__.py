"""Rate limits of both products: off unless arranged, counted exactly, told in Jira's headers."""

from __future__ import annotations

from backbone.simulator.limits.arrangement import LimitsError, read_limits
from backbone.simulator.limits.doorkeeper import RateLimits, limit_middleware
from backbone.simulator.limits.records import Usage
from backbone.simulator.limits.rules import (
    BurstLimit,
    DataCenterLimit,
    Enforcement,
    GatewayLimit,
    Limit,
    LimitedCall,
    PerIssueLimit,
    QuotaLimit,
    Refusal,
)

__all__ = [
    "BurstLimit",
    "DataCenterLimit",
    "Enforcement",
    "GatewayLimit",
    "Limit",
    "LimitedCall",
    "LimitsError",
    "PerIssueLimit",
    "QuotaLimit",
    "RateLimits",
    "Refusal",
    "Usage",
    "limit_middleware",
    "read_limits",
]
