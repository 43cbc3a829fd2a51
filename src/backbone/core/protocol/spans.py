"""Spans of bytes: which part of something new is not there yet."""

from __future__ import annotations

from collections.abc import Iterable


def uncovered(spans: Iterable[tuple[int, int]], offset: int, length: int) -> list[tuple[int, int]]:
    """Those parts of ``length`` bytes from ``offset`` on that no span covers, each from its start to before its end.

    Spans are offsets and lengths, in order, and do not overlap.
    """
    found: list[tuple[int, int]] = []
    start, end = offset, offset + length
    for place, size in spans:
        if place >= end:
            break
        if place > start:
            found.append((start, place))
        start = max(start, place + size)
    if start < end:
        found.append((start, end))
    return found
