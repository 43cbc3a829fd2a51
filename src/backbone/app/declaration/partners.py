"""What a file says of a side that is a partner's behind firewalls, and how far the master's word goes there."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.declaration.document import SynchronizationPart, SynchronizationType
from backbone.app.declaration.findings import KeyName, Path
from backbone.app.declaration.report import Report
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.exchange import Exchange, Ways
from backbone.core.model.keys import Role

UNPUBLISHED = (
    "nothing that the master published has come yet, so that no mapping is looked up",
    "Apply the file again when the status is UPDATE REQUIRED",
)


def within(half: HalfConfiguration, published: Exchange | None) -> HalfConfiguration:
    """The slave's half with no more comments and attachments than the master lets travel."""
    if published is None:
        return half
    comments, files = published.comments, published.files
    limits = [one for one in (half.files.largest, published.largest) if one is not None]
    return replace(
        half,
        comments=replace(
            half.comments, sends=half.comments.sends and comments.to_master, receives=_receives(half, comments)
        ),
        files=replace(
            half.files,
            sends=half.files.sends and files.to_master,
            receives=half.files.receives and files.to_slave,
            largest=min(limits, default=None),
        ),
    )


def _receives(half: HalfConfiguration, comments: Ways) -> bool:
    return half.comments.receives and comments.to_slave


def report_partners_things(part: SynchronizationPart, here: Role, path: Path, report: Report) -> None:
    """Report what the file says of the partner's Jira, which only the partner can look after."""
    theirs = here.partner.value
    queries, screens, fields = part.start_with.jql, part.status, part.correlation_field
    said = (
        (bool(queries and queries.model_dump().get(theirs) and not _same(part)), ("start_with", "jql", theirs)),
        (bool(screens and screens.screen_fields and screens.screen_fields.model_dump()[theirs]), (*_SCREENS, theirs)),
        (bool(fields and fields.model_dump().get(theirs)), ("correlation_field", theirs)),
    )
    for there, where in said:
        if there:
            cure = "Remove it: it belongs into the partner's own file"
            report.error((*path, *where), "is said of the partner's Jira, which is not known here", cure)
    if part.type is SynchronizationType.LOCAL:
        report.error((*path, KeyName("type")), "a partner behind firewalls is not in the same Jira", "Remove type:")


_SCREENS = ("status", "screen_fields")


def _same(part: SynchronizationPart) -> bool:
    """One JQL was written for whatever halves there are."""
    queries = part.start_with.jql
    return queries is not None and queries.first == queries.second
