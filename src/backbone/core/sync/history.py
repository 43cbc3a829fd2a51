"""What an issue's history says about a field: when it was edited, by whom, and what a write of ours replaced."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from backbone.core.model.keys import FieldId, Millis
from backbone.core.model.snapshot import HistoryItem, IssueSnapshot
from backbone.core.model.stamps import Attempted, Stamp
from backbone.core.model.values import Fingerprint, Members, Option, Value, fingerprint


def items_of(snapshot: IssueSnapshot, field: FieldId) -> tuple[HistoryItem, ...]:
    """The field's history, oldest first; empty where none was read."""
    if not snapshot.history:
        return ()
    return tuple(item for item in snapshot.history if item.field == field)


def edited_at(snapshot: IssueSnapshot, field: FieldId) -> Millis:
    """When somebody else than us edited the field last; ``updated`` where the history does not tell."""
    foreign = [item.at for item in items_of(snapshot, field) if not item.own]
    return max(foreign) if foreign else snapshot.updated


def edited_since(snapshot: IssueSnapshot, field: FieldId, at: Millis | None) -> bool:
    """Whether the history has an edit of somebody else after that moment."""
    return any(not item.own and (at is None or item.at > at) for item in items_of(snapshot, field))


def before_edits(snapshot: IssueSnapshot, field: FieldId) -> Value | None:
    """What the field held before somebody else than us first edited it; None if nobody did, or it can't be known."""
    return next((item.before for item in items_of(snapshot, field) if not item.own), None)


def last_entry(snapshot: IssueSnapshot) -> int:
    """The newest history entry that was read; later ones happened after this look."""
    return max((item.entry for item in snapshot.history or ()), default=0)


def seen_before_edit(
    snapshot: IssueSnapshot, field: FieldId, attempted: tuple[Attempted, ...], since: int
) -> Stamp | None:
    """The stamp of our attempted write that somebody edited after having seen it, if that happened.

    Such an edit is newer than what we wrote, whatever the clocks say (rule 1).
    """
    written: Stamp | None = None
    edited = False
    for item in items_of(snapshot, field):
        match = _attempt_written(item, attempted, since)
        if match is not None:
            written, edited = match.stamp or written, False
        elif not item.own and written is not None:
            edited = True
    return written if edited else None


def _attempt_written(item: HistoryItem, attempted: Iterable[Attempted], since: int) -> Attempted | None:
    if not item.own or item.after is None or item.entry <= since:
        return None
    value = fingerprint(item.after)
    return next((one for one in attempted if one.value == value and one.stamp is not None), None)


def own_item_after(snapshot: IssueSnapshot, field: FieldId, entry: int) -> HistoryItem | None:
    """Our newest history item of the field after that entry: its ``before`` is what our write replaced (rule 15)."""
    own = [item for item in items_of(snapshot, field) if item.own and item.entry > entry]
    return own[-1] if own else None


def untouched_since(snapshot: IssueSnapshot, own: HistoryItem) -> bool:
    """Whether nobody but us touched the field after ``own``."""
    return not any(not item.own and item.entry > own.entry for item in items_of(snapshot, own.field))


def reversed_by_somebody(snapshot: IssueSnapshot, field: FieldId, ident: str, *, present: bool, since: int) -> bool:
    """Whether somebody edited a multi-value after our attempt had added (``present``) or removed an element.

    If the element is not as we wrote it now, that edit reversed ours, having seen it (rules 1 and 11).
    """
    written = edited = False
    for item in items_of(snapshot, field):
        if item.entry > since and item.own and _has(item.after, ident) in (present, None):
            written, edited = True, False
        elif written and not item.own:
            edited = True
    return edited


def _has(value: Value | None, ident: str) -> bool | None:
    """Whether a value of the history has the element; None where the history does not tell."""
    return None if value is None else any(option.id == ident for option in options_of(value))


def options_of(value: Value | None) -> frozenset[Option]:
    """The elements of a multi-value; none where it is empty or not known."""
    return value.options if isinstance(value, Members) else frozenset()


def option_named(snapshot: IssueSnapshot, field: FieldId, ident: str) -> Option | None:
    """An element as the issue or its history shows it."""
    values = [
        snapshot.values.get(field),
        *(one for item in items_of(snapshot, field) for one in (item.before, item.after)),
    ]
    return next((option for value in values for option in options_of(value) if option.id == ident), None)


@dataclass(frozen=True, slots=True)
class ReplacedEdit:
    """A value of somebody else's that a write of ours replaced, and when it was entered."""

    value: Value
    at: Millis


def replaced_edit(
    snapshot: IssueSnapshot, field: FieldId, entry: int, ours: AbstractSet[Fingerprint]
) -> ReplacedEdit | None:
    """The edit that our newest write after ``entry`` replaced, unless somebody edited the field again since.

    ``ours`` are the values that we knew to be there: replacing one of them is no loss.
    """
    own = own_item_after(snapshot, field, entry)
    if own is None or own.before is None or not untouched_since(snapshot, own) or fingerprint(own.before) in ours:
        return None
    earlier = [item.at for item in items_of(snapshot, field) if item.entry < own.entry and not item.own]
    return ReplacedEdit(own.before, max(earlier) if earlier else own.at)
