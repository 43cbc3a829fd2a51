"""The search index of the pretend Jira: searches see issues as they were when last indexed.

Reads by id are always true; searches lag. How a real index lags, and how this one can be told to:
seconds on Cloud, minutes for bulk work, and not in the order of the changes (a newer change may show
before an older one); single issues that do not appear for very long (JRACLOUD-97427); a node of a
cluster that is behind the others (JRASERVER-69942); nothing at all during a full re-index.
``reconcileIssues`` of Cloud shows named issues as they are now.

Time is an argument everywhere and must not run backwards. Versions are kept, not copied: give
immutable ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Generic, Protocol, TypeVar

Version = TypeVar("Version")
NO_TIME = timedelta()


class Reindexing(Exception):
    """A full re-index is running: Jira answers searches with 503 until ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"re-indexing until {until.isoformat()}")
        self.until = until


class Lag(Protocol):
    """How long a change takes to reach the index."""

    def delay(self) -> timedelta:
        """The delay of the next change."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedLag:
    """Every change takes the same time; the order of changes is kept."""

    span: timedelta = NO_TIME

    def delay(self) -> timedelta:
        return self.span


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomLag:
    """A share of the changes takes up to ``longest``; a newer one may overtake an older one."""

    generator: Random
    longest: timedelta
    share: float = 1.0

    def delay(self) -> timedelta:
        if self.generator.random() >= self.share:
            return NO_TIME
        return self.longest * self.generator.random()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change(Generic[Version]):
    """A version on its way into the index; None is a deletion."""

    visible_at: datetime
    version: Version | None


@dataclass(slots=True, kw_only=True)
class SearchIndex(Generic[Version]):
    """What searches see, by issue id.

    ``behind`` gives nodes that lag behind the others, by number; the first node is 0.
    """

    lag: Lag = field(default_factory=FixedLag)
    behind: Mapping[int, timedelta] = field(default_factory=dict)
    _indexed: dict[int, Version] = field(default_factory=dict)
    _coming: dict[int, list[_Change[Version]]] = field(default_factory=dict)
    _held: set[int] = field(default_factory=set)
    _hold_new: int = 0
    _reindex_until: datetime | None = None

    @property
    def held(self) -> frozenset[int]:
        """The issues whose changes do not reach the index until they are released."""
        return frozenset(self._held)

    def note(self, issue_id: int, version: Version, now: datetime) -> None:
        """An issue was created or changed."""
        known = issue_id in self._indexed or issue_id in self._coming
        if not known and self._hold_new > 0:
            self._hold_new -= 1
            self._held.add(issue_id)
        self._add(issue_id, _Change(visible_at=now + self.lag.delay(), version=version))

    def forget(self, issue_id: int, now: datetime) -> None:
        """An issue was deleted or hidden; searches still find it for as long as any change takes."""
        self._add(issue_id, _Change(visible_at=now + self.lag.delay(), version=None))

    def hold(self, issue_id: int, now: datetime) -> None:
        """Stop changes of an issue from reaching the index: it stays as it is seen now, or unseen."""
        self._settle(issue_id, now)
        self._held.add(issue_id)

    def hold_new(self, count: int) -> None:
        """Hold the next ``count`` issues that will be created."""
        self._hold_new = count

    def release(self, issue_id: int) -> None:
        """Let the changes of an issue reach the index again, those whose time has come at once."""
        self._held.discard(issue_id)

    def release_all(self) -> None:
        """Release every held issue and hold no new ones."""
        self._held.clear()
        self._hold_new = 0

    def start_reindex(self, now: datetime, duration: timedelta) -> None:
        """Begin a full re-index: no searches until it is over, and nothing is missing afterwards."""
        self._reindex_until = now + duration

    def catch_up(self) -> None:
        """Bring everything into the index at once, held issues included."""
        for issue_id, changes in self._coming.items():
            self._set(issue_id, changes[-1].version)
        self._coming.clear()
        self.release_all()

    def view(self, now: datetime, reconcile: Iterable[int] = (), node: int = 0) -> Mapping[int, Version]:
        """The versions that a search on a node sees; raises Reindexing.

        ``reconcile`` names issues to be seen as they are now, the deleted ones not at all.
        """
        self._end_reindex(now)
        for issue_id in list(self._coming):
            if issue_id not in self._held:
                self._settle(issue_id, now - max(self.behind.values(), default=NO_TIME))
        seen = dict(self._indexed)
        for issue_id, version in self._changes_seen(now - self.behind.get(node, NO_TIME)):
            _put(seen, issue_id, version)
        for issue_id in reconcile:
            if issue_id in self._coming:
                _put(seen, issue_id, self._coming[issue_id][-1].version)
        return seen

    def _changes_seen(self, horizon: datetime) -> Iterator[tuple[int, Version | None]]:
        for issue_id, changes in self._coming.items():
            last = _last_visible(changes, horizon)
            if last is not None and issue_id not in self._held:
                yield issue_id, changes[last].version

    def _end_reindex(self, now: datetime) -> None:
        if self._reindex_until is None:
            return
        if now < self._reindex_until:
            raise Reindexing(self._reindex_until)
        self._reindex_until = None
        self.catch_up()

    def _add(self, issue_id: int, change: _Change[Version]) -> None:
        self._coming.setdefault(issue_id, []).append(change)

    def _settle(self, issue_id: int, horizon: datetime) -> None:
        """Take what every node sees by now into the index; what it replaced is gone for good."""
        changes = self._coming.get(issue_id, [])
        last = _last_visible(changes, horizon)
        if last is None:
            return
        self._set(issue_id, changes[last].version)
        if last + 1 == len(changes):
            del self._coming[issue_id]
        else:
            self._coming[issue_id] = changes[last + 1 :]

    def _set(self, issue_id: int, version: Version | None) -> None:
        _put(self._indexed, issue_id, version)


def _put(versions: dict[int, Version], issue_id: int, version: Version | None) -> None:
    if version is None:
        versions.pop(issue_id, None)
    else:
        versions[issue_id] = version


def _last_visible(changes: list[_Change[Version]], horizon: datetime) -> int | None:
    """The newest change whose time has come; older ones that are still coming are overtaken."""
    found = [position for position, change in enumerate(changes) if change.visible_at <= horizon]
    return found[-1] if found else None
