"""What of the partner's changes is still to be done, and whether that can be done without looking at the issue first."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.changes import Changes, ElementChange, FieldChange
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueRef, Millis
from backbone.core.model.pair import Baseline, Pair, comment_of_partner, file_of_partner
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import IssueStamps
from backbone.core.model.values import Option


def remaining(half: HalfConfiguration, pair: Pair, changes: Changes) -> Changes:
    """The changes without those that are agreed already, such as what an issue was created with, or mapped nowhere."""
    return replace(
        changes,
        fields=tuple(one for one in changes.fields if not _agreed(half, pair, one)),
        elements=tuple(one for one in changes.elements if not _element_agreed(half, pair, one)),
    )


def _agreed(half: HalfConfiguration, pair: Pair, change: FieldChange) -> bool:
    bases = _bases(half, pair, change.alias)
    return not bases or any(base.stamp == change.stamp for base in bases)


def _element_agreed(half: HalfConfiguration, pair: Pair, change: ElementChange) -> bool:
    bases = _bases(half, pair, change.alias)
    known = [base.elements.get(change.element) for base in bases]
    return not bases or any(one is not None and one.stamp == change.stamp for one in known)


def _bases(half: HalfConfiguration, pair: Pair, alias: str) -> list[Baseline]:
    """What is agreed of the mappings that take the alias; several where types of issues have their own."""
    return [pair.agreed_of(one.id) for one in half.fields if one.alias == alias and one.receives]


def only_additions(pair: Pair, stamps: IssueStamps, changes: Changes) -> bool:
    """Whether there is nothing but new comments and attachments, none of which was ever begun.

    Such need no look at the issue: no value is compared, and nothing of them can be there yet.
    """
    if changes.fields or changes.elements or changes.members:
        return False
    if stamps.attempts:
        return False
    comments = all(
        one.body is not None and comment_of_partner(one.original) not in pair.comments for one in changes.comments
    )
    files = all(one.present and file_of_partner(one.original) not in pair.files for one in changes.files)
    return comments and files


def unread(pair: Pair, half: HalfConfiguration, local: IssueRef, now: Millis) -> IssueSnapshot:
    """The issue of which nothing was read: no value, no list."""
    seen = pair.info.last_change_seen or now
    return IssueSnapshot(
        ref=local,
        project=half.project,
        type=Option("", ""),
        created=seen,
        updated=seen,
        read_at=now,
        comments=(),
        files=(),
    )
