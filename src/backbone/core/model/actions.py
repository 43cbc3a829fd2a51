"""What is to be done in Jira, as values; the tracker performs them, each may be repeated (rule 12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backbone.core.model.keys import (
    CommentId,
    FieldId,
    FileId,
    IssueId,
    ProjectId,
    TransitionId,
)
from backbone.core.model.snapshot import Marker
from backbone.core.model.values import Option, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementEdit:
    """Options to add to and to remove from a multi-value, without touching the others."""

    add: frozenset[Option] = frozenset()
    remove: frozenset[Option] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssue:
    """An issue to create, with the marker by which it is found again."""

    project: ProjectId
    type: Option
    values: Mapping[FieldId, Value]
    marker: Marker


@dataclass(frozen=True, slots=True, kw_only=True)
class EditFields:
    """Write these fields of one issue in one request; ``before`` holds the values they had when we read them."""

    issue: IssueId
    values: Mapping[FieldId, Value] = field(default_factory=dict)
    elements: Mapping[FieldId, ElementEdit] = field(default_factory=dict)
    before: Mapping[FieldId, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAlong:
    """Perform one transition; ``values`` are for its screen."""

    issue: IssueId
    transition: TransitionId
    to: Option
    values: Mapping[FieldId, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddComment:
    """Create the mirror of ``original``."""

    issue: IssueId
    original: CommentId
    version: int
    body: str
    marker: Marker


@dataclass(frozen=True, slots=True, kw_only=True)
class EditComment:
    """Write a mirror anew."""

    issue: IssueId
    original: CommentId
    version: int
    mirror: CommentId
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveComment:
    """Remove a mirror (never an original)."""

    issue: IssueId
    original: CommentId
    version: int
    mirror: CommentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFile:
    """Copy the partner's attachment ``original`` to the issue; ``broken`` is what is there of it, and goes first."""

    issue: IssueId
    original: FileId
    name: str
    size: int
    mime: str
    broken: FileId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFile:
    """Remove a copy (never an original)."""

    issue: IssueId
    original: FileId
    mirror: FileId


Action = EditFields | MoveAlong | AddComment | EditComment | RemoveComment | AddFile | RemoveFile
