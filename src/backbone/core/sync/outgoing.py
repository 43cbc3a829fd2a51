"""What to tell the partner of an issue as it is now: the first of the two decisions.

Pure: an issue, what was agreed, a configuration and the time go in; the new memory and the changes to send come out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from backbone.core.mapping.discussion import MarkersNeeded, diff_comments
from backbone.core.mapping.files import diff_files
from backbone.core.mapping.values import show_shared
from backbone.core.model.changes import Changes, ElementChange, FieldChange
from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.keys import FieldId, MappingId, Millis
from backbone.core.model.pair import Baseline, BaselineState, Pair
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import Attempt, ElementStamp, FieldStamp, IssueStamps, Signer, Stamp
from backbone.core.model.values import Empty, Value
from backbone.core.sync.diff import FieldView, diff_field, untouched
from backbone.core.sync.history import (
    before_edits,
    edited_at,
    edited_since,
    option_named,
    reversed_by_somebody,
    seen_before_edit,
)
from backbone.core.sync.members import MembersView, after_attempt, as_members, diff_members, shared_by_id
from backbone.core.sync.notes import Note, What, shorten
from backbone.core.sync.retry import without_parked

LONG_AGO = 60_000
"""Milliseconds without a look after which ``updated`` is no longer taken for the time of a field's edit (rule 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything that one look at an issue decides on.

    ``gap`` is how long ago the issue's project was looked at before, in milliseconds.
    """

    half: HalfConfiguration
    pair: Pair
    stamps: IssueStamps
    snapshot: IssueSnapshot
    now: Millis
    gap: int = 0

    @property
    def signer(self) -> Signer:
        return Signer(role=self.half.role, origin=self.half.origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The decision can't be made without more: read the issue again with these parts."""

    history: bool = False
    comments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The new memory, and what the partner has to be told. ``removals`` counts removals and blanks (rule 21)."""

    pair: Pair
    stamps: IssueStamps
    changes: Changes
    notes: tuple[Note, ...] = ()
    removals: int = 0
    look_again: bool = False


def decide_outgoing(look: Look) -> Told | Needs:
    """Decide what the partner must be told of this issue."""
    told = decide_fields(look)
    return told if isinstance(told, Needs) else _discussion(look, told)


def doubtful(look: Look, told: Told) -> bool:
    """Whether it has to be confirmed by a read first: it may be older than what we know, or removes (rules 18, 21)."""
    return bool(told.changes) and (told.removals > 0 or _stale(look.snapshot, look.pair))


def _stale(snapshot: IssueSnapshot, pair: Pair) -> bool:
    """Whether the snapshot may be older than our last write or look."""
    seen = pair.info.last_change_seen
    return (pair.written is not None and snapshot.updated <= pair.written) or (
        seen is not None and snapshot.updated < seen
    )


def pair_after(look: Look, told: Told) -> Pair:
    """The pair once this is told: it knows the issue as it was seen (rule 20)."""
    issue, seen = look.snapshot.ref, look.snapshot.updated
    return replace(told.pair, local=issue, info=replace(told.pair.info, last_change_seen=seen))


def decide_fields(look: Look) -> Told | Needs:
    """The part about fields alone: before the merge of an incoming message (rule 4)."""
    told = _fields(look)
    return Needs(history=True) if _blind(look, told) else told


def _blind(look: Look, told: Told) -> bool:
    """Whether the history must be read first: an attempt is open, or ``updated`` says too little of the edit."""
    if look.snapshot.history is not None:
        return False
    open_attempt = any(one.fields or one.elements for one in look.stamps.attempts.values())
    return open_attempt or (look.gap > LONG_AGO and bool(told.changes)) or _edited_since_birth(look)


def _edited_since_birth(look: Look) -> bool:
    """Whether a field that we left to Jira's defaults may have been edited before we ever saw it (rule 6).

    A field that the answer does not have is not looked at now, and one that is not sent has nothing to tell.
    """
    if look.snapshot.updated - look.snapshot.created <= 1_000:
        return False
    return any(
        _never_seen(look.pair.agreed_of(mapping.id))
        for mapping in look.half.mappings_for(look.snapshot.type)
        if mapping.sends and mapping.field in look.snapshot.values
    )


def _never_seen(base: Baseline) -> bool:
    return base.state is BaselineState.OBSERVED and base.local is None and base.members is None


def view_field(look: Look, mapping: FieldMapping, value: Value) -> FieldView:
    """What is known of a single-valued field at this look."""
    base = look.pair.agreed_of(mapping.id)
    attempts = look.stamps.attempts_at(mapping.field)
    renders = look.half.renders and mapping.kind.rendered and look.snapshot.history is not None
    foreign = edited_since(look.snapshot, mapping.field, base.at)
    return FieldView(
        mapping=mapping,
        value=value,
        base=base,
        known=look.stamps.fields.get(mapping.field),
        attempted=tuple(value for one in attempts for value in one.fields.get(mapping.field, ())),
        edited=min(edited_at(look.snapshot, mapping.field), look.now),
        updated=look.snapshot.updated,
        after=_seen_before_edit(look.snapshot, mapping.field, attempts),
        silent=renders and not foreign,
        foreign=foreign,
    )


def _seen_before_edit(snapshot: IssueSnapshot, field_id: FieldId, attempts: Sequence[Attempt]) -> Stamp | None:
    """The newest of our attempted writes that somebody edited after having seen it."""
    found = [seen_before_edit(snapshot, field_id, one.fields.get(field_id, ()), one.since or 0) for one in attempts]
    return max((stamp for stamp in found if stamp is not None), default=None)


def view_members(look: Look, mapping: FieldMapping, value: Value) -> MembersView:
    """What is known of a multi-value at this look."""
    attempts = [(one, one.elements.get(mapping.field, {})) for one in look.stamps.attempts_at(mapping.field)]
    view = MembersView(
        mapping=mapping,
        value=as_members(value),
        base=_as_born(look, mapping),
        known=look.stamps.elements.get(mapping.field, {}),
        attempted=_newest([elements for _, elements in attempts]),
        edited=min(edited_at(look.snapshot, mapping.field), look.now),
        updated=look.snapshot.updated,
    )
    for attempt, elements in attempts:
        for ident, attempted in elements.items():
            if _reversed(look, view, ident, attempted, attempt.since or 0):
                view = after_attempt(view, option_named(look.snapshot, mapping.field, ident), attempted)
    return view


def _newest(attempted: Sequence[Mapping[str, ElementStamp]]) -> Mapping[str, ElementStamp]:
    """What was attempted last of each element."""
    found: dict[str, ElementStamp] = {}
    for elements in attempted:
        for ident, one in elements.items():
            found[ident] = max(one, found.get(ident, one), key=lambda each: each.stamp)
    return found


def _as_born(look: Look, mapping: FieldMapping) -> Baseline:
    """What was agreed of a multi-value; of one left to Jira's defaults, what it held before anybody edited it (rule 6)."""
    base = look.pair.agreed_of(mapping.id)
    if base.state is not BaselineState.OBSERVED or base.members is not None:
        return base
    born = before_edits(look.snapshot, mapping.field)
    return base if born is None else replace(base, members=shared_by_id(mapping, as_members(born)))


def _reversed(look: Look, view: MembersView, ident: str, attempted: ElementStamp, since: int) -> bool:
    """Whether our attempted write of an element was carried out and then reversed by somebody."""
    if any(option.id == ident for option in view.value.options) == attempted.present:
        return False
    return reversed_by_somebody(look.snapshot, view.mapping.field, ident, present=attempted.present, since=since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growing:
    """What is remembered of the fields while they are decided on: the very mappings that the look holds."""

    baselines: dict[MappingId, Baseline]
    fields: dict[FieldId, FieldStamp]
    elements: dict[FieldId, Mapping[str, ElementStamp]]


def growing(look: Look) -> tuple[Look, Growing]:
    """The look with mappings of its own, which may grow: to copy them at each field would take most of the time."""
    known = Growing(
        baselines=dict(look.pair.baselines), fields=dict(look.stamps.fields), elements=dict(look.stamps.elements)
    )
    pair = replace(look.pair, baselines=known.baselines)
    return replace(look, pair=pair, stamps=replace(look.stamps, fields=known.fields, elements=known.elements)), known


@dataclass(slots=True)
class _Tally:
    """What the fields looked at so far have brought."""

    look: Look
    known: Growing
    signer: Signer
    fields: list[FieldChange] = field(default_factory=list)
    elements: list[ElementChange] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    removals: int = 0

    def add(self, mapping: FieldMapping, value: Value) -> None:
        if mapping.kind.multi:
            self._add_members(mapping, value)
        else:
            self._add_field(mapping, value)

    def _add_field(self, mapping: FieldMapping, value: Value) -> None:
        base = self.look.pair.agreed_of(mapping.id)
        if not self.look.stamps.attempts_at(mapping.field) and untouched(mapping, value, base):
            self._remember(mapping, base)
            return
        diff = diff_field(view_field(self.look, mapping, value), self.signer)
        self._remember(mapping, diff.base)
        if diff.known is not None:
            self.known.fields[mapping.field] = diff.known
        if diff.change is not None:
            self.fields.append(diff.change)
            self.removals += isinstance(value, Empty)
            self._note(mapping, show_shared(diff.change.value))

    def _add_members(self, mapping: FieldMapping, value: Value) -> None:
        diff = diff_members(view_members(self.look, mapping, value), self.signer)
        self._remember(mapping, diff.base)
        self.known.elements[mapping.field] = diff.known
        for change in diff.changes:
            pair = without_parked(self.look.pair, mapping.id, change.element, change.stamp)
            self.look = replace(self.look, pair=pair)
            self.elements.append(change)
            self.removals += not change.present
            self._note(mapping, ("+" if change.present else "-") + change.element)

    def _remember(self, mapping: FieldMapping, base: Baseline) -> None:
        pair = self.look.pair
        if base.stamp is not None and mapping.id in pair.parked:
            pair = without_parked(pair, mapping.id, None, base.stamp)
            self.look = replace(self.look, pair=pair)
        self.known.baselines[mapping.id] = base

    def _note(self, mapping: FieldMapping, after: str) -> None:
        self.notes.append(Note(what=What.FIELD_SENT, mapping=mapping.id, after=shorten(after), because="edited here"))


def _fields(look: Look) -> Told:
    look, known = growing(look)
    tally = _Tally(look=look, known=known, signer=look.signer)
    for mapping in look.half.mappings_for(look.snapshot.type):
        value = look.snapshot.values.get(mapping.field)
        if value is not None:
            tally.add(mapping, value)
    return Told(
        pair=tally.look.pair,
        stamps=tally.look.stamps,
        changes=Changes(fields=tuple(tally.fields), elements=tuple(tally.elements)),
        notes=tuple(tally.notes),
        removals=tally.removals,
    )


def _discussion(look: Look, told: Told) -> Told | Needs:
    """Add comments and attachments to what is told of the fields."""
    rules, snapshot, pair = look.half, look.snapshot, told.pair
    if rules.comments.sends and snapshot.comments is None:
        return Needs(comments=True)
    comments = diff_comments(rules.comments, snapshot.comments or (), pair.comments)
    if isinstance(comments, MarkersNeeded):
        return Needs(comments=True)
    files = diff_files(rules.files, snapshot.files, pair.files) if snapshot.files is not None else None
    gone = sum(change.body is None for change in comments.changes)
    gone += sum(not change.present for change in files.changes) if files else 0
    return replace(
        told,
        pair=replace(pair, comments=comments.links, files=files.links if files else pair.files),
        changes=replace(told.changes, comments=comments.changes, files=files.changes if files else ()),
        notes=told.notes
        + tuple(Note(what=What.COMMENT_SENT, because=f"comment {one.original}") for one in comments.changes)
        + tuple(
            Note(what=What.FILE_SENT, because=f"attachment {one.original}") for one in (files.changes if files else ())
        ),
        removals=told.removals + gone,
        look_again=comments.look_again or bool(files and files.look_again),
    )
