"""The clock of a world: real time by default, and movable by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


def wall_clock() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


def to_milliseconds(instant: datetime) -> datetime:
    """Jira keeps milliseconds; anything finer is cut off."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class Clock:
    """Callable that tells the world's present time.

    It follows ``source`` shifted by an offset (a skewed server), or stands still
    at an instant until it is advanced or released.
    """

    def __init__(self, source: Callable[[], datetime] = wall_clock) -> None:
        self._source = source
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def __call__(self) -> datetime:
        instant = self._frozen if self._frozen is not None else self._source() + self._offset
        return to_milliseconds(instant)

    def freeze(self, instant: datetime) -> None:
        """Stand still at ``instant`` (aware)."""
        self._frozen = instant.astimezone(UTC)

    @contextmanager
    def at(self, instant: datetime) -> Iterator[None]:
        """Tell another time for a while: the past in which a history is written."""
        before = self._frozen
        self.freeze(instant)
        try:
            yield
        finally:
            self._frozen = before

    def release(self) -> None:
        """Follow the source again, without any offset."""
        self._frozen = None
        self._offset = timedelta()

    def advance(self, by: timedelta) -> None:
        """Move forward (or, with a negative span, back)."""
        if self._frozen is not None:
            self._frozen += by
        else:
            self._offset += by
