"""Comments, attachments and properties of issues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backbone.simulator.world.editing import record, touch_silently
from backbone.simulator.world.issues import Attachment, Comment, HistoryItem, Issue, Visibility
from backbone.simulator.world.people import User
from backbone.simulator.world.state import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a person writes in a comment."""

    body: str
    visibility: Visibility | None = None
    properties: Mapping[str, object]


def add_comment(world: World, issue: Issue, actor: User, words: Words) -> Comment:
    """Append a comment; it moves ``updated`` but makes no changelog entry."""
    now = world.clock()
    comment = Comment(
        id=world.sequences.next("comment"),
        author=actor.key,
        update_author=actor.key,
        body=words.body,
        created=now,
        updated=now,
        visibility=words.visibility,
        properties=dict(words.properties),
    )
    world.comment_issues[comment.id] = issue.id
    record(world, replace(issue, comments=(*issue.comments, comment)), actor, ())
    return comment


def _swap(issue: Issue, comment: Comment) -> Issue:
    return replace(issue, comments=tuple(comment if c.id == comment.id else c for c in issue.comments))


def edit_comment(world: World, issue: Issue, actor: User, comment: Comment, words: Words) -> Comment:
    """Replace body and visibility (one that is not given becomes public) and merge properties."""
    changed = replace(
        comment,
        body=words.body,
        visibility=words.visibility,
        update_author=actor.key,
        updated=world.clock(),
        properties={**comment.properties, **words.properties},
    )
    record(world, _swap(issue, changed), actor, ())
    return changed


def delete_comment(world: World, issue: Issue, actor: User, comment: Comment) -> Issue:
    """Remove a comment without a trace."""
    world.comment_issues.pop(comment.id, None)
    rest = tuple(c for c in issue.comments if c.id != comment.id)
    return record(world, replace(issue, comments=rest), actor, ())


def set_comment_properties(world: World, issue: Issue, comment: Comment, properties: Mapping[str, object]) -> None:
    """Replace the properties of a comment; nothing else moves."""
    touch_silently(world, _swap(issue, replace(comment, properties=dict(properties))))


def set_issue_properties(world: World, issue: Issue, properties: Mapping[str, object]) -> Issue:
    """Replace the properties of an issue; neither ``updated`` nor the changelog moves."""
    return touch_silently(world, replace(issue, properties=dict(properties)))


def _attachment_item(attachment: Attachment) -> HistoryItem:
    return HistoryItem(
        field="Attachment",
        field_id="attachment",
        custom=False,
        old=None,
        old_text=None,
        new=str(attachment.id),
        new_text=attachment.filename,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way in."""

    filename: str
    mime_type: str
    content: bytes


def add_attachment(world: World, issue: Issue, actor: User, upload: Upload) -> Attachment:
    """Add a file; the same name twice is two files."""
    attachment = Attachment(
        id=world.sequences.next("attachment"),
        author=actor.key,
        filename=upload.filename,
        size=len(upload.content),
        mime_type=upload.mime_type,
        created=world.clock(),
    )
    world.blobs[attachment.id] = upload.content
    world.attachment_issues[attachment.id] = issue.id
    added = replace(issue, attachments=(*issue.attachments, attachment))
    record(world, added, actor, (_attachment_item(attachment),))
    return attachment


def delete_attachment(world: World, issue: Issue, actor: User, attachment: Attachment) -> Issue:
    """Remove a file; its changelog item has only the old side."""
    world.blobs.pop(attachment.id, None)
    world.attachment_issues.pop(attachment.id, None)
    added = _attachment_item(attachment)
    item = replace(added, old=added.new, old_text=added.new_text, new=None, new_text=None)
    rest = tuple(a for a in issue.attachments if a.id != attachment.id)
    return record(world, replace(issue, attachments=rest), actor, (item,))
