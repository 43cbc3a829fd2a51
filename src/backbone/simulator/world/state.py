"""The world: everything a pretend Jira remembers, and how to find it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from backbone.simulator.flavour import Flavour
from backbone.simulator.world.clock import Clock
from backbone.simulator.world.fields import SYSTEM_FIELDS, Field, FieldContext, Option
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.people import User
from backbone.simulator.world.projects import IssueType, Priority, Project, Resolution
from backbone.simulator.world.workflows import Status, Workflow


class Watcher(Protocol):
    """Is told of every new state of every issue: the search index."""

    def note(self, issue_id: int, version: Issue, now: datetime) -> None: ...

    def forget(self, issue_id: int, now: datetime) -> None: ...


class Observer(Protocol):
    """Is told what happened and who did it, by user key, as far as that is known: the webhooks."""

    def issue_changed(self, before: Issue | None, after: Issue, actor: str | None) -> None: ...

    def issue_deleted(self, issue: Issue, actor: str | None) -> None: ...

    def project_changed(self, before: Project, after: Project | None) -> None: ...


class Sequences:
    """Numbers as Jira gives them: one rising sequence a table, starting at 10000."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, table: str) -> int:
        """The next number of ``table``."""
        number = self._last.get(table, 9999) + 1
        self._last[table] = number
        return number

    def next_issue_number(self, project_id: str) -> int:
        """The next number in issue keys of a project; numbers are never given twice."""
        number = self._last.get(f"key:{project_id}", 0) + 1
        self._last[f"key:{project_id}"] = number
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A validator of the instance that refuses writes; empty criteria fit everything.

    It refuses creating or editing an issue whose id is ``issue_id`` or whose summary
    contains ``summary_contains``; with ``field_id`` only writes that touch that field.
    """

    message: str
    issue_id: int | None = None
    summary_contains: str | None = None
    field_id: str | None = None


@dataclass(slots=True, kw_only=True)
class Settings:
    """What an administrator of the instance, or Atlassian, can change.

    ``wiki_dialect`` is how Cloud writes its documents as wiki text: another number is another
    rendering of the same document, without any edit or history.
    """

    title: str = "Jira"
    time_zone: str = "UTC"
    text_limit: int = 32_767
    upload_limit: int = 10 * 1024 * 1024
    attachments_enabled: bool = True
    search_maximum: int = 1000
    captcha_after: int = 3
    basic_login: bool = True
    wiki_dialect: int = 0
    body_limit: int = 5_242_880


@dataclass(slots=True, kw_only=True)
class World:
    """State of one pretend Jira. Changes of issues go through ``put`` and ``forget``."""

    flavour: Flavour = Flavour.DATA_CENTER
    clock: Clock = field(default_factory=Clock)
    settings: Settings = field(default_factory=Settings)
    sequences: Sequences = field(default_factory=Sequences)
    users: dict[str, User] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    issue_types: dict[str, IssueType] = field(default_factory=dict)
    priorities: dict[str, Priority] = field(default_factory=dict)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=lambda: {f.id: f for f in SYSTEM_FIELDS})
    contexts: dict[str, tuple[FieldContext, ...]] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    indexed_properties: dict[tuple[str, str], str] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    issue_keys: dict[str, int] = field(default_factory=dict)
    children: dict[str, set[int]] = field(default_factory=dict)
    comment_issues: dict[int, int] = field(default_factory=dict)
    attachment_issues: dict[int, int] = field(default_factory=dict)
    blobs: dict[int, bytes] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    failed_logins: dict[str, int] = field(default_factory=dict)
    watchers: list[Watcher] = field(default_factory=list)
    observers: list[Observer] = field(default_factory=list)

    def put(self, issue: Issue, now: datetime, actor: str | None = None) -> None:
        """Store a new state of an issue and tell the watchers and observers."""
        before = self.issues.get(issue.id)
        self.issues[issue.id] = issue
        self.issue_keys[issue.key] = issue.id
        parent = issue.values.get("parent")
        if isinstance(parent, str):
            self.children.setdefault(parent, set()).add(issue.id)
        for watcher in self.watchers:
            watcher.note(issue.id, issue, now)
        for observer in self.observers:
            observer.issue_changed(before, issue, actor)

    def forget(self, issue_id: int) -> None:
        """Delete an issue with all that belongs to it; Jira keeps no tombstone."""
        issue = self.issues.pop(issue_id)
        for watcher in self.watchers:
            watcher.forget(issue_id, self.clock())
        self.issue_keys = {k: i for k, i in self.issue_keys.items() if i != issue_id}
        for comment in issue.comments:
            self.comment_issues.pop(comment.id, None)
        for attachment in issue.attachments:
            self.attachment_issues.pop(attachment.id, None)
            self.blobs.pop(attachment.id, None)

    def find_issue(self, id_or_key: str) -> Issue | None:
        """An issue by id, present key, or a key it had before a move or rename."""
        if id_or_key.isdecimal():
            return self.issues.get(int(id_or_key))
        issue_id = self.issue_keys.get(id_or_key.upper())
        return None if issue_id is None else self.issues.get(issue_id)

    def find_project(self, id_or_key: str) -> Project | None:
        """A project by id, key or former key."""
        if id_or_key in self.projects:
            return self.projects[id_or_key]
        wanted = id_or_key.upper()
        for project in self.projects.values():
            if wanted == project.key or wanted in project.former_keys:
                return project
        return None

    def find_user(self, text: str) -> User | None:
        """A user by key, name or account id (names are compared without case)."""
        if text in self.users:
            return self.users[text]
        folded = text.casefold()
        for user in self.users.values():
            if user.account_id == text or user.name.casefold() == folded:
                return user
        return None

    def children_of(self, parent_id: str) -> list[Issue]:
        """The sub-tasks of an issue, oldest first."""
        found = (self.issues.get(child) for child in sorted(self.children.get(parent_id, ())))
        return [child for child in found if child is not None]

    def contexts_of(self, field_id: str, project_id: str, type_id: str) -> FieldContext | None:
        """The context by which a custom field exists for this project and issue type."""
        covering = (c for c in self.contexts.get(field_id, ()) if c.covers(project_id, type_id))
        return next(covering, None)

    def options_of(self, field_id: str) -> Iterator[Option]:
        """Every option of a field, children included, whatever the context."""
        for context in self.contexts.get(field_id, ()):
            for option in context.options:
                yield option
                yield from option.children

    def find_option(self, field_id: str, option_id: str) -> Option | None:
        """An option of a field by its id."""
        return next((o for o in self.options_of(field_id) if o.id == option_id), None)

    def workflow_of(self, issue: Issue) -> Workflow:
        """The workflow that the issue's project uses for its type."""
        return self.workflows[self.projects[issue.project_id].workflows[issue.type_id]]
