"""Instants: Jira writes them in the zone of the account, we in milliseconds and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backbone.core.model.keys import Millis

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SMALLEST_MILLIS = 100_000_000_000
"""Numbers below are seconds (until the year 5138), numbers above milliseconds (since 1973)."""


def millis_from_json(value: str | float) -> Millis:
    """An instant as text with an offset, as seconds, or as milliseconds. Raises ValueError for anything else."""
    if isinstance(value, str):
        return _millis(_instant(value))
    return Millis(round(value * 1000) if abs(value) < _SMALLEST_MILLIS else round(value))


def canonical_instant(text: str) -> str:
    """``2026-01-31T09:00:00.000Z`` for any text of that instant. Raises ValueError."""
    return _written(_instant(text)) + "Z"


def instant_to_json(canonical: str) -> str:
    """The form that Jira accepts: milliseconds and an offset without a colon. Raises ValueError."""
    return _written(_instant(canonical)) + "+0000"


def _written(instant: datetime) -> str:
    """Years have four digits here, whatever they have in ``strftime``; the first and last hours of time have no UTC."""
    try:
        return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    except OverflowError:
        raise ValueError("an instant beyond the calendar") from None


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant without an offset")
    return instant


def _millis(instant: datetime) -> Millis:
    return Millis((instant - _EPOCH) // _MILLISECOND)
