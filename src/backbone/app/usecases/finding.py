"""One thing that the doctor found, and when somebody looked last."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.core.model.keys import ConnectorKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Place, finding and cure; what is ``serious`` keeps something from working."""

    serious: bool
    place: str
    finding: str
    cure: str


def analysed_name(connector: ConnectorKey) -> str:
    """The cursor that remembers when a connector was examined last; without it the examination is due."""
    return f"analysed:{connector}"
