"""Counting calls: what was asked of the pretend Jira, by endpoint and status."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class CallCounts:
    """Calls by endpoint (``GET issue/{issue}``) and status."""

    by_endpoint: Counter[tuple[str, int]] = field(default_factory=Counter)

    def note(self, endpoint: str, status: int) -> None:
        """Count one answer."""
        self.by_endpoint[endpoint, status] += 1

    def reset(self) -> None:
        """Start again at zero."""
        self.by_endpoint.clear()

    @property
    def total(self) -> int:
        """All calls since the last reset."""
        return sum(self.by_endpoint.values())

    def of(self, endpoint: str) -> int:
        """Calls of one endpoint, whatever was answered."""
        return sum(count for (name, _), count in self.by_endpoint.items() if name == endpoint)

    def endpoints(self) -> dict[str, int]:
        """Calls by endpoint."""
        counted: Counter[str] = Counter()
        for (name, _), count in self.by_endpoint.items():
            counted[name] += count
        return dict(sorted(counted.items()))

    def to_json(self) -> dict[str, object]:
        """Everything that is known."""
        statuses: dict[str, dict[str, int]] = {}
        for (name, status), count in sorted(self.by_endpoint.items()):
            statuses.setdefault(name, {})[str(status)] = count
        return {"total": self.total, "endpoints": self.endpoints(), "statuses": statuses}
