"""Changelog entries as JSON, in the shapes of both products."""

from __future__ import annotations

from backbone.simulator.rest.call import Body
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.issues import History, HistoryItem, Issue


def item_json(renderer: Renderer, item: HistoryItem) -> Body:
    """One changed field; only Cloud names it by id."""
    shown: Body = {"field": item.field, "fieldtype": "custom" if item.custom else "jira"}
    if renderer.traits.changelog_field_ids and item.field_id is not None:
        shown["fieldId"] = item.field_id
    return {**shown, "from": item.old, "fromString": item.old_text, "to": item.new, "toString": item.new_text}


def history_json(renderer: Renderer, history: History) -> Body:
    """One entry."""
    shown: Body = {"id": str(history.id)}
    author = renderer.history_user(history.author)
    if author is not None:
        shown["author"] = author
    shown["created"] = renderer.time(history.created)
    shown["items"] = [item_json(renderer, item) for item in history.items]
    if history.metadata:
        shown["historyMetadata"] = dict(history.metadata)
    return shown


def expanded_changelog(renderer: Renderer, issue: Issue, limit: int | None) -> Body:
    """``expand=changelog``: complete and oldest first on Data Center, the newest few on Cloud."""
    histories = list(issue.histories)
    if renderer.traits.changelog_newest_first:
        histories.reverse()
    total = len(histories)
    kept = histories if limit is None else histories[:limit]
    return {
        "startAt": 0,
        "maxResults": len(kept),
        "total": total,
        "histories": [history_json(renderer, history) for history in kept],
    }
