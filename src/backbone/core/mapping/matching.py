"""Comments and attachments that existed on both sides before their issues were paired: known by content, never copied.

Of two that belong together one is taken for the original and the other one for its mirror: the mirror bears our mark,
or quotes the original under a line of its own, or was made by our account, or came later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backbone.core.model.keys import CommentId, FileId
from backbone.core.model.pair import CommentLink, FileLink, comment_of_partner, file_of_partner
from backbone.core.model.snapshot import CommentSnapshot, FileSnapshot
from backbone.core.model.values import Scalar, fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedComments:
    """The links of either side."""

    first: Mapping[CommentId, CommentLink]
    second: Mapping[CommentId, CommentLink]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedFiles:
    """The links of either side."""

    first: Mapping[FileId, FileLink]
    second: Mapping[FileId, FileLink]


def match_comments(first: Sequence[CommentSnapshot], second: Sequence[CommentSnapshot]) -> MatchedComments:
    """The comments that are the same on both sides, in the order of their creation; each is used once."""
    links: tuple[dict[CommentId, CommentLink], dict[CommentId, CommentLink]] = ({}, {})
    free = sorted(second, key=_age)
    for here in sorted(first, key=_age):
        there = next((one for one in free if _marked(here, one)), None)
        there = there or next((one for one in free if _same_text(here, one)), None)
        if there is None:
            continue
        free.remove(there)
        mirrored = _is_mirror(here, there)
        original, mirror = (there, here) if mirrored else (here, there)
        of_original, of_mirror = (links[1], links[0]) if mirrored else links
        body = fingerprint(Scalar(original.body))
        of_original[original.id] = CommentLink(original=original.id, ours=True, version=original.updated, body=body)
        of_mirror[comment_of_partner(original.id)] = CommentLink(
            original=original.id, ours=False, version=original.updated, body=body, mirror=mirror.id
        )
    return MatchedComments(first=links[0], second=links[1])


def _age(comment: CommentSnapshot) -> tuple[int, str]:
    return (comment.created, comment.id)


def _marked(here: CommentSnapshot, there: CommentSnapshot) -> bool:
    """Whether one bears our mark as the mirror of the other."""
    return _mirrors(here, there) or _mirrors(there, here)


def _mirrors(mirror: CommentSnapshot, original: CommentSnapshot) -> bool:
    return mirror.own and mirror.marker is not None and mirror.marker.partner == original.id


def _same_text(here: CommentSnapshot, there: CommentSnapshot) -> bool:
    one, other = _words(here), _words(there)
    return bool(one) and (one == other or _quotes(one, other) or _quotes(other, one))


def _words(comment: CommentSnapshot) -> tuple[str, ...]:
    """The lines without what Jira's editors change by themselves."""
    lines = (" ".join(line.split()) for line in comment.body.splitlines())
    return tuple(line for line in lines if line)


def _quotes(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    """Whether a text is another one under lines that tell whose it is."""
    return len(shorter) < len(longer) and longer[-len(shorter) :] == shorter


def _is_mirror(here: CommentSnapshot, there: CommentSnapshot) -> bool:
    """Whether the first of two that belong together is the mirror."""
    if _marked(here, there):
        return _mirrors(here, there)
    one, other = _words(here), _words(there)
    if len(one) != len(other):
        return len(one) > len(other)
    if here.own != there.own:
        return here.own
    return here.created > there.created


def match_files(first: Sequence[FileSnapshot], second: Sequence[FileSnapshot]) -> MatchedFiles:
    """The attachments of equal name and size, in the order of their creation; each is used once."""
    links: tuple[dict[FileId, FileLink], dict[FileId, FileLink]] = ({}, {})
    free = sorted(second, key=lambda one: (one.created, one.id))
    for here in sorted(first, key=lambda one: (one.created, one.id)):
        there = next((one for one in free if (one.name, one.size) == (here.name, here.size)), None)
        if there is None:
            continue
        free.remove(there)
        mirrored = here.own if here.own != there.own else here.created > there.created
        original, mirror = (there, here) if mirrored else (here, there)
        of_original, of_mirror = (links[1], links[0]) if mirrored else links
        of_original[original.id] = FileLink(original=original.id, ours=True, name=original.name, size=original.size)
        of_mirror[file_of_partner(original.id)] = FileLink(
            original=original.id, ours=False, name=original.name, size=original.size, mirror=mirror.id
        )
    return MatchedFiles(first=links[0], second=links[1])
