"""What one half tells the other: changes in shared values, each with its stamp."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.core.model.keys import CommentId, FileId, IssueRef, Millis
from backbone.core.model.stamps import Stamp
from backbone.core.model.values import Shared


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A single value, under the alias of its mapping."""

    alias: str
    value: Shared
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementChange:
    """One element added to or removed from a multi-value."""

    alias: str
    element: str
    present: bool
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentChange:
    """An original comment as it is now; ``body`` is ``None`` when it was removed. A greater ``version`` is newer."""

    original: CommentId
    version: int
    author: str
    created: Millis
    body: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """An original attachment; its bytes are fetched when it is applied. Attachments never change, they come and go."""

    original: FileId
    present: bool
    name: str
    size: int
    mime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that one look at an issue has to tell."""

    fields: tuple[FieldChange, ...] = ()
    elements: tuple[ElementChange, ...] = ()
    comments: tuple[CommentChange, ...] = ()
    files: tuple[FileChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.elements or self.comments or self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAppeared:
    """An issue that has no partner yet: the other half creates one."""

    issue: IssueRef
    type_alias: str
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChanged:
    """Something of a paired issue changed."""

    issue: IssueRef
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCreated:
    """The partner of your issue exists now."""

    issue: IssueRef


Content = IssueAppeared | IssueChanged | IssueCreated
