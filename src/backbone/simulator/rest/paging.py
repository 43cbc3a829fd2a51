"""Pages of things that are not issues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from backbone.simulator.rest.call import Body, Call

Thing = TypeVar("Thing")


def window(call: Call, cap: int, default: int = 50) -> tuple[int, int]:
    """``startAt`` and ``maxResults``, clamped."""
    size = call.number("maxResults", min(default, cap))
    return max(call.number("startAt", 0), 0), min(max(size, 0), cap)


def page_json(call: Call, things: Sequence[Thing], cap: int, shape: Callable[[Thing], Body]) -> Body:
    """The usual page bean with ``values``, ``isLast`` and links."""
    start, size = window(call, cap, cap)
    kept = things[start : start + size]
    here = str(call.request.url)
    shown: Body = {
        "self": here,
        "maxResults": size,
        "startAt": start,
        "total": len(things),
        "isLast": start + size >= len(things),
        "values": [shape(thing) for thing in kept],
    }
    if start + size < len(things):
        following = call.request.url.update_query(startAt=start + size, maxResults=size)
        shown["nextPage"] = str(following)
    return shown
