"""Who is newer (rules 1 and 2): stamps, and what is remembered of a local issue's fields across all its pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import total_ordering

from backbone.core.model.keys import FieldId, Millis, PairUid, Role
from backbone.core.model.values import Fingerprint

FARTHEST_AHEAD = Millis(10 * 60 * 1000)
"""A stamp that lies further than this in our future is a problem, not a winner for ever."""


@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When a value was set: greater is newer. Of equal numbers the first connector's wins, then the origin decides.

    ``origin`` is an opaque text of the project in which the edit was made. It makes the order total where more than
    two projects form a ring and a role alone would be ambiguous.
    """

    number: int
    role: Role
    origin: str

    def __lt__(self, other: Stamp) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[int, bool, str]:
        return (self.number, self.role is Role.FIRST, self.origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who issues stamps: one connector."""

    role: Role
    origin: str

    def stamp(self, edited: Millis, *seen: Stamp | None) -> Stamp:
        """A stamp for an edit: newer than every stamp that was seen for this issue and field (rule 1)."""
        numbers = [stamp.number + 1 for stamp in seen if stamp is not None]
        return Stamp(number=max([edited, *numbers]), role=self.role, origin=self.origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementStamp:
    """The newest stamp of one element of a multi-value; a removed element keeps its stamp (rule 3)."""

    present: bool
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldStamp:
    """The newest stamp of a single value and the fingerprint of the value it was given to."""

    value: Fingerprint
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """A value that we were about to write; ``stamp`` is absent for the steps on the way to the wanted value."""

    value: Fingerprint
    stamp: Stamp | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What we were about to do to a local issue for one of its pairs, until what came of it is committed.

    ``fields`` and ``elements`` hold every value written or about to be written since the history entry ``since``; they
    only grow (rule 11). ``adding`` names comments and attachments that we were about to add, and when: whether they
    exist is unknown (rule 12).
    """

    fields: Mapping[FieldId, tuple[Attempted, ...]] = field(default_factory=dict)
    elements: Mapping[FieldId, Mapping[str, ElementStamp]] = field(default_factory=dict)
    since: int | None = None
    adding: Mapping[str, Millis] = field(default_factory=dict)


NOT_BEGUN = Attempt()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStamps:
    """What is known of a local issue's fields, shared by all pairs of that issue (rule 2).

    ``attempts`` are those of each pair: one that was cut short stays open while others of the issue come and go, since
    only its own pair's turn finds out what came of it.
    """

    fields: Mapping[FieldId, FieldStamp] = field(default_factory=dict)
    elements: Mapping[FieldId, Mapping[str, ElementStamp]] = field(default_factory=dict)
    attempts: Mapping[PairUid, Attempt] = field(default_factory=dict)

    def attempt_of(self, pair: PairUid) -> Attempt:
        return self.attempts.get(pair, NOT_BEGUN)

    def attempts_at(self, field_id: FieldId) -> tuple[Attempt, ...]:
        """The attempts that write the field, whatever pair they are for: a value found in any is our own write."""
        return tuple(one for one in self.attempts.values() if field_id in one.fields or field_id in one.elements)
