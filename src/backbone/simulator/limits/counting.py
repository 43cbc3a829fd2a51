"""Counting requests against time: buckets of tokens and sliding windows. Time is an argument, in seconds."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Bucket:
    """Holds up to ``capacity`` tokens and gains ``fill`` of them every ``interval`` seconds.

    With ``steady`` the tokens drip in between; otherwise they come all at once when an interval is over.
    """

    capacity: float
    fill: float
    interval: float
    since: float
    steady: bool = True
    level: float = field(init=False)

    def __post_init__(self) -> None:
        self.level = self.capacity

    def refill(self, now: float) -> None:
        """Add what has come since the last look."""
        intervals = max(0.0, now - self.since) / self.interval
        if not self.steady:
            intervals = float(int(intervals + 1e-9))
        self.level = min(self.capacity, self.level + intervals * self.fill)
        self.since += intervals * self.interval

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 when there is one now."""
        self.refill(now)
        missing = 1 - self.level
        if missing <= 1e-9:
            return 0.0
        intervals = missing / self.fill
        if not self.steady:
            intervals = float(-int(-intervals // 1))
        return self.since + intervals * self.interval - now

    def take(self, now: float) -> None:
        """Take a token; ask ``wait`` before."""
        self.refill(now)
        self.level -= 1


@dataclass(slots=True, kw_only=True)
class Window:
    """At most ``most`` events in any ``span`` seconds."""

    most: int
    span: float
    events: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more event fits; 0 when it fits now."""
        while self.events and self.events[0] <= now - self.span:
            self.events.popleft()
        if len(self.events) < self.most:
            return 0.0
        return self.events[len(self.events) - self.most] + self.span - now

    def take(self, now: float) -> None:
        """Count an event; ask ``wait`` before."""
        self.events.append(now)


def most_within(moments: list[float], span: float) -> int:
    """The greatest number of moments (ascending) in any window of ``span`` seconds."""
    return max((position + 1 - bisect_right(moments, end - span) for position, end in enumerate(moments)), default=0)
