"""Lists as callers get them: a bare array, sent piece by piece; where it begins and how much there is go in headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

T = TypeVar("T")
TOTAL = "X-Total-Count"
"""Header with the number of all entries, whatever part of them is sent."""

LIST_HEADERS: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            TOTAL: {"description": "How many there are in all.", "schema": {"type": "integer"}},
            "X-Start-At": {"description": "Which of them is the first of this answer.", "schema": {"type": "integer"}},
        }
    }
}
"""For ``responses=`` of a route that gives a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[T]):
    """A part of a list: what is in it, where it begins, and how long the list is."""

    entries: Sequence[T]
    start_at: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part is wanted; everything where nothing is said."""

    start_at: int
    max_results: int | None

    def of(self, entries: Sequence[T]) -> Part[T]:
        end = None if self.max_results is None else self.start_at + self.max_results
        return Part(entries=entries[self.start_at : end], start_at=self.start_at, total=len(entries))


def window(
    start_at: Annotated[
        int, Query(alias="startAt", ge=0, le=2**31 - 1, description="The first entry to send, counted from 0.")
    ] = 0,
    max_results: Annotated[
        int | None, Query(alias="maxResults", ge=0, le=2**31 - 1, description="So many at most; all without it.")
    ] = None,
) -> Window:
    return Window(start_at=start_at, max_results=max_results)


WantedPart = Annotated[Window, Depends(window)]


def streamed(part: Part[T], document_of: Callable[[T], BaseModel]) -> StreamingResponse:
    """The part as a bare array. A document is made when it is sent."""
    headers = {TOTAL: str(part.total), "X-Start-At": str(part.start_at)}
    return StreamingResponse(
        _pieces(document_of(one) for one in part.entries), media_type="application/json", headers=headers
    )


def _pieces(documents: Iterable[BaseModel]) -> Iterator[str]:
    before = "["
    for one in documents:
        yield before + one.model_dump_json(by_alias=True, exclude_none=True)
        before = ","
    yield "[]" if before == "[" else "]"
