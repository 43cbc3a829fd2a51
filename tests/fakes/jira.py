"""A Jira in memory that speaks the tracker port: issues with history, a late index, races and lost answers.

It knows nothing of the engine. ``gate`` is called before and after everything that it does; a test raises there what
it wants to happen: a crash, a lost answer, or an edit of a user in the middle. Raising :class:`Late` before an
addition lets it be carried out although nobody hears of it, when the test calls :meth:`FakeJira.catch_up`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from backbone.core.model.actions import EditFields, MoveAlong, NewIssue
from backbone.core.model.keys import (
    STATUS,
    CommentId,
    FieldId,
    FileId,
    IssueId,
    IssueKey,
    Millis,
    ProjectId,
    ProjectKey,
    TypeId,
)
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import (
    CommentSnapshot,
    FileSnapshot,
    IssueSnapshot,
    Marker,
    Transition,
)
from backbone.core.model.values import EMPTY, Members, Option
from backbone.ports.tracker import (
    AccessError,
    AccountInfo,
    Broken,
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
    TransientError,
    TypeInfo,
    Unavailable,
    Wanted,
)
from tests.fakes.issues import ANN, SYNC, FakeIssue, FakeProject, Late

__all__ = ["ANN", "SYNC", "Bytes", "FakeIssue", "FakeJira", "Late"]


def _place(issue: IssueSnapshot) -> tuple[int, str]:
    """Where an issue stands in a search for what changed."""
    return (issue.updated, issue.ref.id)


class Bytes:
    """An attachment opened for reading."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @property
    def size(self) -> int:
        return len(self.content)

    async def pieces(self) -> AsyncIterator[bytes]:
        yield self.content


class FakeJira(FakeProject):
    """The account that we use in a project, behind the tracker port."""

    # the tracker port: reading ----------------------------------------------------------------------------------------

    async def changed(
        self, projects: Sequence[ProjectId], since: Millis, wanted: Wanted, lane: Lane
    ) -> AsyncGenerator[Page, None]:
        self._call("search")
        self.asked_since = since
        if self.left_out and lane is Lane.BULK:
            raise AccessError(Code.PERMISSION_MISSING, "the project can't be seen", "Give our account the permission.")
        if self.left_out:  # a look at several projects leaves it out
            yield Page(issues=(), asked_at=Millis(self.clock()), unseen=frozenset(projects))
            return
        reached: tuple[int, str] = (since, "")
        while True:  # each page is asked for anew
            found = [one for one in self._searched() if one.project in projects]
            found = sorted((one for one in found if (one.updated, one.ref.id) >= reached), key=_place)
            issues = tuple(self._cut(one, wanted) for one in found[: self.page_size])
            last = len(found) <= self.page_size
            yield Page(issues=issues, asked_at=Millis(self.clock()), last=last)
            if last:
                return
            reached = _place(found[self.page_size])
            self._call("page")

    async def members(self, ids: Sequence[IssueId], jql: str) -> frozenset[IssueId]:
        if jql in self.bad_jql:
            raise AccessError(Code.JQL_REFUSED, f"the JQL '{jql}' is not understood", "Mend it.")
        return frozenset(ids) - self.unmatched

    async def matching(self, project: ProjectId, jql: str, wanted: Wanted, lane: Lane) -> AsyncIterator[Page]:
        del jql
        async for page in self.changed([project], Millis(0), wanted, lane):
            yield page

    async def census(self, project: ProjectId) -> frozenset[IssueId]:
        return frozenset(one.ref.id for one in self._searched() if one.project == project)

    async def read(self, issue: IssueId, wanted: Wanted, lane: Lane) -> IssueSnapshot | Unavailable:
        del lane
        self._call("read")
        found = self._have(issue)
        return Unavailable(issue) if found is None else self._cut(self._snapshot(found), wanted)

    async def read_many(self, issues: Sequence[IssueId], wanted: Wanted, lane: Lane) -> Mapping[IssueId, IssueSnapshot]:
        del lane
        self._call("read-many")
        found = {one: self._have(one) for one in issues}
        return {key: self._cut(self._snapshot(one), wanted) for key, one in found.items() if one is not None}

    async def comments(self, issue: IssueId, lane: Lane) -> tuple[CommentSnapshot, ...] | Unavailable:
        del lane
        self._call("comments")
        found = self._have(issue)
        return Unavailable(issue) if found is None else tuple(found.comments.values())

    # the tracker port: writing ----------------------------------------------------------------------------------------

    async def create(self, batch: Sequence[NewIssue], lane: Lane) -> Sequence[Created | Refusal]:
        del lane
        self._call("create", lambda: self._create(batch))
        answers = self._create(batch)
        self.gate("created")
        return answers

    def _create(self, batch: Sequence[NewIssue]) -> Sequence[Created | Refusal]:
        answers: list[Created | Refusal] = []
        for one in batch:
            refused = self.refuse_new(one.values)
            if refused:
                answers.append(Refusal(fields=refused))
                continue
            issue = self.create_issue(one.type, one.values, SYNC)
            issue.marker = one.marker
            answers.append(Created(ref=issue.ref, at=Millis(self.clock())))
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
        issue = self._have(edit.issue)
        if issue is None:
            return Refusal(gone=True)
        refusal = self.refuse(issue, {**dict.fromkeys(edit.elements, EMPTY), **edit.values})
        if refusal is not None:
            return refusal
        for field_id, value in edit.values.items():
            self.set(issue, field_id, self.normalize(value), SYNC)
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
        issue = self._have(step.issue)
        if issue is None:
            return Refusal(gone=True)
        status = issue.values[STATUS]
        if step.transition not in {one.id for one in self._transitions(status)}:
            return Refusal(messages=("the transition is not valid from this status",))
        self.set(issue, STATUS, step.to, SYNC)
        self.gate("moved")
        return Done(at=Millis(self.clock()))

    async def add_comment(self, issue: IssueId, body: str, marker: Marker, lane: Lane) -> CommentSnapshot | Refusal:
        del lane
        self._call("add-comment", lambda: self.comment(self.issues[issue], body, SYNC, marker))
        if self._have(issue) is None:
            return Refusal(gone=True)
        if self.refuse_comment:
            return Refusal(messages=(self.refuse_comment,))
        done = self.comment(self.issues[issue], body, SYNC, marker)
        self.gate("comment-added")
        return done

    async def edit_comment(
        self, issue: IssueId, comment: CommentId, body: str, lane: Lane
    ) -> CommentSnapshot | Refusal:
        del lane
        self._call("edit-comment")
        if self._have(issue) is None or comment not in self.issues[issue].comments:
            return Refusal(gone=True)
        done = self.edit_body(self.issues[issue], comment, body)
        self.gate("comment-edited")
        return done

    async def remove_comment(self, issue: IssueId, comment: CommentId, lane: Lane) -> Done | Refusal:
        del lane
        self._call("remove-comment")
        if self._have(issue) is None:
            return Refusal(gone=True)
        self.issues[issue].comments.pop(comment, None)
        self.gate("comment-removed")
        return Done(at=Millis(self.clock()))

    @asynccontextmanager
    async def open_file(self, file: FileId, lane: Lane) -> AsyncIterator[FileSource]:
        del lane
        self._call("open-file")
        found = [issue.files[file][1] for issue in self.issues.values() if file in issue.files]
        if not found:
            raise TransientError("the attachment is not there any more")
        yield Bytes(found[0])

    async def add_file(
        self, issue: IssueId, name: str, mime: str, source: FileSource, lane: Lane
    ) -> FileSnapshot | Broken | Refusal:
        del mime, lane
        content = b"".join([piece async for piece in source.pieces()])
        self._call("add-file", lambda: self.attach(self.issues[issue], name, content, SYNC))
        if self._have(issue) is None:
            return Refusal(gone=True)
        done = self.attach(self.issues[issue], name, content[: self.stored], SYNC)
        self.gate("file-added")
        if done.size != len(content):
            return Broken(file=done.id, stored=done.size, of=len(content))
        return done

    async def remove_file(self, file: FileId, lane: Lane) -> Done | Refusal:
        del lane
        self._call("remove-file")
        if self.refuse_removal and any(file in issue.files for issue in self.issues.values()):
            return Refusal(messages=(self.refuse_removal,))
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
            local=Millis(self.local()),
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
        return {"BROWSE_PROJECTS": not self.closed}

    async def check_jql(self, jql: str) -> str | None:
        del jql
        return None

    @property
    def read_limit(self) -> int:
        return 100

    @property
    def create_limit(self) -> int:
        return 50

    @property
    def skew(self) -> int:
        return self.clock() - self.local()

    async def close(self) -> None:
        return None
