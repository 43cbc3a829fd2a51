"""The port to one Jira as one account sees it.

Errors that are nobody's decision are exceptions:

    TrackerError
    ├── TransientError        nobody is to blame; try again after ``retry_after`` seconds (a minimum)
    │   └── OutcomeUnknown    a write may or may not have happened; look before repeating it (rule 12)
    └── AccessError           an administrator must act: log-in refused, CAPTCHA, not a Jira, permission missing

Refusals of a request and issues that can't be had are values, since the engine decides on them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from backbone.core.model.actions import EditFields, MoveAlong, NewIssue
from backbone.core.model.keys import (
    CommentId,
    FieldId,
    FileId,
    IssueId,
    IssueKey,
    IssueRef,
    Millis,
    ProjectId,
    ProjectKey,
    TypeId,
)
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import CommentSnapshot, FileSnapshot, IssueSnapshot, Marker, Transition
from backbone.core.model.values import FieldKind, Option


class TrackerError(Exception):
    """Anything that kept a request from being answered."""


class TransientError(TrackerError):
    """Nobody has to act; the same request may succeed later."""

    def __init__(self, cause: str, *, retry_after: float = 1.0) -> None:
        super().__init__(cause)
        self.retry_after = retry_after


class OutcomeUnknown(TransientError):
    """The request may have been carried out although no answer came."""


class AccessError(TrackerError):
    """An administrator must act; nothing is retried by itself. All calls of that account stop (CAPTCHA, 401)."""

    def __init__(self, code: Code, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.code = code
        self.cause = cause
        self.remedy = remedy


class Lane(StrEnum):
    """Live changes go before bulk work in the budget of a host."""

    LIVE = "live"
    BULK = "bulk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a read must bring. Extra parts cost nothing where Jira has them in the same answer.

    ``fields`` and their kinds tell the codec how to read them; ``None`` stands for a field whose kind is known by id.
    """

    fields: Mapping[FieldId, FieldKind] = field(default_factory=dict)
    comments: bool = False
    files: bool = False
    history: bool = False
    transitions: bool = False
    marker: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a search, oldest ``updated`` first. ``asked_at`` is the server's clock when it answered.

    ``last`` tells that the search has come to its end. Of the projects ``unseen`` nothing is known: we can't see them.
    """

    issues: tuple[IssueSnapshot, ...]
    asked_at: Millis
    last: bool = True
    unseen: frozenset[ProjectId] = frozenset()


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The issue can't be had now: deleted or invisible, which look alike (404)."""

    issue: IssueId


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Jira said no. ``fields`` has its words by field, ``messages`` what names no field."""

    fields: Mapping[FieldId, str] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    gone: bool = False

    @property
    def words(self) -> str:
        named = [f"{name}: {text}" for name, text in self.fields.items()]
        return "; ".join([*self.messages, *named]) or "refused without a reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A write happened; ``at`` is the server's clock."""

    at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """Fields were written. ``after`` is the issue as it is now with its history, where it could be had for free."""

    at: Millis
    after: IssueSnapshot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """An issue was created."""

    ref: IssueRef
    at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """A field as metadata shows it; ``kind`` is absent where we can't carry it."""

    id: FieldId
    name: str
    kind: FieldKind | None
    custom: bool
    schema: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateField:
    """A field on the create or edit screen of a type: whether it is required, and its options if it has any.

    ``children`` maps an option's id to its child options (cascades).
    """

    id: FieldId
    name: str
    required: bool
    has_default: bool = False
    options: tuple[Option, ...] | None = None
    children: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeInfo:
    """An issue type of a project with the statuses of its workflow."""

    type: Option
    subtask: bool
    statuses: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectInfo:
    """A project by its immutable id; ``former`` are keys that it had."""

    id: ProjectId
    key: ProjectKey
    name: str
    former: tuple[ProjectKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInfo:
    """Our account and the server it is on. ``clock`` is the server's, ``local`` ours at the same moment."""

    id: str
    name: str
    time_zone: str
    cloud: bool
    version: tuple[int, ...]
    server_id: str
    clock: Millis
    local: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An issue of a census: where it is and when it changed last."""

    ref: IssueRef
    updated: Millis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Jira stored an attachment as ``file``, but only ``stored`` of its bytes; ``of`` were sent."""

    file: FileId
    stored: int
    of: int


class FileSource(Protocol):
    """An attachment opened for reading: its bytes come in pieces and are never held as a whole."""

    @property
    def size(self) -> int: ...

    def pieces(self) -> AsyncIterator[bytes]: ...


class Tracker(Protocol):
    """One connection's Jira. Methods raise :class:`TrackerError` as described above."""

    # what changed ------------------------------------------------------------------------------------------------
    def changed(
        self, projects: Sequence[ProjectId], since: Millis, wanted: Wanted, lane: Lane
    ) -> AsyncGenerator[Page, None]:
        """Issues of the projects with ``updated`` at or after ``since``, oldest first. One search call a page.

        Where issues change as fast as they are read it has no end: who has seen enough closes it.
        """

    async def members(self, ids: Sequence[IssueId], jql: str) -> frozenset[IssueId]:
        """Those of ``ids`` that match ``jql`` now. One call for every hundred ids (rule 19)."""

    def matching(self, project: ProjectId, jql: str, wanted: Wanted, lane: Lane) -> AsyncIterator[Page]:
        """All issues of the project that match ``jql``, by id: for the initial synchronization and resync."""

    async def census(self, project: ProjectId) -> frozenset[IssueId]:
        """The ids of all issues of a project that we can see."""

    async def read(self, issue: IssueId, wanted: Wanted, lane: Lane) -> IssueSnapshot | Unavailable:
        """One issue by its id."""

    async def read_many(self, issues: Sequence[IssueId], wanted: Wanted, lane: Lane) -> Mapping[IssueId, IssueSnapshot]:
        """Many issues by id, in as few calls as this Jira allows; those that can't be had are missing."""

    # writing -----------------------------------------------------------------------------------------------------
    async def create(self, batch: Sequence[NewIssue], lane: Lane) -> Sequence[Created | Refusal]:
        """Create up to :attr:`create_limit` issues in one call; answers in the same order.

        Raises OutcomeUnknown when no answer came; then the caller looks by :meth:`find_created`.
        """

    async def find_created(
        self, project: ProjectId, highest: IssueKey | None, since: Millis, wanted: Wanted
    ) -> Sequence[IssueSnapshot]:
        """Issues of our own account created since, with their markers: found by key, not by search (rule 12).

        ``highest`` is the highest key of the project that was known before the attempt.
        """

    async def highest_key(self, project: ProjectId) -> IssueKey | None:
        """The key with the greatest number that the project has now, as far as the search knows."""

    async def edit(self, edit: EditFields, wanted: Wanted, lane: Lane) -> Edited | Refusal:
        """Write fields in one request. Cloud answers with the issue and its history in the same call."""

    async def move(self, step: MoveAlong, lane: Lane) -> Done | Refusal:
        """Perform one transition."""

    async def add_comment(self, issue: IssueId, body: str, marker: Marker, lane: Lane) -> CommentSnapshot | Refusal:
        """Create a comment that carries the marker as its property."""

    async def edit_comment(
        self, issue: IssueId, comment: CommentId, body: str, lane: Lane
    ) -> CommentSnapshot | Refusal:
        """Write a comment of ours anew, keeping its visibility. ``Refusal.gone`` when it is not there any more."""

    async def remove_comment(self, issue: IssueId, comment: CommentId, lane: Lane) -> Done | Refusal:
        """Remove a comment of ours; one that is gone already counts as done."""

    async def comments(self, issue: IssueId, lane: Lane) -> tuple[CommentSnapshot, ...] | Unavailable:
        """All comments with their markers, page by page."""

    def open_file(self, file: FileId, lane: Lane) -> AbstractAsyncContextManager[FileSource]:
        """An attachment's bytes. Raises TransientError when they end early, AccessError for a log-in page."""

    async def add_file(
        self, issue: IssueId, name: str, mime: str, source: FileSource, lane: Lane
    ) -> FileSnapshot | Broken | Refusal:
        """Upload by streaming; what is broken is there until the caller removes it."""

    async def remove_file(self, file: FileId, lane: Lane) -> Done | Refusal:
        """Remove an attachment; one that is gone already counts as done."""

    # metadata ----------------------------------------------------------------------------------------------------
    async def account(self) -> AccountInfo: ...

    async def project(self, key_or_id: str) -> ProjectInfo | None: ...

    async def fields(self) -> tuple[FieldInfo, ...]: ...

    async def types(self, project: ProjectId) -> tuple[TypeInfo, ...]: ...

    async def create_fields(self, project: ProjectId, issue_type: TypeId) -> tuple[CreateField, ...]: ...

    async def edit_fields(self, issue: IssueId) -> tuple[CreateField, ...]: ...

    async def options(self, field_id: FieldId, project: ProjectId, types: Sequence[TypeId]) -> tuple[CreateField, ...]:
        """The field's options as each of the types has them; priorities and statuses of the project included."""

    async def transitions_from(
        self, project: ProjectId, issue_type: TypeId, status: Option
    ) -> tuple[Transition, ...] | None:
        """Transitions offered in a status, learnt from an issue that is in it; ``None`` when there is none such."""

    async def permissions(self, project: ProjectId) -> Mapping[str, bool]:
        """Jira's permission keys and whether our account has them in the project."""

    async def check_jql(self, jql: str) -> str | None:
        """Jira's complaint about a JQL, or None."""

    @property
    def read_limit(self) -> int:
        """How many issues :meth:`read_many` reads in one call; 1 where it has to make a call for each."""

    @property
    def create_limit(self) -> int:
        """How many issues :meth:`create` takes at once."""

    @property
    def skew(self) -> int:
        """By how many milliseconds the server's clock was ahead of ours at its last answer."""

    async def close(self) -> None: ...
