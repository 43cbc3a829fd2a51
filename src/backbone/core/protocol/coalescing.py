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
    created: list[Content] = []
    told: list[IssueAppeared | IssueChanged] = []
    for content in said:
        if isinstance(content, IssueCreated):
            created = [content]
        else:
            told.append(content)
    return (*created, _merged(told)) if told else tuple(created)


def _merged(told: list[IssueAppeared | IssueChanged]) -> IssueAppeared | IssueChanged:
    changes = coalesce(one.changes for one in told)
    appeared = next((one for one in reversed(told) if isinstance(one, IssueAppeared)), None)
    if appeared is None:
        return IssueChanged(issue=told[-1].issue, changes=changes)
    return IssueAppeared(issue=told[-1].issue, type_alias=appeared.type_alias, changes=changes)
