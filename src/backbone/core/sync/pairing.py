"""How a pair comes to be: an issue appears on one side, its partner is created on the other (rules 6, 12 and 13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from backbone.core.mapping.discussion import MarkersNeeded, diff_comments
from backbone.core.mapping.files import diff_files
from backbone.core.mapping.values import Unknown, Unshareable, adopt, adopt_element, share
from backbone.core.model.actions import NewIssue
from backbone.core.model.changes import Changes, ElementChange, FieldChange, IssueAppeared
from backbone.core.model.configuration import (
    FieldMapping,
    HalfConfiguration,
    StartAll,
    StartJql,
    StartNew,
    StartSince,
    TypeMapping,
)
from backbone.core.model.keys import FieldId, IssueRef, MappingId, Millis, PairUid
from backbone.core.model.pair import NOTHING_AGREED, Baseline, BaselineState, Pair, PairState, Parked
from backbone.core.model.snapshot import IssueSnapshot, Marker
from backbone.core.model.stamps import ElementStamp, FieldStamp, IssueStamps
from backbone.core.model.values import (
    EMPTY,
    Empty,
    FieldKind,
    Members,
    Option,
    Scalar,
    Value,
    fingerprint,
)
from backbone.core.sync.diff import agreed, diff_field, observed
from backbone.core.sync.history import edited_since
from backbone.core.sync.members import diff_members, settle_element
from backbone.core.sync.notes import Note, What
from backbone.core.sync.outgoing import Growing, Look, Needs, growing, view_field, view_members
from backbone.core.sync.retry import parked


class Selection(Enum):
    """What becomes of an issue that has no partner."""

    SEND = auto()
    LEAVE = auto()
    ASK_MARKER = auto()
    ASK_START_JQL = auto()


def select(half: HalfConfiguration, snapshot: IssueSnapshot) -> Selection:
    """Whether an unpaired issue that matches the configured JQL is to be sent.

    What our own account made is never sent as new: its marker tells what it is (rule 13).
    """
    if half.sent_type(snapshot.type) is None or snapshot.project != half.project:
        return Selection.LEAVE
    if snapshot.own:
        return Selection.ASK_MARKER
    match half.start_with:
        case StartAll():
            return Selection.SEND
        case StartNew(since=since):
            return Selection.SEND if snapshot.created >= since else Selection.LEAVE
        case StartSince(since=since):
            return Selection.SEND if snapshot.updated >= since else Selection.LEAVE
        case StartJql(since=since):
            return Selection.SEND if snapshot.created >= since else Selection.ASK_START_JQL


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """A new pair, seen from the side that had the issue first."""

    pair: Pair
    stamps: IssueStamps
    content: IssueAppeared


def appear(look: Look, mapped: TypeMapping) -> Appearance | Needs:
    """Everything that the partner needs to create its issue; ``look.pair`` is fresh."""
    if look.half.comments.sends and look.snapshot.comments is None:
        return Needs(comments=True)
    comments = diff_comments(look.half.comments, look.snapshot.comments or (), {})
    if isinstance(comments, MarkersNeeded):
        return Needs(comments=True)
    files = diff_files(look.half.files, look.snapshot.files or (), {})
    look, fields, elements = _all_fields(look)
    changes = Changes(fields=fields, elements=elements, comments=comments.changes, files=files.changes)
    return Appearance(
        pair=replace(look.pair, comments=comments.links, files=files.links),
        stamps=look.stamps,
        content=IssueAppeared(issue=look.snapshot.ref, type_alias=mapped.alias, changes=changes),
    )


SENT_AS_NEW = Note(what=What.ISSUE_SENT, because="selected and not paired")


def pair_sent(look: Look, appearance: Appearance) -> Pair:
    """The pair once its issue is told as new: it knows the issue as it was seen."""
    info = replace(appearance.pair.info, first_sync_date=look.now, last_change_seen=look.snapshot.updated)
    return replace(appearance.pair, info=info)


def fresh_pair(half: HalfConfiguration, uid: PairUid, local: IssueRef) -> Pair:
    """The pair of an issue that has no partner yet."""
    return Pair(uid=uid, connector=half.connector, state=PairState.LINKED, born_here=True, local=local)


_UNSEEN = Baseline(state=BaselineState.OBSERVED)
_EMPTY_BEFORE = Baseline(state=BaselineState.OBSERVED, local=fingerprint(EMPTY))
_NO_MEMBERS = Baseline(state=BaselineState.AGREED, members={})


def _all_fields(look: Look) -> tuple[Look, tuple[FieldChange, ...], tuple[ElementChange, ...]]:
    """Every shareable value with a stamp, as if each had been edited; empty ones are only observed."""
    fields: list[FieldChange] = []
    elements: list[ElementChange] = []
    look, known = growing(look)
    for mapping in look.half.mappings_for(look.snapshot.type):
        value = look.snapshot.values.get(mapping.field)
        if value is None:
            continue
        if mapping.kind.multi:
            elements += _all_members(look, known, mapping, value)
        else:
            change = _whole_field(look, known, mapping, value)
            fields += [change] if change else []
    return look, tuple(fields), tuple(elements)


def _whole_field(look: Look, known: Growing, mapping: FieldMapping, value: Value) -> FieldChange | None:
    tells = mapping.sends and not isinstance(value, Empty) and not isinstance(share(mapping, value), Unshareable)
    if not tells and not edited_since(look.snapshot, mapping.field, None):
        known.baselines[mapping.id] = observed(mapping, value, NOTHING_AGREED, look.snapshot.updated)
        return None
    known.baselines[mapping.id] = _EMPTY_BEFORE if tells else _UNSEEN
    view = view_field(look, mapping, value)
    diff = diff_field(replace(view, silent=False) if view.silent else view, look.signer)
    known.baselines[mapping.id] = diff.base
    if diff.known is not None:
        known.fields[mapping.field] = diff.known
    return diff.change


def _all_members(look: Look, known: Growing, mapping: FieldMapping, value: Value) -> tuple[ElementChange, ...]:
    diff = diff_members(replace(view_members(look, mapping, value), base=_NO_MEMBERS), look.signer)
    known.elements[mapping.field] = diff.known
    known.baselines[mapping.id] = diff.base
    return diff.changes


# --- the other side ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """An issue to create and what its pair will remember once it exists.

    ``unknown`` names mapped values that have no counterpart here; they are parked.
    """

    issue: NewIssue
    pair: Pair
    stamps: IssueStamps
    unknown: tuple[tuple[FieldMapping, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TypeUnmapped:
    """The partner's issue type has no counterpart here."""

    alias: str


def give_birth(
    half: HalfConfiguration, pair: Pair, content: IssueAppeared, marker: Marker, without: frozenset[FieldId]
) -> Birth | TypeUnmapped:
    """The issue to create for what appeared at the partner; fields in ``without`` were refused and are left out."""
    mapped = half.received_type(content.type_alias)
    if mapped is None:
        return TypeUnmapped(content.type_alias)
    mappings = {one.alias: one for one in half.mappings_for(mapped.local) if one.receives}
    writer = _Newborn(pair, _unseen(half, mapped.local))
    for change in content.changes.fields:
        mapping = mappings.get(change.alias)
        if mapping is not None and mapping.kind is FieldKind.STATUS:
            writer.leave_for_later(mapping, change)
        elif mapping is not None and not mapping.kind.multi:
            writer.add_field(mapping, change, refused=mapping.field in without)
    for element in content.changes.elements:
        mapping = mappings.get(element.alias)
        if mapping is not None and mapping.kind.multi and element.present:
            writer.add_element(mapping, element, refused=mapping.field in without)
    shown = half.correlation_field
    if shown is not None and shown not in without:
        writer.values[shown] = Scalar(content.issue.key)
    elif shown is not None:
        writer.pair = replace(writer.pair, unshown=True)
    issue = NewIssue(project=half.project, type=mapped.local, values=writer.values, marker=marker)
    return Birth(issue=issue, pair=writer.pair, stamps=writer.stamps, unknown=tuple(writer.unknown))


def _unseen(half: HalfConfiguration, issue_type: Option) -> dict[MappingId, Baseline]:
    """Every mapped field starts as observed, so that Jira's defaults are not taken for edits (rule 6)."""
    return {one.id: _UNSEEN for one in half.mappings_for(issue_type)}


class _Newborn:
    """Values of the issue to be created, gathered field by field; the pair and the stamps grow in place."""

    def __init__(self, pair: Pair, baselines: dict[MappingId, Baseline]) -> None:
        self.baselines = baselines
        self.fields: dict[FieldId, FieldStamp] = {}
        self.elements: dict[FieldId, Mapping[str, ElementStamp]] = {}
        self.pair = replace(pair, baselines=baselines)
        self.stamps = IssueStamps(fields=self.fields, elements=self.elements)
        self.values: dict[FieldId, Value] = {}
        self.unknown: list[tuple[FieldMapping, str]] = []

    def leave_for_later(self, mapping: FieldMapping, change: FieldChange) -> None:
        """No issue can be created with it: whoever edits it before we do has seen the new issue (rule 1)."""
        self.baselines[mapping.id] = replace(_UNSEEN, floor=change.stamp)

    def add_field(self, mapping: FieldMapping, change: FieldChange, *, refused: bool) -> None:
        value = adopt(mapping, change.value)
        held = Parked(value=change.value, stamp=change.stamp)
        if refused or isinstance(value, Unknown):
            self._park(mapping, held, value)
            return
        self.values[mapping.field] = value
        self.baselines[mapping.id] = agreed(value, change.value, change.stamp, None)
        self.fields[mapping.field] = FieldStamp(value=fingerprint(value), stamp=change.stamp)

    def add_element(self, mapping: FieldMapping, change: ElementChange, *, refused: bool) -> None:
        option = adopt_element(mapping, change.element)
        held = Parked(value=(), stamp=change.stamp, element=change.element)
        if refused or isinstance(option, Unknown):
            self._park(mapping, held, option)
            return
        before = self.values.get(mapping.field)
        options = before.options if isinstance(before, Members) else frozenset()
        self.values[mapping.field] = Members(options | {option})
        known = self.elements.get(mapping.field, {})
        base = replace(self.baselines[mapping.id], members=self.baselines[mapping.id].members or {})
        settled = settle_element(base, known, change, frozenset({option}))
        self.baselines[mapping.id] = settled.base
        self.elements[mapping.field] = settled.known

    def _park(self, mapping: FieldMapping, held: Parked, value: Value | Option | Unknown) -> None:
        self.pair = parked(self.pair, mapping.id, held)
        if isinstance(value, Unknown):
            self.unknown.append((mapping, value.name))


def born(birth: Birth, ref: IssueRef, at: Millis) -> Pair:
    """The pair once its issue exists."""
    return replace(birth.pair, local=ref, state=PairState.LINKED, written=at)
