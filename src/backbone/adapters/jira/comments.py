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
_WALKS = 5


class Comments:
    """All that is done with comments."""

    def __init__(self, session: JiraSession, knowledge: Knowledge) -> None:
        self._session = session
        self._knowledge = knowledge

    async def all(self, issue: IssueId, lane: Lane) -> tuple[CommentSnapshot, ...] | Unavailable:
        here = await self._knowledge.here()
        for _ in range(_WALKS):
            found = await self._walk(issue, here, lane)
            if isinstance(found, Unavailable):
                return found
            if found is not None:
                await self._complete_markers(found, here, lane)
                return _snapshots(found.values(), here.me)
        raise TransientError("the comments do not hold still")

    async def add(self, issue: IssueId, body: str, marker: Marker, lane: Lane) -> CommentSnapshot | Refusal:
        me = (await self._knowledge.here()).me  # before the write, since what fails behind it would have it repeated
        path = f"{API}/issue/{issue}/comment"
        answer = await self._session.write("POST", path, lane, comment_to_json(body, marker), due=True)
        written = _written(answer, me)
        return written if isinstance(written, Refusal) else replace(written, marker=marker, marker_known=True)

    async def edit(self, issue: IssueId, comment: CommentId, body: str, lane: Lane) -> CommentSnapshot | Refusal:
        """Two calls: an update that does not repeat the visibility may make a restricted comment public."""
        me = (await self._knowledge.here()).me
        path = f"{API}/issue/{issue}/comment/{comment}"
        before = await self._session.get(path, lane)
        if not before.ok:
            return refusal_of(before)
        visibility = before.decode(CommentJson).visibility
        changed = edited_comment_to_json(body, visibility)
        return _written(await self._session.write("PUT", path, lane, changed, due=True), me)

    async def remove(self, issue: IssueId, comment: CommentId, lane: Lane) -> Done | Refusal:
        answer = await self._session.write("DELETE", f"{API}/issue/{issue}/comment/{comment}", lane)
        return Done(at=answer.at) if answer.ok or answer.status == 404 else refusal_of(answer)

    async def _walk(self, issue: IssueId, here: Here, lane: Lane) -> dict[str, CommentJson] | Unavailable | None:
        """All pages; None where one does not begin with the last comment of the page before it.

        Then somebody removed a comment meanwhile, and another one, which moved up, would be taken for removed, too.
        """
        found: dict[str, CommentJson] = {}
        start, last = 0, None
        while True:
            params = {"startAt": str(start), "maxResults": str(here.flavour.comment_page), "expand": "properties"}
            answer = await self._session.get(f"{API}/issue/{issue}/comment", lane, params=params)
            if answer.status in (403, 404):
                return Unavailable(issue)
            page = required(answer).decode(CommentsJson)
            ids = [str(each.id) for each in page.comments]
            if last is not None and ids[:1] != [last]:
                return None
            found |= zip(ids, page.comments, strict=True)
            start += len(ids)
            if not ids or page.total is None or start >= page.total:
                return found
            last = ids[-1] if len(ids) > 1 else None
            start -= 1 if last is not None else 0

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


def _written(answer: Answer, me: Identity) -> CommentSnapshot | Refusal:
    if not answer.ok:
        return refusal_of(answer)
    try:
        return comment_from_json(answer.decode(CommentJson), me)
    except ValueError:
        raise OutcomeUnknown(f"{answer.name}: the answer is not a comment") from None


def _snapshots(found: Iterable[CommentJson], me: Identity) -> tuple[CommentSnapshot, ...]:
    try:
        return tuple(comment_from_json(each, me) for each in found)
    except ValueError:
        raise TransientError("a comment in the answer is not understood") from None
