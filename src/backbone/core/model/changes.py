"""What one half tells the other: changes in shared values, each with its stamp."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.core.model.keys import CommentId, FileId, IssueRef, Millis
from backbone.core.model.stamps import Stamp
from backbone.core.model.values import Fingerprint, Shared


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A single value, under the alias of its mapping.

    ``asserts`` tells that nobody edited it but a resync wants it so: what it replaces is kept (rule 5). It is the
    fingerprint of the shared value that ``value`` stands for; where a Jira renders texts anew, that is another text
    (rule 9), and who holds it has nothing to write.
    """

    alias: str
    value: Shared
    stamp: Stamp
    asserts: Fingerprint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementChange:
    """One element added to or removed from a multi-value."""

    alias: str
    element: str
    present: bool
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersAsserted:
    """All elements that a multi-value has: a resync wants it to have these and no others."""

    alias: str
    elements: frozenset[str]
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
    """An original attachment; its bytes are fetched when it is applied. Attachments never change, they come and go.

    ``digest`` is the SHA-256 of its bytes, in lower-case hexadecimal, where they travel in pieces.
    """

    original: FileId
    present: bool
    name: str
    size: int
    mime: str
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that one look at an issue has to tell."""

    fields: tuple[FieldChange, ...] = ()
    elements: tuple[ElementChange, ...] = ()
    comments: tuple[CommentChange, ...] = ()
    files: tuple[FileChange, ...] = ()
    members: tuple[MembersAsserted, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.elements or self.comments or self.files or self.members)


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
