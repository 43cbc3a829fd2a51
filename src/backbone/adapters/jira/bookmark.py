"""Where a look at what changed is: at an instant, and within it where it fills more than a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backbone.adapters.jira.query import PagingStuck, Position, Walk
from backbone.core.model.keys import IssueId, Millis
from backbone.core.model.snapshot import IssueSnapshot, reached


@dataclass(slots=True, kw_only=True)
class Bookmark:
    """The next page is that at ``position`` of all that changed at ``floor`` or later.

    ``floor`` is the last instant that the pages reached for certain, and ``seen`` what they showed of it and of later
    ones. ``turned`` are the issues of the pages that were turned since it is the floor; ``joined`` says that the next
    page should begin with the last issue of the one before it.
    """

    floor: Millis
    position: Position = field(default_factory=Position)
    joined: bool = False
    turned: set[IssueId] = field(default_factory=set)
    seen: set[tuple[IssueId, Millis]] = field(default_factory=set)
    _walk: Walk = field(default_factory=Walk)

    def fresh(self, issues: Sequence[IssueSnapshot]) -> tuple[IssueSnapshot, ...]:
        """Those that no page showed in this version."""
        return tuple(each for each in issues if (each.ref.id, each.updated) not in self.seen)

    def is_torn_off(self, issues: Sequence[IssueSnapshot]) -> bool:
        """Whether this page should begin with what the one before it ended with, and does not."""
        return self.joined and len(self.fresh(issues)) == len(issues)

    def leaves(self, issues: Sequence[IssueSnapshot]) -> bool:
        """Whether a later instant is reached with this page."""
        return self._reached(issues) > self.floor

    def go_back(self, count: int) -> None:
        """By so many issues, or to the beginning of the instant where a page had none. Raises PagingStuck."""
        self._walk.step_back()
        self.position = Position(offset=max(0, self.position.offset - count) if count else 0)
        self.joined = self.position.offset > 0

    def begin_again(self) -> None:
        """At the beginning of the instant. Raises PagingStuck."""
        self._walk.step_back()
        self.position, self.turned = Position(), set()

    def go_on(self, issues: Sequence[IssueSnapshot], following: Position) -> None:
        """To a later instant, or by a page where that isn't reached yet. Raises PagingStuck."""
        floor, ids, fresh = self._reached(issues), {each.ref.id for each in issues}, self.fresh(issues)
        self.seen = {(each, at) for each, at in self.seen if at >= floor}
        self.seen |= {(each.ref.id, each.updated) for each in issues}
        if floor > self.floor:
            self.floor, self.position, self.joined = floor, Position(), False
            self.turned, self._walk = set(), Walk()
            return
        if self._walk.stuck(following, fresh=bool(fresh) or not ids <= self.turned):
            raise PagingStuck("the search repeats its pages")
        self.turned |= ids
        self.joined = following.token is None and len(issues) > 1
        self.position = Position(offset=following.offset - 1) if self.joined else following

    def _reached(self, issues: Sequence[IssueSnapshot]) -> Millis:
        return max(self.floor, reached(issues))
