"""What the limits granted and refused, so that a benchmark can read how well a budget was used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from backbone.simulator.limits.counting import most_within


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One limit and key from ``since`` to ``until`` (seconds).

    ``allowed`` could have been granted at most; ``busiest_second`` is the most granted in any second.
    """

    limit: str
    key: str
    granted: int
    refused: int
    allowed: float
    since: float
    until: float
    busiest_second: int

    @property
    def share(self) -> float:
        """The part of the budget that was used: 1 is all of it. Never exceeded means refused is 0."""
        return self.granted / self.allowed if self.allowed else 0.0

    @property
    def rate(self) -> float:
        """Granted requests a second."""
        return self.granted / (self.until - self.since) if self.until > self.since else 0.0

    def describe(self) -> Mapping[str, object]:
        """As JSON, with what is computed."""
        return {**asdict(self), "share": self.share, "rate": self.rate}


@dataclass(slots=True, kw_only=True)
class Record:
    """The moments of one limit and key, ascending."""

    since: float
    granted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def peak(self, span: float) -> int:
        """The greatest number granted in any ``span`` seconds."""
        return most_within(self.granted, span)
