"""Comments as JSON."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from backbone.simulator.rest.call import Body
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.rest.values import text_json
from backbone.simulator.world.issues import Comment, Issue
from backbone.simulator.world.permissions import sees_comment

INTERNAL = "sd.public.comment"


def visible_comments(renderer: Renderer, issue: Issue) -> list[Comment]:
    """The comments that the caller may read, oldest first."""
    return [c for c in issue.comments if sees_comment(renderer.world, renderer.call.account, c)]


def _visibility_json(renderer: Renderer, comment: Comment) -> Body:
    if comment.visibility is None:
        return {}
    shown = {"type": comment.visibility.type, "value": comment.visibility.value}
    if renderer.cloud:
        shown["identifier"] = comment.visibility.value
    return {"visibility": shown}


def is_internal(comment: Comment) -> bool:
    """Whether the comment is internal in the sense of Jira Service Management."""
    marker = comment.properties.get(INTERNAL)
    return isinstance(marker, dict) and marker.get("internal") is True


def _is_told(renderer: Renderer, author: str | None) -> bool:
    """Data Center leaves out authors who are anonymous or deleted."""
    if author is None:
        return False
    return renderer.cloud or not renderer.world.users[author].deleted


def comment_json(renderer: Renderer, issue: Issue, comment: Comment, expand: Collection[str] = ()) -> Body:
    """One comment; ``author`` is absent for an anonymous one."""
    shown: Body = {"self": f"{renderer.rest}/issue/{issue.id}/comment/{comment.id}", "id": str(comment.id)}
    if _is_told(renderer, comment.author):
        shown["author"] = renderer.user(comment.author)
    shown["body"] = text_json(renderer, comment.body)
    if _is_told(renderer, comment.update_author):
        shown["updateAuthor"] = renderer.user(comment.update_author)
    shown["created"] = renderer.time(comment.created)
    shown["updated"] = renderer.time(comment.updated)
    shown |= _visibility_json(renderer, comment)
    if renderer.cloud:
        shown["jsdPublic"] = not is_internal(comment)
    if "renderedBody" in expand:
        shown["renderedBody"] = f"<p>{comment.body}</p>"
    if "properties" in expand:
        shown["properties"] = [{"key": key, "value": value} for key, value in comment.properties.items()]
    return shown


def embedded_comments(renderer: Renderer, issue: Issue, limit: int | None) -> Body:
    """The ``comment`` field: complete on Data Center, cut off on Cloud."""
    comments = visible_comments(renderer, issue)
    kept: Sequence[Comment] = comments if limit is None else comments[:limit]
    shown: Body = {
        "comments": [comment_json(renderer, issue, comment) for comment in kept],
        "maxResults": len(comments) if limit is None else limit,
        "total": len(comments),
        "startAt": 0,
    }
    if renderer.cloud:
        shown = {**shown, "self": f"{renderer.rest}/issue/{issue.id}/comment"}
    return shown
