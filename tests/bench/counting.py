"""What calls are called in the budget: searches, reads, writes; everything else keeps its own name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from backbone.simulator.rest.calls import CallCounts

KINDS = {
    "GET search": "search",
    "POST search": "search",
    "GET search/jql": "search",
    "POST search/jql": "search",
    "GET issue/{issue}": "read",
    "POST issue/bulkfetch": "bulk read",
    "PUT issue/{issue}": "edit",
    "POST issue/{issue}/transitions": "transition",
    "POST issue/bulk": "create",
    "POST issue/{issue}/comment": "comment",
    "POST issue/{issue}/attachments": "upload",
}
_MEDIA = "GET media"
"""Cloud's download is a redirect to its media host, whose answer is no call of the REST interface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Calls of both Jiras; ``cycles`` of the searches are the shared search of each cycle, and not counted."""

    source: Mapping[str, int] = field(default_factory=dict)
    target: Mapping[str, int] = field(default_factory=dict)
    cycles: int = 0

    @property
    def total(self) -> int:
        return sum(self.source.values()) + sum(self.target.values())

    def shown(self) -> str:
        """For the table of the documents."""
        sides = [("target", self.target), ("source", self.source)]
        told = [f"{side}: {', '.join(f'{n} {kind}' for kind, n in calls.items())}" for side, calls in sides if calls]
        return "; ".join(told) or "none"


def kinds_of(counts: CallCounts, cycles: int) -> dict[str, int]:
    """Calls by kind without one search a cycle."""
    found: Counter[str] = Counter()
    for name, number in counts.endpoints().items():
        if name != _MEDIA:
            download = "secure/attachment" in name or "attachment/content" in name
            found["download" if download else KINDS.get(name, name)] += number
    found["search"] -= cycles
    return {kind: number for kind, number in sorted(found.items()) if number}
