"""What happened, as the events of webhooks: derived from the state before and the state after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from backbone.simulator.world.issues import Attachment, Comment, History, Issue
from backbone.simulator.world.projects import Project


class Event(StrEnum):
    """The events that the simulator brings about, by their ``webhookEvent``."""

    ISSUE_CREATED = "jira:issue_created"
    ISSUE_UPDATED = "jira:issue_updated"
    ISSUE_DELETED = "jira:issue_deleted"
    COMMENT_CREATED = "comment_created"
    COMMENT_UPDATED = "comment_updated"
    COMMENT_DELETED = "comment_deleted"
    ATTACHMENT_CREATED = "attachment_created"
    ATTACHMENT_DELETED = "attachment_deleted"
    PROJECT_UPDATED = "project_updated"
    PROJECT_DELETED = "project_deleted"


SILENT_EVENTS = frozenset(
    "issuelink_created issuelink_deleted worklog_created worklog_updated worklog_deleted jira:worklog_updated "
    "issue_property_set issue_property_deleted project_created project_soft_deleted project_restored_deleted "
    "project_archived project_restored_archived user_created user_updated user_deleted "
    "jira:version_created jira:version_updated jira:version_deleted jira:version_released jira:version_unreleased "
    "jira:version_moved jira:version_merged sprint_created sprint_updated sprint_started sprint_closed sprint_deleted "
    "board_created board_updated board_deleted board_configuration_changed".split()
)
"""Events that can be asked for but never happen here."""

DYNAMIC_EVENTS = frozenset(
    {
        Event.ISSUE_CREATED,
        Event.ISSUE_UPDATED,
        Event.ISSUE_DELETED,
        Event.COMMENT_CREATED,
        Event.COMMENT_UPDATED,
        Event.COMMENT_DELETED,
    }
)
"""The events of the simulator that dynamic webhooks of Cloud may carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event.

    ``actor`` is a user key. ``kind`` is Jira's ``issue_event_type_name``. ``cascade`` says that it only
    follows from a greater one, such as the deletion of an issue, which Cloud delivers in its slower lane.
    """

    event: Event
    actor: str | None = None
    kind: str | None = None
    issue: Issue | None = None
    history: History | None = None
    comment: Comment | None = None
    attachment: Attachment | None = None
    project: Project | None = None
    cascade: bool = False


def _kind(history: History) -> str:
    """The type of an update; transitions of workflows without an event of their own are generic."""
    touched = {item.field for item in history.items}
    if "Key" in touched:
        return "issue_moved"
    if "status" in touched:
        return "issue_generic"
    return "issue_assigned" if touched == {"assignee"} else "issue_updated"


def _updates(before: Issue, after: Issue, actor: str | None) -> Iterator[Happening]:
    for history in after.histories[len(before.histories) :]:
        yield Happening(
            event=Event.ISSUE_UPDATED, actor=history.author or actor, kind=_kind(history), issue=after, history=history
        )


def _files(before: Issue, after: Issue, actor: str | None) -> Iterator[Happening]:
    known, kept = {a.id for a in before.attachments}, {a.id for a in after.attachments}
    for attachment in after.attachments:
        if attachment.id not in known:
            yield Happening(event=Event.ATTACHMENT_CREATED, actor=actor, issue=after, attachment=attachment)
    for attachment in before.attachments:
        if attachment.id not in kept:
            yield Happening(event=Event.ATTACHMENT_DELETED, actor=actor, issue=after, attachment=attachment)


def _said(before: Comment | None, after: Comment) -> tuple[Event, str] | None:
    if before is None:
        return Event.COMMENT_CREATED, "issue_commented"
    if (before.body, before.visibility, before.updated) != (after.body, after.visibility, after.updated):
        return Event.COMMENT_UPDATED, "issue_comment_edited"
    return None


def _twice(event: Event, kind: str, issue: Issue, comment: Comment, actor: str | None) -> Iterator[Happening]:
    """A comment is told twice: by its own event and as an update of the issue."""
    yield Happening(event=event, actor=actor, issue=issue, comment=comment)
    yield Happening(event=Event.ISSUE_UPDATED, kind=kind, actor=actor, issue=issue, comment=comment)


def _comments(before: Issue, after: Issue, actor: str | None) -> Iterator[Happening]:
    known = {comment.id: comment for comment in before.comments}
    for comment in after.comments:
        said = _said(known.pop(comment.id, None), comment)
        if said is not None:
            yield from _twice(*said, after, comment, actor)
    for comment in known.values():
        yield from _twice(Event.COMMENT_DELETED, "issue_comment_deleted", after, comment, actor)


def of_change(before: Issue | None, after: Issue, actor: str | None) -> list[Happening]:
    """The events of a new state of an issue; what does not move ``updated`` is none."""
    if before is None:
        return [Happening(event=Event.ISSUE_CREATED, kind="issue_created", actor=actor, issue=after)]
    return [*_updates(before, after, actor), *_files(before, after, actor), *_comments(before, after, actor)]


def of_deletion(issue: Issue, actor: str | None, *, tells_parts: bool) -> list[Happening]:
    """The events of a deleted issue; only Cloud tells its comments and files, as a cascade."""
    deleted = Happening(event=Event.ISSUE_DELETED, actor=actor, issue=issue)
    if not tells_parts:
        return [deleted]
    comments = [
        Happening(event=Event.COMMENT_DELETED, actor=actor, issue=issue, comment=comment, cascade=True)
        for comment in issue.comments
    ]
    files = [
        Happening(event=Event.ATTACHMENT_DELETED, actor=actor, issue=issue, attachment=attachment, cascade=True)
        for attachment in issue.attachments
    ]
    return [deleted, *comments, *files]


def of_project(before: Project, after: Project | None) -> list[Happening]:
    """The event of a renamed or deleted project."""
    if after is None:
        return [Happening(event=Event.PROJECT_DELETED, project=before)]
    return [Happening(event=Event.PROJECT_UPDATED, project=after)]
