"""One look at all that lies in a directory: what may be a parcel, what is known, and what is none of ours."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from backbone.adapters.transports.files.directory import is_misplaced_link, misplaced, unfit
from backbone.adapters.transports.files.memory import MOST_NOTICED, Memory, identity, shortened
from backbone.adapters.transports.files.names import is_of_the_system, is_parcel, is_part
from backbone.ports.transport import Notice, NoticeKind

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is looked into; one parcel is far smaller."""
_MOST_LOOKED_INTO = 1_000
_MOST_LEFT = 10_000


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A file that may be a parcel; the order is that in which they are taken."""

    modified: int
    name: str
    status: os.stat_result = field(compare=False)


@dataclass(slots=True)
class Survey:
    """What a look at a directory showed. ``waiting`` has the oldest only, of ``count``."""

    memory: Memory
    waiting: list[Found] = field(default_factory=list)
    count: int = 0
    stored: dict[str, str] = field(default_factory=dict)
    unfit: set[str] = field(default_factory=set)
    notices: list[Notice] = field(default_factory=list)
    noticed: set[str] = field(default_factory=set)
    failures: list[OSError] = field(default_factory=list)

    def notice(self, name: str, why: str) -> None:
        """Tell of a file that is left alone, once; names of others are shown without what could mislead a screen."""
        short = shortened(name)
        if short in self.memory.noticed:
            self.noticed.add(short)
        elif len(self.memory.noticed) + len(self.notices) < MOST_NOTICED:
            self.noticed.add(short)
            self.notices.append(Notice(kind=NoticeKind.FOREIGN, words=f"{ascii(name)[:80]}: {why}"))

    def leave(self, name: str, why: str) -> None:
        """Tell of a file that has the name of a parcel and is left alone."""
        self._pass_over(name)
        self.notice(name, why)

    def fail(self, name: str, error: OSError) -> None:
        """Pass over one file that cannot be read now, as others may be sound."""
        self._pass_over(name)
        if not self.failures:
            self.failures.append(error)

    def _pass_over(self, name: str) -> None:
        if len(self.unfit) < _MOST_LEFT:
            self.unfit.add(name)


def survey(handle: int, path: str, memory: Memory) -> Survey:
    """Look at a directory; names that are gone are gone from what is remembered.

    Raises NotOurPlace where a link lies in the directory that was to take its place, and OSError.
    """
    seen = Survey(memory=memory)
    seen.waiting = heapq.nsmallest(_MOST_LOOKED_INTO, _found(handle, path, seen))
    return seen


def _found(handle: int, path: str, seen: Survey) -> Iterator[Found]:
    with os.scandir(handle) as entries:
        for entry in entries:
            if is_of_the_system(entry.name) or is_part(entry.name):
                continue
            if not is_parcel(entry.name):
                if is_misplaced_link(entry):
                    raise misplaced(path, entry.name)
                seen.notice(entry.name, "not the name of a parcel")
                continue
            found = _judged(entry, seen)
            if found is not None:
                seen.count += 1
                yield found


def _judged(entry: os.DirEntry[str], seen: Survey) -> Found | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        seen.fail(entry.name, error)
        return None
    if why := unfit(status, LARGEST):
        seen.leave(entry.name, why)
        return None
    known = identity(status)
    if seen.memory.stored.get(entry.name) == known:
        seen.stored[entry.name] = known
        return None
    return Found(status.st_mtime_ns, entry.name, status)
