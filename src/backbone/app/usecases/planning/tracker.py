"""A Jira to which nothing is written: reads pass through, writes are recorded and seen by later reads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from math import ceil

from backbone.app.usecases.planning.overlay import NewbornIssue, Planned, edited, newborn, seen_through
from backbone.app.usecases.planning.record import Kind, Record
from backbone.core.model.actions import EditFields, MoveAlong, NewIssue
from backbone.core.model.keys import (
    STATUS,
    SUMMARY,
    CommentId,
    FieldId,
    FileId,
    IssueId,
    IssueKey,
    IssueRef,
    Millis,
    ProjectId,
    TransitionId,
    TypeId,
)
from backbone.core.model.snapshot import CommentSnapshot, FileSnapshot, IssueSnapshot, Marker, Transition
from backbone.core.model.values import EMPTY, Option, Value, show
from backbone.core.sync.notes import shorten
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
    Tracker,
    TypeInfo,
    Unavailable,
    Wanted,
)

BULK = 100
"""Issues that one call reads or filters where Jira takes many at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _NoBytes:
    """An attachment that is not read."""

    size: int = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        nothing: tuple[bytes, ...] = ()
        for piece in nothing:
            yield piece


class PlanningTracker:
    """A :class:`backbone.ports.tracker.Tracker` over another one.

    ``names`` are those of mapped fields, ``keys`` those of paired issues.
    """

    def __init__(
        self,
        inner: Tracker,
        record: Record,
        account: AccountInfo,
        names: Mapping[FieldId, str],
        keys: Mapping[IssueId, IssueKey],
    ) -> None:
        self._inner = inner
        self._record = record
        self._account = account
        self._names = names
        self._keys = keys
        self._planned: dict[IssueId, Planned] = {}
        self._newborn: dict[IssueId, NewbornIssue] = {}
        self._seen: dict[IssueId, IssueSnapshot] = {}

    # reading -----------------------------------------------------------------------------------------------------
    async def changed(
        self, projects: Sequence[ProjectId], since: Millis, wanted: Wanted, lane: Lane
    ) -> AsyncGenerator[Page, None]:
        async with aclosing(self._inner.changed(projects, since, wanted, lane)) as pages:
            async for page in pages:
                yield self._page(page)

    async def matching(self, project: ProjectId, jql: str, wanted: Wanted, lane: Lane) -> AsyncIterator[Page]:
        async for page in self._inner.matching(project, jql, wanted, lane):
            yield self._page(page)

    async def members(self, ids: Sequence[IssueId], jql: str) -> frozenset[IssueId]:
        self._record.read_calls += ceil(len(ids) / BULK)
        return await self._inner.members(ids, jql)

    async def census(self, project: ProjectId) -> frozenset[IssueId]:
        self._record.read_calls += 1
        return await self._inner.census(project)

    async def read(self, issue: IssueId, wanted: Wanted, lane: Lane) -> IssueSnapshot | Unavailable:
        self._record.read_calls += 1
        born = self._newborn.get(issue)
        if born is not None:
            snapshot = newborn(born, wanted, await self._initial(born.new))
            return await self._shown(snapshot, wanted)
        found = await self._inner.read(issue, wanted, lane)
        return found if isinstance(found, Unavailable) else await self._shown(found, wanted)

    async def read_many(self, issues: Sequence[IssueId], wanted: Wanted, lane: Lane) -> Mapping[IssueId, IssueSnapshot]:
        real = [issue for issue in issues if issue not in self._newborn]
        self._record.read_calls += ceil(len(real) / BULK) if self._account.cloud else len(real)
        found = await self._inner.read_many(real, wanted, lane) if real else {}
        return {ident: await self._shown(one, wanted) for ident, one in found.items()}

    async def comments(self, issue: IssueId, lane: Lane) -> tuple[CommentSnapshot, ...] | Unavailable:
        self._record.read_calls += 1
        found = () if issue in self._newborn else await self._inner.comments(issue, lane)
        if isinstance(found, Unavailable):
            return found
        planned = self._planned.get(issue, Planned()).comments
        return tuple(one for one in {**{each.id: each for each in found}, **planned}.values() if one is not None)

    async def find_created(
        self, project: ProjectId, highest: IssueKey | None, since: Millis, wanted: Wanted
    ) -> Sequence[IssueSnapshot]:
        self._record.read_calls += 1
        return await self._inner.find_created(project, highest, since, wanted)

    async def highest_key(self, project: ProjectId) -> IssueKey | None:
        self._record.read_calls += 1
        return await self._inner.highest_key(project)

    def _page(self, page: Page) -> Page:
        self._record.read_calls += 1
        return replace(page, issues=tuple(self._overlaid(one) for one in page.issues))

    def _overlaid(self, snapshot: IssueSnapshot) -> IssueSnapshot:
        planned = self._planned.get(snapshot.ref.id)
        return snapshot if planned is None else seen_through(planned, snapshot)

    async def _shown(self, snapshot: IssueSnapshot, wanted: Wanted) -> IssueSnapshot:
        shown = self._overlaid(snapshot)
        moved = shown.values.get(STATUS)
        known = snapshot.transitions is not None and moved == snapshot.values.get(STATUS)
        if wanted.transitions and not known and isinstance(moved, Option):
            shown = replace(shown, transitions=await self._transitions(shown, moved))
        self._seen[snapshot.ref.id] = shown
        return shown

    async def _transitions(self, snapshot: IssueSnapshot, status: Option) -> tuple[Transition, ...]:
        """Where no issue is in that status to learn from, a direct way everywhere is assumed."""
        issue_type = TypeId(snapshot.type.id)
        learnt = await self._inner.transitions_from(snapshot.project, issue_type, status)
        if learnt is not None:
            return learnt
        every = [one for info in await self._inner.types(snapshot.project) for one in info.statuses]
        return tuple(Transition(id=TransitionId(one.id), name=one.name, to=one) for one in dict.fromkeys(every))

    async def _initial(self, new: NewIssue) -> Mapping[FieldId, Value]:
        """The first status of the type's workflow is taken for the one that new issues get."""
        for info in await self._inner.types(new.project):
            if info.type == new.type and info.statuses:
                return {STATUS: info.statuses[0]}
        return {}

    # writing -----------------------------------------------------------------------------------------------------
    async def create(self, batch: Sequence[NewIssue], lane: Lane) -> Sequence[Created | Refusal]:
        del lane
        self._record.write_calls += 1
        return [await self._create(new) for new in batch]

    async def _create(self, new: NewIssue) -> Created:
        self._record.created += 1
        number = self._record.created
        project = await self._inner.project(new.project)
        key = f"{project.key if project else new.project}-new{number}"
        ref = IssueRef(id=IssueId(f"new{number}"), key=IssueKey(key))
        at = self._now()
        self._newborn[ref.id] = NewbornIssue(ref=ref, new=new, at=at)
        summary = new.values.get(SUMMARY, EMPTY)
        self._record.note(Kind.CREATE, key, new.type.name, after=shorten(show(summary)))
        for field, value in new.values.items():
            if field != SUMMARY and value != EMPTY:
                self._record.note(Kind.CREATE, key, self._name(field), after=shorten(show(value)))
        return Created(ref=ref, at=at)

    async def edit(self, edit: EditFields, wanted: Wanted, lane: Lane) -> Edited | Refusal:
        del wanted, lane
        self._record.write_calls += 1
        self._record.read_calls += 0 if self._account.cloud or not edit.before else 1
        for field, value in edit.values.items():
            self._change(edit.issue, field, value, edit.before.get(field))
        for field, elements in edit.elements.items():
            self._change(edit.issue, field, edited(self._value(edit.issue, field), elements))
        return Edited(at=self._now(), after=None)

    async def move(self, step: MoveAlong, lane: Lane) -> Done | Refusal:
        del lane
        self._record.write_calls += 1
        self._change(step.issue, STATUS, step.to)
        return Done(at=self._now())

    def _change(self, issue: IssueId, field: FieldId, value: Value, known: Value | None = None) -> None:
        before = known or self._value(issue, field)
        self._record.note(
            Kind.CHANGE, self._key(issue), self._name(field), before=shorten(show(before)), after=shorten(show(value))
        )
        planned = self._planned.get(issue, Planned())
        self._planned[issue] = replace(planned, values={**planned.values, field: value})

    async def add_comment(self, issue: IssueId, body: str, marker: Marker, lane: Lane) -> CommentSnapshot | Refusal:
        del lane
        self._record.write_calls += 1
        self._record.note(Kind.COMMENT, self._key(issue), "new comment", after=shorten(body))
        ident = CommentId(f"new-{issue}-{len(self._planned.get(issue, Planned()).comments) + 1}")
        return self._comment(issue, ident, body, marker)

    async def edit_comment(
        self, issue: IssueId, comment: CommentId, body: str, lane: Lane
    ) -> CommentSnapshot | Refusal:
        del lane
        self._record.write_calls += 1
        self._record.note(Kind.COMMENT, self._key(issue), f"comment {comment}", after=shorten(body))
        return self._comment(issue, comment, body, None)

    def _comment(self, issue: IssueId, ident: CommentId, body: str, marker: Marker | None) -> CommentSnapshot:
        at = self._now()
        made = CommentSnapshot(
            id=ident, body=body, author=None, created=at, updated=at, restricted=False, own=True, marker=marker
        )
        planned = self._planned.get(issue, Planned())
        self._planned[issue] = replace(planned, comments={**planned.comments, ident: made})
        return made

    async def remove_comment(self, issue: IssueId, comment: CommentId, lane: Lane) -> Done | Refusal:
        del lane
        self._record.write_calls += 1
        self._record.note(Kind.UNCOMMENT, self._key(issue), f"comment {comment}")
        planned = self._planned.get(issue, Planned())
        self._planned[issue] = replace(planned, comments={**planned.comments, comment: None})
        return Done(at=self._now())

    @asynccontextmanager
    async def open_file(self, file: FileId, lane: Lane) -> AsyncIterator[FileSource]:
        del file, lane
        self._record.read_calls += 1
        yield _NoBytes()

    async def add_file(
        self, issue: IssueId, name: str, mime: str, source: FileSource, lane: Lane
    ) -> FileSnapshot | Refusal:
        del lane
        self._record.write_calls += 1
        self._record.note(Kind.UPLOAD, self._key(issue), "attachment", after=name)
        ident = FileId(f"new-{issue}-{len(self._planned.get(issue, Planned()).files) + 1}")
        at = self._now()
        made = FileSnapshot(id=ident, name=name, size=source.size, mime=mime, author=None, created=at, own=True)
        planned = self._planned.get(issue, Planned())
        self._planned[issue] = replace(planned, files={**planned.files, ident: made})
        return made

    async def remove_file(self, file: FileId, lane: Lane) -> Done | Refusal:
        del lane
        self._record.write_calls += 1
        owner = next((one for one in self._seen.values() if any(each.id == file for each in one.files or ())), None)
        name = next((each.name for each in (owner.files or ()) if each.id == file), file) if owner else file
        self._record.note(Kind.REMOVE_FILE, owner.ref.key if owner else "", "attachment", before=name)
        return Done(at=self._now())

    # what is known -----------------------------------------------------------------------------------------------
    def _value(self, issue: IssueId, field: FieldId) -> Value:
        planned = self._planned.get(issue, Planned()).values.get(field)
        seen = self._seen.get(issue)
        return planned or (seen.values.get(field, EMPTY) if seen else EMPTY)

    def _key(self, issue: IssueId) -> str:
        born, seen = self._newborn.get(issue), self._seen.get(issue)
        return born.ref.key if born else seen.ref.key if seen else self._keys.get(issue, issue)

    def _name(self, field: FieldId) -> str:
        return self._names.get(field, field)

    def _now(self) -> Millis:
        return Millis(self._account.clock)

    # metadata ----------------------------------------------------------------------------------------------------
    async def account(self) -> AccountInfo:
        return self._account

    async def project(self, key_or_id: str) -> ProjectInfo | None:
        return await self._inner.project(key_or_id)

    async def fields(self) -> tuple[FieldInfo, ...]:
        return await self._inner.fields()

    async def types(self, project: ProjectId) -> tuple[TypeInfo, ...]:
        return await self._inner.types(project)

    async def create_fields(self, project: ProjectId, issue_type: TypeId) -> tuple[CreateField, ...]:
        return await self._inner.create_fields(project, issue_type)

    async def edit_fields(self, issue: IssueId) -> tuple[CreateField, ...]:
        return await self._inner.edit_fields(issue)

    async def options(self, field_id: FieldId, project: ProjectId, types: Sequence[TypeId]) -> tuple[CreateField, ...]:
        return await self._inner.options(field_id, project, types)

    async def transitions_from(
        self, project: ProjectId, issue_type: TypeId, status: Option
    ) -> tuple[Transition, ...] | None:
        return await self._inner.transitions_from(project, issue_type, status)

    async def permissions(self, project: ProjectId) -> Mapping[str, bool]:
        return await self._inner.permissions(project)

    async def check_jql(self, jql: str) -> str | None:
        return await self._inner.check_jql(jql)

    @property
    def read_limit(self) -> int:
        return self._inner.read_limit

    @property
    def create_limit(self) -> int:
        return self._inner.create_limit

    @property
    def skew(self) -> int:
        return self._account.clock - self._account.local

    async def close(self) -> None:
        """The Jira underneath is somebody else's."""
