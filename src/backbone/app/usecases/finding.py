"""One thing that the doctor found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Place, finding and cure; what is ``serious`` keeps something from working."""

    serious: bool
    place: str
    finding: str
    cure: str
