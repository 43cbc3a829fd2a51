"""Issues in memory with their history, what people do to them, and what a late index shows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

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
    TransitionId,
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
from backbone.core.model.values import EMPTY, Option, Value, fingerprint
from backbone.ports.tracker import (
    OutcomeUnknown,
    Refusal,
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


Gate = Callable[[str], None]


CARRIED_OUT = 120_000
"""Milliseconds after which Jira has carried out whatever it will: a whole call may take as long."""


class Late(OutcomeUnknown):
    """The answer is lost, and the request is carried out later."""


class FakeProject:
    """One Jira with one project, as people work in it. ``clock`` is its own, which may be skewed; ``local`` is ours."""

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
        self.clock = self.local = clock
        self.cloud = cloud
        self.workflow = dict(workflow or {})
        self.first_status = first_status
        self.issues: dict[IssueId, FakeIssue] = {}
        self.defaults: dict[FieldId, Value] = {}
        self.refuse: Callable[[FakeIssue, Mapping[FieldId, Value]], Refusal | None] = lambda _issue, _values: None
        self.gate: Gate = lambda _point: None
        self.refuse_new: Callable[[Mapping[FieldId, Value]], Mapping[FieldId, str]] = lambda _values: {}
        self.refuse_comment = ""
        self.refuse_removal = ""
        self.stored: int | None = None
        self.normalize: Callable[[Value], Value] = lambda value: value
        self.automation: Callable[[FakeIssue], None] = lambda _issue: None
        self.hidden: set[IssueId] = set()
        self.closed = False
        self.bad_jql: set[str] = set()
        self.left_out = False
        self.unmatched: set[IssueId] = set()
        self.late: list[tuple[int, Callable[[], object]]] = []
        self.index: dict[IssueId, IssueSnapshot] | None = None
        self.calls: dict[str, int] = {}
        self.page_size = 1_000
        self.asked_since = Millis(0)
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
        self.automation(issue)
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

    def restrict(self, issue: FakeIssue, comment: CommentId, *, restricted: bool) -> None:
        issue.comments[comment] = replace(issue.comments[comment], restricted=restricted)
        issue.updated = max(self.clock(), issue.updated)

    def remove_file_of(self, issue: FakeIssue, file: FileId) -> None:
        del issue.files[file]
        issue.updated = max(self.clock(), issue.updated)

    def catch_up(self, longer_than: int = -1) -> None:
        """Carry out the requests whose answers were lost so many milliseconds ago."""
        due = [one for one in self.late if self.clock() - one[0] > longer_than]
        self.late = [one for one in self.late if one not in due]
        for _, request in due:
            request()

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
            return [one for one in self.index.values() if one.ref.id in self.issues and self._visible(one.ref.id)]
        return [self._snapshot(issue) for issue in self.issues.values() if self._visible(issue.ref.id)]

    def _visible(self, issue: IssueId) -> bool:
        return not self.closed and issue not in self.hidden

    def _have(self, issue: IssueId) -> FakeIssue | None:
        """The issue as our account can have it."""
        return self.issues.get(issue) if self._visible(issue) else None

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

    def _call(self, point: str, later: Callable[[], object] | None = None) -> None:
        self.calls[point] = self.calls.get(point, 0) + 1
        self.catch_up(CARRIED_OUT)
        try:
            self.gate(point)
        except Late:
            if later is not None:
                self.late.append((self.clock(), later))
            raise
