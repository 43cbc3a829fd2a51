"""Times as Jira writes them: milliseconds and an offset without colon, in the caller's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def instant_text(instant: datetime, zone: tzinfo) -> str:
    """``2026-01-31T10:00:00.000+0100``."""
    text = instant.astimezone(zone).isoformat(timespec="milliseconds")
    return text[:-3] + text[-2:]


def whole_second(instant: datetime) -> datetime:
    """Data Center keeps the times of issues to the second."""
    return instant.replace(microsecond=0)


def read_instant(text: str) -> datetime:
    """An instant in the one form that Jira accepts; ``ValueError`` for any other."""
    if text.endswith("Z") or (len(text) > 5 and text[-3] == ":"):
        raise ValueError(text)
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)


def epoch_milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970."""
    return int((instant - _EPOCH) / _MILLISECOND)
