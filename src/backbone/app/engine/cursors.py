"""The names under which it is remembered how far something has come, and where it begins."""

from __future__ import annotations

from backbone.core.model.configuration import HalfConfiguration, StartAll, StartJql, StartNew, StartSince
from backbone.core.model.keys import ConnectorKey, Millis


def catch_up_name(connector: ConnectorKey) -> str:
    return f"connector:{connector}"


def first_instant(half: HalfConfiguration) -> Millis:
    """From when on issues of a new synchronization may have to be sent."""
    match half.start_with:
        case StartAll() | StartJql():
            return Millis(0)
        case StartNew(since=since) | StartSince(since=since):
            return since
