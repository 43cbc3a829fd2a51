"""One connection's Jira as the application knows it: every noun's part put together."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing

from backbone.adapters.jira.comments import Comments
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.create import CREATE_LIMIT, Creation
from backbone.adapters.jira.files import Files
from backbone.adapters.jira.highest import HighestKeys
from backbone.adapters.jira.issues import Issues
from backbone.adapters.jira.knowledge import Knowledge
from backbone.adapters.jira.metadata import Metadata
from backbone.adapters.jira.search import Searches
from backbone.adapters.jira.session import JiraSession
from backbone.adapters.jira.webhooks import JiraWebhooks
from backbone.adapters.jira.workflows import Workflows
from backbone.core.model.actions import EditFields, MoveAlong, NewIssue
from backbone.core.model.keys import CommentId, FieldId, FileId, IssueId, IssueKey, Millis, ProjectId, TypeId
from backbone.core.model.snapshot import CommentSnapshot, FileSnapshot, IssueSnapshot, Marker, Transition
from backbone.core.model.values import Option
from backbone.ports.budget import HostBudget
from backbone.ports.tracker import (
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
    TypeInfo,
    Unavailable,
    Wanted,
)


class JiraTracker:
    """A :class:`backbone.ports.tracker.Tracker` for Jira 8.20 to 11 and Cloud.

    Nothing is called before the first method is; then the server is asked once what it is and who we are.
    """

    def __init__(
        self,
        connection: JiraConnection,
        budget: HostBudget,
        *,
        now: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = JiraSession(connection, budget, now=now)
        self._knowledge = Knowledge(self._session, now=steady)
        self._searches = Searches(self._session, self._knowledge, now=steady)
        self._metadata = Metadata(self._session, self._knowledge, now=steady)
        self._workflows = Workflows(self._session, self._knowledge, self._searches, self._metadata, now=steady)
        self._issues = Issues(self._session, self._knowledge)
        self._creation = Creation(self._session, self._knowledge, self._issues, self._searches, self._metadata)
        self._comments = Comments(self._session, self._knowledge)
        self._files = Files(self._session, self._knowledge)
        self._highest = HighestKeys(self._searches.highest_key, now=steady)
        self.webhooks = JiraWebhooks(connection, self._knowledge, budget)

    # what changed ------------------------------------------------------------------------------------------------
    async def changed(
        self, projects: Sequence[ProjectId], since: Millis, wanted: Wanted, lane: Lane
    ) -> AsyncGenerator[Page, None]:
        async with aclosing(self._searches.changed(projects, since, wanted, lane)) as pages:
            async for page in pages:
                self._remember(page.issues)
                yield page

    async def matching(self, project: ProjectId, jql: str, wanted: Wanted, lane: Lane) -> AsyncIterator[Page]:
        async for page in self._searches.matching(project, jql, wanted, lane):
            self._remember(page.issues)
            yield page

    async def members(self, ids: Sequence[IssueId], jql: str) -> frozenset[IssueId]:
        return await self._searches.members(ids, jql)

    async def census(self, project: ProjectId) -> frozenset[IssueId]:
        return await self._searches.census(project)

    async def read(self, issue: IssueId, wanted: Wanted, lane: Lane) -> IssueSnapshot | Unavailable:
        found = await self._issues.read(issue, wanted, lane)
        if isinstance(found, IssueSnapshot):
            self._remember([found])
        return found

    async def read_many(self, issues: Sequence[IssueId], wanted: Wanted, lane: Lane) -> Mapping[IssueId, IssueSnapshot]:
        found = await self._issues.read_many(issues, wanted, lane)
        self._remember(list(found.values()))
        return found

    # writing -----------------------------------------------------------------------------------------------------
    async def create(self, batch: Sequence[NewIssue], lane: Lane) -> Sequence[Created | Refusal]:
        answers = await self._creation.create(batch, lane)
        for new, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Created):
                self._highest.saw(new.project, answer.ref.key)
        return answers

    async def find_created(
        self, project: ProjectId, highest: IssueKey | None, since: Millis, wanted: Wanted
    ) -> Sequence[IssueSnapshot]:
        return await self._creation.find_created(project, highest, since, wanted)

    async def highest_key(self, project: ProjectId) -> IssueKey | None:
        return await self._highest.of(project)

    async def edit(self, edit: EditFields, wanted: Wanted, lane: Lane) -> Edited | Refusal:
        return await self._issues.edit(edit, wanted, lane)

    async def move(self, step: MoveAlong, lane: Lane) -> Done | Refusal:
        return await self._issues.move(step, lane)

    async def add_comment(self, issue: IssueId, body: str, marker: Marker, lane: Lane) -> CommentSnapshot | Refusal:
        return await self._comments.add(issue, body, marker, lane)

    async def edit_comment(
        self, issue: IssueId, comment: CommentId, body: str, lane: Lane
    ) -> CommentSnapshot | Refusal:
        return await self._comments.edit(issue, comment, body, lane)

    async def remove_comment(self, issue: IssueId, comment: CommentId, lane: Lane) -> Done | Refusal:
        return await self._comments.remove(issue, comment, lane)

    async def comments(self, issue: IssueId, lane: Lane) -> tuple[CommentSnapshot, ...] | Unavailable:
        return await self._comments.all(issue, lane)

    def open_file(self, file: FileId, lane: Lane) -> AbstractAsyncContextManager[FileSource]:
        return self._files.open(file, lane)

    async def add_file(
        self, issue: IssueId, name: str, mime: str, source: FileSource, lane: Lane
    ) -> FileSnapshot | Broken | Refusal:
        return await self._files.add(issue, name, mime, source, lane)

    async def remove_file(self, file: FileId, lane: Lane) -> Done | Refusal:
        return await self._files.remove(file, lane)

    # metadata ----------------------------------------------------------------------------------------------------
    async def account(self) -> AccountInfo:
        """Asked anew each time, since clocks and log-ins change."""
        return (await self._knowledge.look_around()).account

    async def project(self, key_or_id: str) -> ProjectInfo | None:
        return await self._metadata.project(key_or_id)

    async def fields(self) -> tuple[FieldInfo, ...]:
        return await self._knowledge.fields()

    async def types(self, project: ProjectId) -> tuple[TypeInfo, ...]:
        return await self._metadata.types(project)

    async def create_fields(self, project: ProjectId, issue_type: TypeId) -> tuple[CreateField, ...]:
        return await self._metadata.create_fields(project, issue_type)

    async def edit_fields(self, issue: IssueId) -> tuple[CreateField, ...]:
        return await self._metadata.edit_fields(issue)

    async def options(self, field_id: FieldId, project: ProjectId, types: Sequence[TypeId]) -> tuple[CreateField, ...]:
        return await self._metadata.options(field_id, project, types)

    async def transitions_from(
        self, project: ProjectId, issue_type: TypeId, status: Option
    ) -> tuple[Transition, ...] | None:
        return await self._workflows.leaving(project, issue_type, status)

    async def permissions(self, project: ProjectId) -> Mapping[str, bool]:
        return await self._metadata.permissions(project)

    async def check_jql(self, jql: str) -> str | None:
        return await self._searches.complaint(jql)

    @property
    def read_limit(self) -> int:
        return self._knowledge.read_limit

    @property
    def create_limit(self) -> int:
        return CREATE_LIMIT

    @property
    def skew(self) -> int:
        return self._session.skew

    def forget_metadata(self) -> None:
        """Ask for fields, screens, options and workflows again."""
        self._knowledge.forget()

    async def close(self) -> None:
        await self._session.close()
        await self.webhooks.close()

    def _remember(self, issues: Sequence[IssueSnapshot]) -> None:
        for issue in issues:
            self._files.remember(issue.files or ())
            self._highest.saw(issue.project, issue.ref.key)
        self._workflows.remember(issues)
