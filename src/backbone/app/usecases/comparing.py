"""Whether two paired issues are equal under their mappings, pure, and why a field differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.keys import IssueRef, MappingId
from backbone.core.model.pair import BaselineState, MirrorState, Pair, comment_of_partner, file_of_partner
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.values import fingerprint, show
from backbone.core.sync.agreeing import agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One half of a pair with its issue as it is now. ``waiting`` counts messages not applied here yet."""

    half: HalfConfiguration
    pair: Pair
    snapshot: IssueSnapshot
    waiting: int
    causes: Mapping[MappingId | None, str]

    @property
    def issue(self) -> IssueRef:
        return self.snapshot.ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field, comment or attachment that is not the same on both sides. ``what`` is how the first side calls it."""

    first: IssueRef | None
    second: IssueRef | None
    what: str
    at_first: str
    at_second: str
    why: str


def differences(first: Side, second: Side) -> Iterator[Difference]:
    """Everything that differs although the mappings say that it should not."""
    there = {one.alias: one for one in second.half.mappings_for(second.snapshot.type)}
    for mapping in first.half.mappings_for(first.snapshot.type):
        other = there.get(mapping.alias)
        here_value = first.snapshot.values.get(mapping.field)
        there_value = second.snapshot.values.get(other.field) if other else None
        if other is None or here_value is None or there_value is None:
            continue
        if not agree(mapping, here_value, other, there_value):
            yield Difference(
                first=first.issue,
                second=second.issue,
                what=mapping.name,
                at_first=show(here_value),
                at_second=show(there_value),
                why=_why(first, mapping, second, other),
            )
    yield from _unmirrored(first, second, outwards=True)
    yield from _unmirrored(second, first, outwards=False)


def _why(first: Side, here: FieldMapping, second: Side, there: FieldMapping) -> str:
    """The reason that is nearest to what a person can do about it."""
    both = ((first, here), (second, there))
    for side, mapping in both:
        cause = side.causes.get(mapping.id)
        if cause:
            return cause
        if side.pair.parked.get(mapping.id):
            return f"a value is parked in {side.half.connector}: see 'backbone problems'"
    for side in (first, second):
        if side.waiting:
            return f"{side.waiting} changes wait to be applied in {side.half.connector}"
    for side, mapping in both:
        base = side.pair.baselines.get(mapping.id)
        if base is None or base.state is BaselineState.UNKNOWN:
            return (
                "nothing was agreed on this field yet: it differed when the issues were paired or the field was mapped"
            )
    if _unseen(first) or _unseen(second):
        return "it was edited since the last look"
    if all(_as_agreed(side, mapping) for side, mapping in both):
        return (
            "nobody edited it since the configuration was changed, which sends nothing again: run 'backbone resync';"
            " if its mapping was not changed, report it"
        )
    return "no known reason: run 'backbone sync'; if it stays, report it"


def _unseen(side: Side) -> bool:
    seen = side.pair.info.last_change_seen
    return seen is None or side.snapshot.updated > seen


def _as_agreed(side: Side, mapping: FieldMapping) -> bool:
    """Whether the value is still what was agreed, maybe under another revision."""
    base = side.pair.baselines.get(mapping.id)
    value = side.snapshot.values.get(mapping.field)
    if side.half.revision == 1 or base is None or value is None:
        return False
    return base.state is BaselineState.AGREED and base.local == fingerprint(value)


def _unmirrored(side: Side, other: Side, *, outwards: bool) -> Iterator[Difference]:
    """Originals of one side without a copy on the other."""
    for what, text in (*_comments(side, other), *_files(side, other)):
        waiting = f"{other.waiting} changes wait to be applied in {other.half.connector}" if other.waiting else ""
        cause = other.causes.get(None, "") or waiting or "it was not looked at yet, or its copy was removed there"
        first, second = (side.issue, other.issue) if outwards else (other.issue, side.issue)
        here, there = (text, "(missing)") if outwards else ("(missing)", text)
        yield Difference(first=first, second=second, what=what, at_first=here, at_second=there, why=cause)


def _comments(side: Side, other: Side) -> Iterator[tuple[str, str]]:
    if not (side.half.comments.sends and other.half.comments.receives) or side.snapshot.comments is None:
        return
    copies = {one.id for one in other.snapshot.comments or ()}
    for comment in side.snapshot.comments:
        link = other.pair.comments.get(comment_of_partner(comment.id))
        if comment.own or comment.restricted:
            continue
        if link is None or link.state is not MirrorState.LIVE or link.mirror not in copies:
            author = comment.author.name if comment.author else "unknown"
            yield f"comment {comment.id}", f"by {author}"


def _files(side: Side, other: Side) -> Iterator[tuple[str, str]]:
    rules = side.half.files
    if not (rules.sends and other.half.files.receives) or side.snapshot.files is None:
        return
    copies = {one.id for one in other.snapshot.files or ()}
    for file in side.snapshot.files:
        if file.own or (rules.largest is not None and file.size > rules.largest):
            continue
        link = other.pair.files.get(file_of_partner(file.id))
        if link is None or link.state is not MirrorState.LIVE or link.mirror not in copies:
            yield f"attachment {file.id}", f"{file.name} ({file.size} bytes)"
