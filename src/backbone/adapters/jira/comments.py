"""Comments of issues: read with their markers, written, changed, removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backbone.adapters.jira.answers import Answer, refusal_of, required
from backbone.adapters.jira.codec.comments import (
    CommentJson,
    CommentsByIdJson,
    CommentsJson,
    comment_from_json,
    comment_to_json,
    edited_comment_to_json,
)
from backbone.adapters.jira.codec.people import Identity
from backbone.adapters.jira.flavour import API
from backbone.adapters.jira.knowledge import Here, Knowledge
from backbone.adapters.jira.session import JiraSession
from backbone.core.model.keys import CommentId, IssueId
from backbone.core.model.snapshot import CommentSnapshot, Marker
from backbone.ports.tracker import Done, Lane, OutcomeUnknown, Refusal, TransientError, Unavailable

_BY_ID = 1000


class Comments:
    """All that is done with comments."""

    def __init__(self, session: JiraSession, knowledge: Knowledge) -> None:
        self._session = session
        self._knowledge = knowledge

    async def all(self, issue: IssueId, lane: Lane) -> tuple[CommentSnapshot, ...] | Unavailable:
        here = await self._knowledge.here()
        found: dict[str, CommentJson] = {}
        start = 0
        while True:
            params = {"startAt": str(start), "maxResults": str(here.flavour.comment_page), "expand": "properties"}
            answer = await self._session.get(f"{API}/issue/{issue}/comment", lane, params=params)
            if answer.status in (403, 404):
                return Unavailable(issue)
            page = required(answer).decode(CommentsJson)
            found |= {str(each.id): each for each in page.comments}
            start += len(page.comments)
            if not page.comments or page.total is None or start >= page.total:
                break
        await self._complete_markers(found, here, lane)
        return _snapshots(found.values(), here.me)

    async def add(self, issue: IssueId, body: str, marker: Marker, lane: Lane) -> CommentSnapshot | Refusal:
        path = f"{API}/issue/{issue}/comment"
        answer = await self._session.write("POST", path, lane, comment_to_json(body, marker), due=True)
        written = await self._written(answer)
        return written if isinstance(written, Refusal) else replace(written, marker=marker, marker_known=True)

    async def edit(self, issue: IssueId, comment: CommentId, body: str, lane: Lane) -> CommentSnapshot | Refusal:
        """Two calls: an update that does not repeat the visibility may make a restricted comment public."""
        path = f"{API}/issue/{issue}/comment/{comment}"
        before = await self._session.get(path, lane)
        if not before.ok:
            return refusal_of(before)
        visibility = before.decode(CommentJson).visibility
        changed = edited_comment_to_json(body, visibility)
        return await self._written(await self._session.write("PUT", path, lane, changed, due=True))

    async def remove(self, issue: IssueId, comment: CommentId, lane: Lane) -> Done | Refusal:
        answer = await self._session.write("DELETE", f"{API}/issue/{issue}/comment/{comment}", lane)
        return Done(at=answer.at) if answer.ok or answer.status == 404 else refusal_of(answer)

    async def _complete_markers(self, found: dict[str, CommentJson], here: Here, lane: Lane) -> None:
        """Cloud documents properties of comments only where they are asked for by id."""
        path = here.flavour.comment_list
        if path is None:
            return
        bare = [int(each.id) for each in found.values() if each.properties is None and here.me.owns(each.author)]
        for start in range(0, len(bare), _BY_ID):
            ids = bare[start : start + _BY_ID]
            answer = await self._session.ask(path, lane, {"ids": ids}, params={"expand": "properties"})
            for each in required(answer).decode(CommentsByIdJson).values:
                found[str(each.id)] = each

    async def _written(self, answer: Answer) -> CommentSnapshot | Refusal:
        if not answer.ok:
            return refusal_of(answer)
        me = (await self._knowledge.here()).me
        try:
            return comment_from_json(answer.decode(CommentJson), me)
        except ValueError:
            raise OutcomeUnknown(f"{answer.name}: the answer is not a comment") from None


def _snapshots(found: Iterable[CommentJson], me: Identity) -> tuple[CommentSnapshot, ...]:
    try:
        return tuple(comment_from_json(each, me) for each in found)
    except ValueError:
        raise TransientError("a comment in the answer is not understood") from None
