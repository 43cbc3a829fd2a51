"""Comments of issues."""

from __future__ import annotations

from aiohttp import web

from backbone.simulator.rest.access import demand, demand_room, demand_unarchived, fresh, get_issue
from backbone.simulator.rest.call import Body, Call, answer, no_content
from backbone.simulator.rest.comment_input import read_words
from backbone.simulator.rest.comment_json import comment_json, visible_comments
from backbone.simulator.rest.endpoints import both, only_cloud
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.field_meta import Place
from backbone.simulator.rest.inputs import Reader, Unacceptable
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.discussion import Words, add_comment, delete_comment, edit_comment
from backbone.simulator.world.issues import Comment, Issue
from backbone.simulator.world.permissions import may, sees_comment, sees_issue

LIST_LIMIT = 1000


def _page(call: Call) -> tuple[int, int | None]:
    cap = call.traits.comment_page
    asked = call.number("maxResults", cap if cap is not None else -1)
    if cap is not None:
        return max(call.number("startAt", 0), 0), min(max(asked, 0), cap)
    return max(call.number("startAt", 0), 0), asked if asked >= 0 else None


async def listed(call: Call) -> web.StreamResponse:
    """``GET issue/{id}/comment``: everything on Data Center without ``maxResults``, capped pages on Cloud."""
    issue = get_issue(call)
    renderer = Renderer(call)
    comments = visible_comments(renderer, issue)
    if call.query("orderBy") not in {"", "created", "+created", "-created"}:
        raise Refused(400, f"Invalid orderBy: {call.query('orderBy')}")
    if call.query("orderBy").startswith("-"):
        comments.reverse()
    start, size = _page(call)
    kept = comments[start:] if size is None else comments[start : start + size]
    expand = call.names("expand")
    return answer(
        {
            "startAt": start,
            "maxResults": size if size is not None else max(len(comments), 1),
            "total": len(comments),
            "comments": [comment_json(renderer, issue, comment, expand) for comment in kept],
        }
    )


def _comment(call: Call, issue: Issue) -> Comment:
    wanted = call.path("comment")
    found = issue.comment(int(wanted)) if wanted.isdecimal() else None
    if found is None or not sees_comment(call.world, call.account, found):
        raise Refused(404, f"Can not find a comment for the id: {wanted}.")
    return found


async def _words(call: Call, issue: Issue) -> Words:
    raw = await call.json()
    place = Place(project=call.world.projects[issue.project_id], type_id=issue.type_id)
    reader = Reader(world=call.world, traits=call.traits, place=place, adf=call.api == "3")
    try:
        return read_words(call, reader, raw)
    except Unacceptable as refusal:
        raise Refused(400, errors={"comment": refusal.text}) from None


async def create(call: Call) -> web.StreamResponse:
    """``POST issue/{id}/comment``."""
    issue = get_issue(call)
    demand_unarchived(issue)
    text = f"You do not have the permission to comment on this issue ({issue.key})."
    demand(call, "ADD_COMMENTS", issue, text, 400)
    words = await _words(call, issue)
    demand_room(len(issue.comments), 1, call.traits.comments_an_issue, "comments")
    await call.site.faults.before_write(call.request, "comment.create")
    comment = add_comment(call.world, fresh(call, issue), call.user, words)
    await call.site.faults.after_write(call.request, "comment.create")
    return answer(comment_json(Renderer(call), issue, comment, call.names("expand")), 201)


async def read(call: Call) -> web.StreamResponse:
    """``GET issue/{id}/comment/{id}``."""
    issue = get_issue(call)
    return answer(comment_json(Renderer(call), issue, _comment(call, issue), call.names("expand")))


def _guard(call: Call, issue: Issue, comment: Comment, verb: str) -> None:
    demand_unarchived(issue)
    project = call.world.projects[issue.project_id]
    own = comment.author == call.user.key and may(call.account, f"{verb}_OWN_COMMENTS", project, issue)
    if not own and not may(call.account, f"{verb}_ALL_COMMENTS", project, issue):
        text = f"You do not have permission to {verb.lower()} comment with id: {comment.id}."
        raise Refused(400, text)


async def edit(call: Call) -> web.StreamResponse:
    """``PUT issue/{id}/comment/{id}``: without ``visibility`` the comment becomes public."""
    issue = get_issue(call)
    comment = _comment(call, issue)
    _guard(call, issue, comment, "EDIT")
    words = await _words(call, issue)
    await call.site.faults.before_write(call.request, "comment.edit")
    changed = edit_comment(call.world, fresh(call, issue), call.user, comment, words)
    await call.site.faults.after_write(call.request, "comment.edit")
    return answer(comment_json(Renderer(call), issue, changed, call.names("expand")))


async def delete(call: Call) -> web.StreamResponse:
    """``DELETE issue/{id}/comment/{id}``."""
    issue = get_issue(call)
    comment = _comment(call, issue)
    _guard(call, issue, comment, "DELETE")
    await call.site.faults.before_write(call.request, "comment.delete")
    delete_comment(call.world, fresh(call, issue), call.user, comment)
    await call.site.faults.after_write(call.request, "comment.delete")
    return no_content()


def _by_id(call: Call, comment_id: object) -> tuple[Issue, Comment] | None:
    issue_id = call.world.comment_issues.get(comment_id) if isinstance(comment_id, int) else None
    issue = call.world.issues.get(issue_id) if issue_id is not None else None
    if issue is None or not sees_issue(call.world, call.account, issue):
        return None
    comment = issue.comment(comment_id) if isinstance(comment_id, int) else None
    if comment is None or not sees_comment(call.world, call.account, comment):
        return None
    return issue, comment


async def by_ids(call: Call) -> web.StreamResponse:
    """``POST comment/list`` of Cloud: invisible comments are simply missing."""
    body = await call.body(("ids",))
    ids = body.get("ids")
    if not isinstance(ids, list) or not ids or len(ids) > LIST_LIMIT:
        raise Refused(400, f"The number of ids must be between 1 and {LIST_LIMIT}.")
    renderer = Renderer(call)
    found = [pair for pair in (_by_id(call, comment_id) for comment_id in ids) if pair is not None]
    values: list[Body] = [comment_json(renderer, issue, comment, call.names("expand")) for issue, comment in found]
    page = {"startAt": 0, "maxResults": LIST_LIMIT, "total": len(values), "isLast": True, "values": values}
    return answer({"self": f"{renderer.rest}/comment/list", **page})


ENDPOINTS = (
    both("GET", "issue/{issue}/comment", listed, "expand maxResults orderBy startAt"),
    both("POST", "issue/{issue}/comment", create, "expand"),
    both("GET", "issue/{issue}/comment/{comment}", read, "expand"),
    both("PUT", "issue/{issue}/comment/{comment}", edit, "expand", "notifyUsers overrideEditableFlag"),
    both("DELETE", "issue/{issue}/comment/{comment}", delete),
    only_cloud("POST", "comment/list", by_ids, "expand"),
)
