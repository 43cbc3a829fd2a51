"""What was to be said of a pair and was not sealed yet becomes as little as possible."""

from __future__ import annotations

from collections.abc import Iterable

from backbone.core.model.changes import Content, IssueAppeared, IssueChanged, IssueCreated
from backbone.core.protocol.sequence import coalesce


def merge_contents(said: Iterable[Content]) -> tuple[Content, ...]:
    """All that is said of one pair, oldest first, as at most two contents: that the issue was created, and the rest.

    The newest of each thing counts, comments and attachments stay apart, and an issue that appeared and changed since
    appears as it is now.
    """
    created: IssueCreated | None = None
    told: IssueAppeared | IssueChanged | None = None
    for content in said:
        match content:
            case IssueCreated():
                created = content
            case IssueAppeared() | IssueChanged():
                told = content if told is None else _joined(told, content)
    return tuple(one for one in (created, told) if one is not None)


def _joined(former: IssueAppeared | IssueChanged, newer: IssueAppeared | IssueChanged) -> IssueAppeared | IssueChanged:
    changes = coalesce([former.changes, newer.changes])
    if isinstance(newer, IssueAppeared):
        return IssueAppeared(issue=newer.issue, type_alias=newer.type_alias, changes=changes)
    if isinstance(former, IssueAppeared):
        return IssueAppeared(issue=newer.issue, type_alias=former.type_alias, changes=changes)
    return IssueChanged(issue=newer.issue, changes=changes)
