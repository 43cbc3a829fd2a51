"""A Jira in memory that speaks the tracker port: issues with history, a late index, races and lost answers.

It knows nothing of the engine. ``gate`` is called before and after everything that it does; a test raises there what
it wants to happen: a crash, a lost answer, or an edit of a user in the middle.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from backbone.core.model.actions import EditFields, MoveAlong, NewIssue
from backbone.core.model.keys import (
    STATUS,
    CommentId,
    ConnectionName,
    FieldId,
    FileId,
    IssueId,
    IssueKey,
    IssueRef,
    Millis,
    ProjectId,
    ProjectKey,
    TransitionId,
    TypeId,
)
from backbone.core.model.snapshot import (
    CommentSnapshot,
    FileSnapshot,
    HistoryItem,
    IssueSnapshot,
    Marker,
    Person,
    Transition,
)
from backbone.core.model.values import EMPTY, Members, Option, Value, fingerprint
from backbone.ports.tracker import (
    AccountInfo,
    Created,
    CreateField,
    Done,
    Edited,
    FieldInfo,
    FileSource,
    Lane,
    Page,
    ProjectInfo,
    Refusal,
    TypeInfo,
    Unavailable,
    Wanted,
)

SYNC = Person(id="sync", name="Sync")
ANN = Person(id="ann", name="Ann")


@dataclass(slots=True)
class FakeIssue:
    """One issue, mutable."""

    ref: IssueRef
    project: ProjectId
    type: Option
    creator: Person
    created: int
    updated: int
    values: dict[FieldId, Value]
    marker: Marker | None = None
    comments: dict[CommentId, CommentSnapshot] = field(default_factory=dict)
    files: dict[FileId, tuple[FileSnapshot, bytes]] = field(default_factory=dict)
    history: list[HistoryItem] = field(default_factory=list)


class Bytes:
    """An attachment opened for reading."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @property
    def size(self) -> int:
        return len(self.content)

    async def pieces(self) -> AsyncIterator[bytes]:
        yield self.content


Gate = Callable[[str], None]


class FakeJira:
    """One Jira and the account that we use in it. ``clock`` is its own, which may be skewed."""

    def __init__(
        self,
        name: ConnectionName,
        project: ProjectId,
        fields: Sequence[FieldId],
        clock: Callable[[], int],
        *,
        cloud: bool = False,
        workflow: Mapping[str, Sequence[Option]] | None = None,
        first_status: Option | None = None,
    ) -> None:
        self.name = name
        self.project_id = project
        self.known_fields = list(fields)
        self.clock = clock
        self.cloud = cloud
        self.workflow = dict(workflow or {})
        self.first_status = first_status
        self.issues: dict[IssueId, FakeIssue] = {}
        self.defaults: dict[FieldId, Value] = {}
        self.refuse: Callable[[FakeIssue, Mapping[FieldId, Value]], Refusal | None] = lambda _issue, _values: None
        self.gate: Gate = lambda _point: None
        self.index: dict[IssueId, IssueSnapshot] | None = None
        self.calls: dict[str, int] = {}
        self._numbers = 0
        self._entries = 0

    # what people do ---------------------------------------------------------------------------------------------------

    def create_issue(self, issue_type: Option, values: Mapping[FieldId, Value], who: Person = ANN) -> FakeIssue:
        self._numbers += 1
        now = self.clock()
        ref = IssueRef(
            id=IssueId(f"{self.project_id}{self._numbers:04}"), key=IssueKey(f"{self.project_id}-{self._numbers}")
        )
        everything: dict[FieldId, Value] = dict.fromkeys(self.known_fields, EMPTY) | self.defaults
        if self.first_status is not None:
            everything[STATUS] = self.first_status
        issue = FakeIssue(
            ref=ref,
            project=self.project_id,
            type=issue_type,
            creator=who,
            created=now,
            updated=now,
            values=everything | dict(values),
        )
        self.issues[ref.id] = issue
        return issue

    def set(self, issue: FakeIssue, field_id: FieldId, value: Value, who: Person = ANN) -> bool:
        """Set a field; a no-op leaves no trace, as in Jira."""
        before = issue.values.get(field_id, EMPTY)
        if fingerprint(before) == fingerprint(value):
            return False
        self._entries += 1
        issue.values[field_id] = value
        issue.updated = max(self.clock(), issue.updated)
        issue.history.append(
            HistoryItem(
                entry=self._entries,
                field=field_id,
                at=Millis(issue.updated),
                own=who is SYNC,
                before=before,
                after=value,
            )
        )
        return True

    def comment(self, issue: FakeIssue, body: str, who: Person = ANN, marker: Marker | None = None) -> CommentSnapshot:
        self._numbers += 1
        now = Millis(self.clock())
        one = CommentSnapshot(
            id=CommentId(f"c{self.project_id}{self._numbers}"),
            body=body,
            author=who,
            created=now,
            updated=now,
            restricted=False,
            own=who is SYNC,
            marker=marker,
        )
        issue.comments[one.id] = one
        issue.updated = max(self.clock(), issue.updated)
        return one

    def edit_body(self, issue: FakeIssue, comment: CommentId, body: str) -> CommentSnapshot:
        before = issue.comments[comment]
        issue.comments[comment] = replace(before, body=body, updated=Millis(max(self.clock(), before.updated + 1)))
        issue.updated = max(self.clock(), issue.updated)
        return issue.comments[comment]

    def attach(self, issue: FakeIssue, name: str, content: bytes, who: Person = ANN) -> FileSnapshot:
        self._numbers += 1
        one = FileSnapshot(
            id=FileId(f"f{self.project_id}{self._numbers}"),
            name=name,
            size=len(content),
            mime="text/plain",
            author=who,
            created=Millis(self.clock()),
            own=who is SYNC,
        )
        issue.files[one.id] = (one, content)
        issue.updated = max(self.clock(), issue.updated)
        return one

    def remove_comment_of(self, issue: FakeIssue, comment: CommentId) -> None:
        del issue.comments[comment]
        issue.updated = max(self.clock(), issue.updated)

    # what the search sees ---------------------------------------------------------------------------------------------

    def freeze_index(self) -> None:
        """From now on the search sees issues as they are now."""
        self.index = {ident: self._snapshot(issue) for ident, issue in self.issues.items()}

    def thaw_index(self) -> None:
        self.index = None

    def _searched(self) -> list[IssueSnapshot]:
        if self.index is not None:
            return list(self.index.values())
        return [self._snapshot(issue) for issue in self.issues.values()]

    def _snapshot(self, issue: FakeIssue) -> IssueSnapshot:
        return IssueSnapshot(
            ref=issue.ref,
            project=issue.project,
            type=issue.type,
            created=Millis(issue.created),
            updated=Millis(issue.updated),
            read_at=Millis(self.clock()),
            own=issue.creator is SYNC,
            values=dict(issue.values),
            comments=tuple(issue.comments.values()),
            files=tuple(one for one, _ in issue.files.values()),
            history=tuple(issue.history),
            transitions=self._transitions(issue.values.get(STATUS)),
            marker=issue.marker,
            marker_known=True,
        )

    def _transitions(self, status: Value | None) -> tuple[Transition, ...]:
        if not isinstance(status, Option):
            return ()
        return tuple(
            Transition(id=TransitionId(f"{status.id}>{to.id}"), name=f"to {to.name}", to=to)
            for to in self.workflow.get(status.id, ())
        )

    def _cut(self, snapshot: IssueSnapshot, wanted: Wanted) -> IssueSnapshot:
        return replace(
            snapshot,
            values={key: value for key, value in snapshot.values.items() if key in wanted.fields},
            comments=snapshot.comments if wanted.comments else None,
            files=snapshot.files if wanted.files else None,
            history=snapshot.history if wanted.history else None,
            transitions=snapshot.transitions if wanted.transitions else None,
            marker=snapshot.marker if wanted.marker else None,
            marker_known=wanted.marker,
        )

    def _call(self, point: str) -> None:
        self.calls[point] = self.calls.get(point, 0) + 1
        self.gate(point)

    # the tracker port: reading ----------------------------------------------------------------------------------------

    async def changed(
        self, projects: Sequence[ProjectId], since: Millis, wanted: Wanted, lane: Lane
    ) -> AsyncIterator[Page]:
        del lane
        self._call("search")
        found = [one for one in self._searched() if one.project in projects and one.updated >= since]
        found.sort(key=lambda one: (one.updated, one.ref.id))
        yield Page(issues=tuple(self._cut(one, wanted) for one in found), asked_at=Millis(self.clock()))

    async def members(self, ids: Sequence[IssueId], jql: str) -> frozenset[IssueId]:
        del jql
        return frozenset(ids)

    async def matching(self, project: ProjectId, jql: str, wanted: Wanted, lane: Lane) -> AsyncIterator[Page]:
        del jql
        async for page in self.changed([project], Millis(0), wanted, lane):
            yield page

    async def census(self, project: ProjectId) -> frozenset[IssueId]:
        return frozenset(one.ref.id for one in self.issues.values() if one.project == project)

    async def read(self, issue: IssueId, wanted: Wanted, lane: Lane) -> IssueSnapshot | Unavailable:
        del lane
        self._call("read")
        found = self.issues.get(issue)
        return Unavailable(issue) if found is None else self._cut(self._snapshot(found), wanted)

    async def read_many(self, issues: Sequence[IssueId], wanted: Wanted, lane: Lane) -> Mapping[IssueId, IssueSnapshot]:
        del lane
        self._call("read-many")
        return {one: self._cut(self._snapshot(self.issues[one]), wanted) for one in issues if one in self.issues}

    async def comments(self, issue: IssueId, lane: Lane) -> tuple[CommentSnapshot, ...] | Unavailable:
        del lane
        self._call("comments")
        found = self.issues.get(issue)
        return Unavailable(issue) if found is None else tuple(found.comments.values())

    # the tracker port: writing ----------------------------------------------------------------------------------------

    async def create(self, batch: Sequence[NewIssue], lane: Lane) -> Sequence[Created | Refusal]:
        del lane
        self._call("create")
        answers: list[Created | Refusal] = []
        for one in batch:
            issue = self.create_issue(one.type, one.values, SYNC)
            issue.marker = one.marker
            answers.append(Created(ref=issue.ref, at=Millis(self.clock())))
        self.gate("created")
        return answers

    async def find_created(
        self, project: ProjectId, highest: IssueKey | None, since: Millis, wanted: Wanted
    ) -> Sequence[IssueSnapshot]:
        del since
        self._call("find-created")
        least = int(highest.rsplit("-", 1)[1]) if highest else 0
        return [
            self._cut(self._snapshot(one), wanted)
            for one in self.issues.values()
            if one.project == project and one.creator is SYNC and int(one.ref.key.rsplit("-", 1)[1]) > least
        ]

    async def highest_key(self, project: ProjectId) -> IssueKey | None:
        self._call("highest-key")
        keys = [one.ref.key for one in self._searched() if one.project == project]
        return max(keys, key=lambda key: int(key.rsplit("-", 1)[1]), default=None)

    async def edit(self, edit: EditFields, wanted: Wanted, lane: Lane) -> Edited | Refusal:
        del lane
        self._call("edit")
        issue = self.issues.get(edit.issue)
        if issue is None:
            return Refusal(gone=True)
        refusal = self.refuse(issue, edit.values)
        if refusal is not None:
            return refusal
        for field_id, value in edit.values.items():
            self.set(issue, field_id, value, SYNC)
        for field_id, change in edit.elements.items():
            now = issue.values.get(field_id)
            options = now.options if isinstance(now, Members) else frozenset()
            self.set(issue, field_id, Members((options | change.add) - change.remove), SYNC)
        self.gate("edited")
        after = self._cut(self._snapshot(issue), replace(wanted, history=True)) if edit.before else None
        return Edited(at=Millis(self.clock()), after=after)

    async def move(self, step: MoveAlong, lane: Lane) -> Done | Refusal:
        del lane
        self._call("move")
        issue = self.issues[step.issue]
        status = issue.values[STATUS]
        if step.transition not in {one.id for one in self._transitions(status)}:
            return Refusal(messages=("the transition is not valid from this status",))
        self.set(issue, STATUS, step.to, SYNC)
        self.gate("moved")
        return Done(at=Millis(self.clock()))

    async def add_comment(self, issue: IssueId, body: str, marker: Marker, lane: Lane) -> CommentSnapshot | Refusal:
        del lane
        self._call("add-comment")
        done = self.comment(self.issues[issue], body, SYNC, marker)
        self.gate("comment-added")
        return done

    async def edit_comment(
        self, issue: IssueId, comment: CommentId, body: str, lane: Lane
    ) -> CommentSnapshot | Refusal:
        del lane
        self._call("edit-comment")
        if comment not in self.issues[issue].comments:
            return Refusal(gone=True)
        done = self.edit_body(self.issues[issue], comment, body)
        self.gate("comment-edited")
        return done

    async def remove_comment(self, issue: IssueId, comment: CommentId, lane: Lane) -> Done | Refusal:
        del lane
        self._call("remove-comment")
        self.issues[issue].comments.pop(comment, None)
        self.gate("comment-removed")
        return Done(at=Millis(self.clock()))

    @asynccontextmanager
    async def open_file(self, file: FileId, lane: Lane) -> AsyncIterator[FileSource]:
        del lane
        self._call("open-file")
        yield Bytes(next(issue.files[file][1] for issue in self.issues.values() if file in issue.files))

    async def add_file(
        self, issue: IssueId, name: str, mime: str, source: FileSource, lane: Lane
    ) -> FileSnapshot | Refusal:
        del mime, lane
        self._call("add-file")
        content = b"".join([piece async for piece in source.pieces()])
        done = self.attach(self.issues[issue], name, content, SYNC)
        self.gate("file-added")
        return done

    async def remove_file(self, file: FileId, lane: Lane) -> Done | Refusal:
        del lane
        self._call("remove-file")
        for issue in self.issues.values():
            issue.files.pop(file, None)
        self.gate("file-removed")
        return Done(at=Millis(self.clock()))

    # the tracker port: metadata ---------------------------------------------------------------------------------------

    async def account(self) -> AccountInfo:
        now = Millis(self.clock())
        return AccountInfo(
            id=SYNC.id,
            name=SYNC.name,
            time_zone="UTC",
            cloud=self.cloud,
            version=(10, 3),
            server_id=self.name,
            clock=now,
            local=now,
        )

    async def project(self, key_or_id: str) -> ProjectInfo | None:
        return ProjectInfo(id=self.project_id, key=ProjectKey(self.project_id), name=key_or_id)

    async def fields(self) -> tuple[FieldInfo, ...]:
        return ()

    async def types(self, project: ProjectId) -> tuple[TypeInfo, ...]:
        del project
        return ()

    async def create_fields(self, project: ProjectId, issue_type: TypeId) -> tuple[CreateField, ...]:
        del project, issue_type
        return ()

    async def edit_fields(self, issue: IssueId) -> tuple[CreateField, ...]:
        del issue
        return ()

    async def options(self, field_id: FieldId, project: ProjectId, types: Sequence[TypeId]) -> tuple[CreateField, ...]:
        del field_id, project, types
        return ()

    async def transitions_from(
        self, project: ProjectId, issue_type: TypeId, status: Option
    ) -> tuple[Transition, ...] | None:
        del project, issue_type
        return self._transitions(status)

    async def permissions(self, project: ProjectId) -> Mapping[str, bool]:
        del project
        return {"BROWSE_PROJECTS": True}

    async def check_jql(self, jql: str) -> str | None:
        del jql
        return None

    @property
    def create_limit(self) -> int:
        return 50

    @property
    def skew(self) -> int:
        return 0

    async def close(self) -> None:
        return None
