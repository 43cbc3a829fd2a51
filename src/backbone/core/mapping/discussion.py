"""Comments (original and mirror): what to tell of them, and what to do about what was told.

A comment is written by a person on one side, its original; the other side holds a mirror that we wrote. Only
originals are told of. A mirror never travels back, and an original is never removed because its mirror vanished
(rule 21).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from string import Template

from backbone.core.model.actions import AddComment, EditComment, RemoveComment
from backbone.core.model.changes import CommentChange
from backbone.core.model.configuration import CommentRules
from backbone.core.model.keys import CommentId, IssueId, Millis
from backbone.core.model.pair import CommentLink, MirrorState
from backbone.core.model.snapshot import CommentSnapshot, Marker, Person
from backbone.core.model.values import Scalar, fingerprint

Links = Mapping[CommentId, CommentLink]

ANONYMOUS = "Somebody"
"""An author whom nobody knows, or whom the other side is not to know."""

PROOFS = 2
"""How many complete looks in a row must miss an original before its removal is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsDiff:
    """What a complete list of comments has to tell; ``look_again`` asks for a second look at a missing one."""

    links: Links
    changes: tuple[CommentChange, ...] = ()
    look_again: bool = False


@dataclass(frozen=True, slots=True)
class MarkersNeeded:
    """Our own account wrote comments that we do not know: their markers must be read first (rule 13)."""


def diff_comments(
    rules: CommentRules, comments: tuple[CommentSnapshot, ...], links: Links
) -> CommentsDiff | MarkersNeeded:
    """Compare the comments of an issue with those told before."""
    if not rules.sends:
        return CommentsDiff(links=links)
    mirrors = {link.mirror for link in links.values() if not link.ours}
    strangers = [one for one in comments if one.own and one.id not in links and one.id not in mirrors]
    if any(not one.marker_known for one in strangers):
        return MarkersNeeded()
    originals = [one for one in comments if not one.own and one.id not in mirrors]
    told, changes = dict(links), []
    for comment in originals:
        change = _diff_comment(rules, comment, links.get(comment.id))
        if change is not None:
            told[comment.id] = link_to(change)
            changes.append(change)
        elif comment.id in links and links[comment.id].missing:
            told[comment.id] = replace(links[comment.id], missing=0)
    return _with_missing(told, frozenset(one.id for one in originals), changes)


def _diff_comment(rules: CommentRules, comment: CommentSnapshot, link: CommentLink | None) -> CommentChange | None:
    if comment.restricted:
        return None if link is None or link.state is MirrorState.REMOVED else _removal(link)
    body = fingerprint(Scalar(comment.body))
    if link is not None and link.state is MirrorState.LIVE and link.body == body:
        return None
    version = comment.updated if link is None else max(comment.updated, link.version + 1)
    return CommentChange(
        original=comment.id,
        version=version,
        author=called(rules, comment.author),
        created=comment.created,
        body=comment.body,
    )


def called(rules: CommentRules, author: Person | None) -> str:
    """What the other side is told of an author: the alias, or the name where nothing hides it."""
    if author is None:
        return rules.anonymous or ANONYMOUS
    alias = rules.authors.get(author.name) or rules.authors.get(author.id)
    return alias or rules.anonymous or author.name


def _removal(link: CommentLink) -> CommentChange:
    return CommentChange(original=link.original, version=link.version + 1, author="", created=Millis(0), body=None)


def _with_missing(
    links: dict[CommentId, CommentLink], present: frozenset[CommentId], changes: list[CommentChange]
) -> CommentsDiff:
    """Originals that are not there: counted, and told as removed once that was seen twice."""
    again = False
    for ident, link in list(links.items()):
        if not link.ours or link.state is not MirrorState.LIVE or ident in present:
            continue
        if link.missing + 1 < PROOFS:
            links[ident] = replace(link, missing=link.missing + 1)
            again = True
        else:
            change = _removal(link)
            links[ident] = link_to(change)
            changes.append(change)
    return CommentsDiff(links=links, changes=tuple(changes), look_again=again)


def link_to(change: CommentChange) -> CommentLink:
    """The memory of an original of ours after it was told of."""
    return CommentLink(
        original=change.original,
        ours=True,
        version=change.version,
        body=fingerprint(Scalar(change.body or "")),
        state=MirrorState.REMOVED if change.body is None else MirrorState.LIVE,
    )


# --- incoming ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirroring:
    """What mirroring a comment needs to know: rules, the issue, its comments, and how to mark a new one."""

    rules: CommentRules
    issue: IssueId
    comments: tuple[CommentSnapshot, ...]
    marker: Marker


CommentAction = AddComment | EditComment | RemoveComment


def mirror_comment(
    mirroring: Mirroring, change: CommentChange, link: CommentLink | None
) -> CommentAction | CommentLink:
    """What to do about a comment that the partner told of; a link alone means there is nothing to do."""
    if link is not None and change.version <= link.version:
        return link
    mirror = _find_mirror(mirroring, change, link)
    if change.body is None:
        if mirror is None:
            return mirrored(change, None)
        return RemoveComment(issue=mirroring.issue, original=change.original, version=change.version, mirror=mirror.id)
    body = render(mirroring.rules.template, change)
    if mirror is None:
        marker = replace(mirroring.marker, partner=change.original)
        return AddComment(
            issue=mirroring.issue, original=change.original, version=change.version, body=body, marker=marker
        )
    if mirror.body == body:
        return mirrored(change, mirror.id)
    return EditComment(
        issue=mirroring.issue, original=change.original, version=change.version, mirror=mirror.id, body=body
    )


def _find_mirror(mirroring: Mirroring, change: CommentChange, link: CommentLink | None) -> CommentSnapshot | None:
    """The mirror by its id, else by its marker: it may have been created by an attempt that was cut short."""
    for comment in mirroring.comments:
        if link is not None and link.mirror == comment.id:
            return comment
        marker = comment.marker
        if marker is not None and comment.own and _same(marker, mirroring.marker, change.original):
            return comment
    return None


def _same(marker: Marker, ours: Marker, original: CommentId) -> bool:
    return (marker.installation, marker.synchronization, marker.partner) == (
        ours.installation,
        ours.synchronization,
        original,
    )


def mirrored(change: CommentChange, mirror: CommentId | None) -> CommentLink:
    """The memory of a mirror of ours after it was written or removed."""
    return CommentLink(
        original=change.original,
        ours=False,
        version=change.version,
        body=fingerprint(Scalar(change.body or "")),
        mirror=mirror,
        state=MirrorState.REMOVED if change.body is None else MirrorState.LIVE,
    )


class _Braces(Template):
    """``{name}`` instead of ``$name``, so that braces in a comment's own text are left alone."""

    delimiter = "{"
    pattern = r"(?P<escaped>(?!))|\{(?P<named>author|created|body)\}|(?P<braced>(?!))|(?P<invalid>(?!))"  # type: ignore[assignment]


def render(template: str, change: CommentChange) -> str:
    """The text of a mirror.

    >>> change = CommentChange(original=CommentId("1"), version=1, author="Ann", created=Millis(0), body="Hi {x}")
    >>> render("{author}: {body}", change)
    'Ann: Hi {x}'
    """
    created = datetime.fromtimestamp(change.created / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
    return _Braces(template).substitute(author=change.author, created=created, body=change.body or "")
