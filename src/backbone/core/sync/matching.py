"""Two existing issues become a pair (rule 6): what is equal counts as agreed, what differs is left to the start policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backbone.core.mapping.matching import match_comments, match_files
from backbone.core.mapping.values import Unshareable, share, share_element
from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.keys import MappingId
from backbone.core.model.pair import Baseline, BaselineState, CommentLink, FileLink, Pair, PairState
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import Scalar, Value, fingerprint, fingerprint_of_shared
from backbone.core.sync.agreeing import agree
from backbone.core.sync.members import as_members


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """One side of a pair that is to be compared: its half, what it remembers, and its issue with comments and files."""

    half: HalfConfiguration
    pair: Pair
    snapshot: IssueSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Both halves after they were compared."""

    first: Pair
    second: Pair


def match_issues(first: Met, second: Met) -> Matched:
    """Compare two issues, field by field, and find the comments and attachments that both have."""
    here: dict[MappingId, Baseline] = {}
    there: dict[MappingId, Baseline] = {}
    others = {one.alias: one for one in second.half.mappings_for(second.snapshot.type)}
    for mapping in first.half.mappings_for(first.snapshot.type):
        other = others.get(mapping.alias)
        ours = first.snapshot.values.get(mapping.field)
        theirs = second.snapshot.values.get(other.field) if other else None
        if other is None or ours is None or theirs is None:
            continue
        if agree(mapping, ours, other, theirs):
            here[mapping.id] = _agreed(mapping, ours, first.snapshot)
            there[other.id] = _agreed(other, theirs, second.snapshot)
    comments = match_comments(first.snapshot.comments or (), second.snapshot.comments or ())
    files = match_files(first.snapshot.files or (), second.snapshot.files or ())
    return Matched(
        first=replace(_linked(first, here), comments=comments.first, files=files.first),
        second=replace(_linked(second, there), comments=comments.second, files=files.second),
    )


def link_alone(side: Met) -> Pair:
    """One half where the other issue can't be read: nothing is agreed, and what was said before is not told again."""
    comments = {
        one.id: CommentLink(original=one.id, ours=True, version=one.updated, body=fingerprint(Scalar(one.body)))
        for one in side.snapshot.comments or ()
        if not one.own
    }
    files = {
        one.id: FileLink(original=one.id, ours=True, name=one.name, size=one.size)
        for one in side.snapshot.files or ()
        if not one.own
    }
    return replace(_linked(side, {}), comments=comments, files=files)


def _linked(side: Met, baselines: Mapping[MappingId, Baseline]) -> Pair:
    return replace(
        side.pair, state=PairState.LINKED, local=side.snapshot.ref, baselines=baselines, unshown=not _shown(side)
    )


def _shown(side: Met) -> bool:
    """Whether the correlation field need not be written."""
    field, remote = side.half.correlation_field, side.pair.remote
    if field is None or remote is None:
        return True
    return side.snapshot.values.get(field) == Scalar(remote.key)


def _agreed(mapping: FieldMapping, value: Value, snapshot: IssueSnapshot) -> Baseline:
    """Both sides know the value, and nobody has a stamp for it. What can't be shared is left to the first look."""
    if mapping.kind.multi:
        shared_as = {one.id: share_element(mapping, one) for one in as_members(value).options}
        members = {ident: alias for ident, alias in shared_as.items() if not isinstance(alias, Unshareable)}
        return Baseline(state=BaselineState.AGREED, members=members, at=snapshot.updated)
    shared = share(mapping, value)
    if isinstance(shared, Unshareable):
        return Baseline()
    return Baseline(
        state=BaselineState.AGREED,
        local=fingerprint(value),
        shared=fingerprint_of_shared(shared),
        at=snapshot.updated,
    )
