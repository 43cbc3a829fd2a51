"""One thing that the doctor found, and when somebody looked last."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.core.model.keys import ConnectorKey, Millis
from backbone.ports.records import Cursor
from backbone.ports.store import UnitOfWork

EVERY = 3600_000
"""Milliseconds between two examinations of a connector."""

AT_FIRST = 60_000
"""Milliseconds from the beginning of a synchronization to the first one: names were resolved a moment ago, and the
first minute belongs to the issues."""


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


async def examine_later(uow: UnitOfWork, connector: ConnectorKey, now: Millis) -> None:
    """For a connector that begins now; one that is started later is examined then."""
    await uow.cursors.save(analysed_name(connector), Cursor(watermark=Millis(now - EVERY + AT_FIRST)))
