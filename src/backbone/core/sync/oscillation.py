"""Two rules that fight are stopped (rule 16)."""

from __future__ import annotations

from backbone.core.model.keys import Millis
from backbone.core.model.pair import RecentWrite
from backbone.core.model.values import Fingerprint

WINDOW = 10 * 60 * 1000
"""Milliseconds in which alternations are counted."""

ALTERNATIONS = 6
"""So many returns to a value written before the last one are a fight, not people changing their minds."""


def oscillates(recent: tuple[RecentWrite, ...], value: Fingerprint, now: Millis) -> bool:
    """Whether writing ``value`` now would be one alternation too many."""
    values = [one.value for one in recent if now - one.at <= WINDOW] + [value]
    returns = sum(1 for older, newer in zip(values, values[2:], strict=False) if older == newer)
    return returns > ALTERNATIONS


def with_recent(recent: tuple[RecentWrite, ...], value: Fingerprint, now: Millis) -> tuple[RecentWrite, ...]:
    """The recent writes after one more; what is outside the window is forgotten."""
    return (*(one for one in recent if now - one.at <= WINDOW), RecentWrite(at=now, value=value))[-2 * ALTERNATIONS :]


def element_sign(element: str, *, present: bool) -> Fingerprint:
    """What is remembered of adding or removing one element of a multi-value: each alternates by itself."""
    return Fingerprint(("+" if present else "-") + element)


def of_element(recent: tuple[RecentWrite, ...], element: str) -> tuple[RecentWrite, ...]:
    """The recent writes of one element."""
    return tuple(one for one in recent if one.value[1:] == element)


def with_recent_element(
    recent: tuple[RecentWrite, ...], element: str, now: Millis, *, present: bool
) -> tuple[RecentWrite, ...]:
    """The recent writes of a multi-value after one more."""
    others = tuple(one for one in recent if one.value[1:] != element and now - one.at <= WINDOW)
    return others + with_recent(of_element(recent, element), element_sign(element, present=present), now)
