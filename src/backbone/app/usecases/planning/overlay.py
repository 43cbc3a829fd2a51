"""Issues as they would be after the planned writes, pure: what was recorded lies over what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from backbone.core.model.actions import ElementEdit, NewIssue
from backbone.core.model.keys import CommentId, FieldId, FileId, IssueRef, Millis
from backbone.core.model.snapshot import CommentSnapshot, FileSnapshot, IssueSnapshot
from backbone.core.model.values import EMPTY, Members, Value
from backbone.ports.tracker import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Everything that is planned for one issue. ``comments`` and ``files`` replace or add, or remove by ``None``."""

    values: Mapping[FieldId, Value] = field(default_factory=dict)
    comments: Mapping[CommentId, CommentSnapshot | None] = field(default_factory=dict)
    files: Mapping[FileId, FileSnapshot | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewbornIssue:
    """An issue that is planned to be created."""

    ref: IssueRef
    new: NewIssue
    at: Millis


def seen_through(planned: Planned, snapshot: IssueSnapshot) -> IssueSnapshot:
    """The issue as it would be read after the planned writes."""
    values = {**snapshot.values, **{key: one for key, one in planned.values.items() if key in snapshot.values}}
    return replace(
        snapshot,
        values=values,
        comments=None if snapshot.comments is None else _laid_over(snapshot.comments, planned.comments),
        files=None if snapshot.files is None else _files_laid_over(snapshot.files, planned.files),
    )


def newborn(issue: NewbornIssue, wanted: Wanted, initial: Mapping[FieldId, Value]) -> IssueSnapshot:
    """A planned issue as it would be read right after its creation."""
    values: dict[FieldId, Value] = {key: initial.get(key, EMPTY) for key in wanted.fields}
    return IssueSnapshot(
        ref=issue.ref,
        project=issue.new.project,
        type=issue.new.type,
        created=issue.at,
        updated=issue.at,
        read_at=issue.at,
        own=True,
        values={**values, **{key: one for key, one in issue.new.values.items() if key in wanted.fields}},
        comments=() if wanted.comments else None,
        files=() if wanted.files else None,
        history=() if wanted.history else None,
        marker=issue.new.marker,
        marker_known=True,
    )


def edited(value: Value, edit: ElementEdit) -> Members:
    """A multi-value after elements were added and removed."""
    present = value.options if isinstance(value, Members) else frozenset()
    return Members((present - edit.remove) | edit.add)


def _laid_over(
    read: tuple[CommentSnapshot, ...], planned: Mapping[CommentId, CommentSnapshot | None]
) -> tuple[CommentSnapshot, ...]:
    merged: dict[CommentId, CommentSnapshot | None] = {one.id: one for one in read}
    return tuple(one for one in {**merged, **planned}.values() if one is not None)


def _files_laid_over(
    read: tuple[FileSnapshot, ...], planned: Mapping[FileId, FileSnapshot | None]
) -> tuple[FileSnapshot, ...]:
    merged: dict[FileId, FileSnapshot | None] = {one.id: one for one in read}
    return tuple(one for one in {**merged, **planned}.values() if one is not None)
