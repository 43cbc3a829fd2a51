"""What to do here about what the partner told: the second of the two decisions.

Unsent local edits come first (rule 4), then each change is merged by itself, and what has to be written becomes a
plan. Nothing is written here; :mod:`backbone.core.sync.settle` says what the outcome of each write means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from backbone.core.mapping.discussion import CommentAction, Mirroring, mirror_comment
from backbone.core.mapping.files import mirror_file
from backbone.core.mapping.values import Unknown, Unshareable, share, show_shared
from backbone.core.model.actions import AddComment, AddFile, RemoveFile
from backbone.core.model.changes import Changes, CommentChange, ElementChange, FieldChange, FileChange
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import CommentId, FileId, MappingId, Millis
from backbone.core.model.pair import Baseline, CommentLink, Pair, Parked, comment_of_partner, file_of_partner
from backbone.core.model.problems import Code, Problem
from backbone.core.model.snapshot import Marker
from backbone.core.model.stamps import FARTHEST_AHEAD, ElementStamp, IssueStamps, Stamp
from backbone.core.model.values import EMPTY, FieldKind, Shared, Value, fingerprint, show
from backbone.core.protocol.sequence import coalesce
from backbone.core.sync.attempts import adding_comment, adding_file, attempted_before
from backbone.core.sync.history import last_entry, replaced_edit
from backbone.core.sync.members import (
    ElementOlder,
    ElementSettled,
    ElementWrite,
    asserted_elements,
    merge_element,
    with_floor,
)
from backbone.core.sync.merge import Older, Settled, Write, merge_field
from backbone.core.sync.notes import Note, What, shorten
from backbone.core.sync.oscillation import element_sign, of_element, oscillates
from backbone.core.sync.outgoing import Look, Needs, decide_fields, view_field, view_members
from backbone.core.sync.retry import parked, without_parked
from backbone.core.sync.settle import restoring
from backbone.core.sync.trouble import fight, oscillation, trouble, unknown_value

__all__ = [
    "LATE_ANSWER",
    "Plan",
    "decide_incoming",
    "trouble",
]

RESYNC = "a resync of the partner"

LATE_ANSWER = 180_000
"""Milliseconds after which a request whose answer was lost can't be carried out any more.

The two minutes for which a whole call may take, and a minute.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be written, and the memory as it is before that.

    ``answers`` must be told to the partner together with saving ``pair`` and ``stamps``. Before ``not_before`` nothing
    may be done: an addition that was cut short may still be carried out (rule 12).
    """

    pair: Pair
    stamps: IssueStamps
    answers: Changes = field(default_factory=Changes)
    writes: tuple[Write, ...] = ()
    elements: tuple[ElementWrite, ...] = ()
    status: Write | None = None
    comments: tuple[CommentAction, ...] = ()
    files: tuple[AddFile | RemoveFile, ...] = ()
    told_comments: Mapping[CommentId, CommentChange] = field(default_factory=dict)
    told_files: Mapping[FileId, FileChange] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    entry: int = 0
    not_before: Millis | None = None

    @property
    def quiet(self) -> bool:
        """Whether nothing has to be written."""
        return not (self.writes or self.elements or self.status or self.comments or self.files)


def decide_incoming(look: Look, changes: Changes, marker: Marker) -> Plan | Needs:
    """Decide what to do about the partner's changes, given the issue as it is now."""
    told = decide_fields(look)
    if isinstance(told, Needs):
        return told
    if look.half.comments.receives and changes.comments and not _mirrors_known(look):
        return Needs(comments=True)
    before = look.pair.baselines
    look = replace(look, pair=told.pair, stamps=told.stamps)
    merging = _Merging(look=look, before=before, answers=told.changes, notes=list(told.notes))
    recovered = _written_over(look)
    merging.answers = replace(merging.answers, fields=(*merging.answers.fields, *recovered))
    asserted = merging.add_members(changes)
    changes = coalesce([changes, Changes(fields=recovered, elements=asserted)])
    for change in changes.fields:
        merging.add_field(change)
    for element in changes.elements:
        merging.add_element(element)
    _add_comments(merging, changes, marker)
    _add_files(merging, changes)
    return merging.plan()


def _mirrors_known(look: Look) -> bool:
    """Whether each comment of our own is known for what it is: one without a link may be the mirror of an attempt."""
    linked = {link.mirror for link in look.pair.comments.values()}
    comments = look.snapshot.comments
    return comments is not None and all(one.marker_known or not one.own or one.id in linked for one in comments)


def _written_over(look: Look) -> tuple[FieldChange, ...]:
    """Edits that a write of ours replaced before we died: the history has them (rules 11 and 15)."""
    if not look.stamps.attempts:
        return ()
    found = []
    for mapping in look.half.mappings_for(look.snapshot.type):
        attempts = look.stamps.attempts_at(mapping.field)
        base = look.pair.agreed_of(mapping.id)
        if not attempts or mapping.kind.multi or base.local is None:
            continue
        since = min(one.since or 0 for one in attempts)
        ours = attempted_before(look.snapshot, mapping.field, since, attempts, base.stamp)
        if ours is None:
            continue
        lost = replaced_edit(look.snapshot, mapping.field, since, {base.local, *ours})
        change = restoring(look, mapping, lost) if lost is not None else None
        found += [change] if change is not None else []
    return tuple(found)


@dataclass(slots=True)
class _Merging:
    """The plan while it grows, one change after the other."""

    look: Look
    answers: Changes
    notes: list[Note] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    elements: list[ElementWrite] = field(default_factory=list)
    status: Write | None = None
    comments: list[CommentAction] = field(default_factory=list)
    files: list[AddFile | RemoveFile] = field(default_factory=list)
    told_comments: dict[CommentId, CommentChange] = field(default_factory=dict)
    told_files: dict[FileId, FileChange] = field(default_factory=dict)
    not_before: Millis | None = None
    problems: list[Problem] = field(default_factory=list)
    asserted: set[tuple[str, Stamp]] = field(default_factory=set)
    before: Mapping[MappingId, Baseline] = field(default_factory=dict)

    def plan(self) -> Plan:
        return Plan(
            pair=self.look.pair,
            stamps=self.look.stamps,
            answers=self.answers,
            writes=tuple(self.writes),
            elements=tuple(self.elements),
            status=self.status,
            comments=tuple(self.comments),
            files=tuple(self.files),
            told_comments=self.told_comments,
            told_files=self.told_files,
            problems=tuple(self.problems),
            notes=tuple(self.notes),
            entry=last_entry(self.look.snapshot),
            not_before=self.not_before,
        )

    @property
    def adding(self) -> Mapping[str, Millis]:
        """What we were about to add for this pair, and when: its outcome is unknown."""
        return self.look.stamps.attempt_of(self.look.pair.uid).adding

    def wait_for(self, name: str) -> None:
        """An addition begun a moment ago has an unknown outcome: it may be carried out late."""
        begun = self.adding.get(name)
        if begun is not None and self.look.now < begun + LATE_ANSWER:
            self.not_before = Millis(max(self.not_before or 0, begun + LATE_ANSWER))

    def mapping_of(self, alias: str) -> FieldMapping | None:
        """The mapping that takes an alias for issues of this type; what is not mapped is not taken (rule 23)."""
        mappings = self.look.half.mappings_for(self.look.snapshot.type)
        return next((one for one in mappings if one.alias == alias and one.receives), None)

    # single values ---------------------------------------------------------------------------------------------------

    def add_field(self, change: FieldChange) -> None:
        mapping = self.mapping_of(change.alias)
        if mapping is None or mapping.kind.multi:
            return
        if self._from_the_future(mapping, change.stamp):
            self.park(mapping, Parked(value=change.value, stamp=change.stamp))
            return
        value = self.look.snapshot.values.get(mapping.field, EMPTY)
        readable = mapping.field in self.look.snapshot.values
        match merge_field(
            replace(view_field(self.look, mapping, value), drifted=self._drifted(mapping, value)), change
        ):
            case Settled(base=base, known=known):
                self._settle(mapping, base, change.stamp)
                fields = {**self.look.stamps.fields, mapping.field: known}
                self.look = replace(self.look, stamps=replace(self.look.stamps, fields=fields))
            case Older(base=base, answer=answer, lost=lost):
                self._settle(mapping, base, change.stamp)
                if answer is not None:
                    self.answers = replace(self.answers, fields=(*self.answers.fields, answer))
                if lost:
                    self._lost(mapping, show_shared(change.value), "a newer edit here", change.value)
            case Unknown(name=name):
                self.park(mapping, Parked(value=change.value, stamp=change.stamp))
                self.problems.append(unknown_value(self.look, mapping, name))
            case Write() as write:
                self._write(mapping, write if readable else replace(write, before=None))

    def _drifted(self, mapping: FieldMapping, value: Value) -> bool:
        return self.before.get(mapping.id, Baseline()).local != fingerprint(value)

    def _write(self, mapping: FieldMapping, write: Write) -> None:
        base = self.look.pair.agreed_of(mapping.id)
        if oscillates(self.look.pair.recent.get(mapping.id, ()), fingerprint(write.value), self.look.now):
            self.park(mapping, Parked(value=write.change.value, stamp=write.change.stamp))
            self.problems.append(oscillation(self.look, mapping, write))
            return
        asserted = write.change.asserts is not None and write.before != EMPTY
        if write.before is not None and (asserted or base.local not in (None, fingerprint(write.before))):
            shared = share(mapping, write.before)
            kept = None if isinstance(shared, Unshareable) else shared
            self._lost(mapping, show(write.before), RESYNC if asserted else "a newer edit at the partner", kept)
        if mapping.kind is FieldKind.STATUS:
            self.status = write
        else:
            self.writes.append(write)

    def _settle(self, mapping: FieldMapping, base: Baseline, stamp: Stamp) -> None:
        self.look = replace(self.look, pair=without_parked(self.look.pair, mapping.id, None, stamp))
        self._remember(mapping, base)

    def _remember(self, mapping: FieldMapping, base: Baseline) -> None:
        pair = self.look.pair
        self.look = replace(self.look, pair=replace(pair, baselines={**pair.baselines, mapping.id: base}))

    # multi-values ----------------------------------------------------------------------------------------------------

    def add_members(self, changes: Changes) -> tuple[ElementChange, ...]:
        """Remember that a resync names all elements; what it wants of each is to be merged with the other changes."""
        elements: list[ElementChange] = []
        for whole in changes.members:
            mapping = self.mapping_of(whole.alias)
            if mapping is None or not mapping.kind.multi:
                continue
            view = view_members(self.look, mapping, self.look.snapshot.values.get(mapping.field, EMPTY))
            elements += asserted_elements(view, whole)
            if whole.stamp.number <= self.look.now + FARTHEST_AHEAD:
                self.asserted.add((whole.alias, whole.stamp))
                self._remember(mapping, with_floor(view.base, whole.stamp))
        return tuple(elements)

    def add_element(self, change: ElementChange) -> None:
        mapping = self.mapping_of(change.alias)
        if mapping is None or not mapping.kind.multi:
            return
        held = Parked(value=(), stamp=change.stamp, element=change.element, present=change.present)
        if self._from_the_future(mapping, change.stamp):
            self.park(mapping, held)
            return
        value = self.look.snapshot.values.get(mapping.field, EMPTY)
        match merge_element(view_members(self.look, mapping, value), change):
            case ElementSettled(base=base, known=known):
                self._remember_members(mapping, base, known, change)
            case ElementOlder(base=base, answer=answer):
                self._remember_members(mapping, base, self.look.stamps.elements.get(mapping.field, {}), change)
                if answer is not None:
                    self.answers = replace(self.answers, elements=(*self.answers.elements, answer))
            case Unknown(name=name):
                self.park(mapping, held)
                self.problems.append(unknown_value(self.look, mapping, name))
            case ElementWrite() as write:
                self._write_element(mapping, write, held)

    def _write_element(self, mapping: FieldMapping, write: ElementWrite, held: Parked) -> None:
        recent = of_element(self.look.pair.recent.get(mapping.id, ()), write.change.element)
        if oscillates(recent, element_sign(write.change.element, present=held.present), self.look.now):
            self.park(mapping, held)
            self.problems.append(fight(self.look, mapping, write))
            return
        if not write.change.present and (write.change.alias, write.change.stamp) in self.asserted:
            self._lost(mapping, write.change.element, RESYNC, None)
        self.elements.append(write)

    def _remember_members(
        self, mapping: FieldMapping, base: Baseline, known: Mapping[str, ElementStamp], change: ElementChange
    ) -> None:
        pair = without_parked(self.look.pair, mapping.id, change.element, change.stamp)
        stamps = self.look.stamps
        self.look = replace(
            self.look,
            pair=replace(pair, baselines={**pair.baselines, mapping.id: base}),
            stamps=replace(stamps, elements={**stamps.elements, mapping.field: known}),
        )

    # trouble ---------------------------------------------------------------------------------------------------------

    def park(self, mapping: FieldMapping, held: Parked) -> None:
        self.look = replace(self.look, pair=parked(self.look.pair, mapping.id, held))
        self.notes.append(Note(what=What.FIELD_PARKED, mapping=mapping.id, after=shorten(show_shared(held.value))))

    def _from_the_future(self, mapping: FieldMapping, stamp: Stamp) -> bool:
        if stamp.number <= self.look.now + FARTHEST_AHEAD or self._admitted(mapping, stamp):
            return False
        self.problems.append(
            trouble(
                self.look,
                Code.STAMP_IN_FUTURE,
                "an edit of the partner lies more than ten minutes ahead of our clock",
                "Set the clocks of both Jiras and of this machine by NTP, then retry.",
                mapping=mapping.id,
            )
        )
        return True

    def _admitted(self, mapping: FieldMapping, stamp: Stamp) -> bool:
        """Whether a person said that this edit counts, or it is owed anyway."""
        return any(one.owed and one.stamp == stamp for one in self.look.pair.parked.get(mapping.id, ()))

    def _lost(self, mapping: FieldMapping, value: str, because: str, lost: Shared | None) -> None:
        note = Note(what=What.VALUE_LOST, mapping=mapping.id, before=shorten(value), because=because, lost=lost)
        self.notes.append(note)


def _add_comments(merging: _Merging, changes: Changes, marker: Marker) -> None:
    look = merging.look
    if not (look.half.comments.receives and changes.comments):
        return
    mirroring = Mirroring(
        rules=look.half.comments, issue=look.snapshot.ref.id, comments=look.snapshot.comments or (), marker=marker
    )
    links = dict(look.pair.comments)
    for change in changes.comments:
        known = links.get(comment_of_partner(change.original))
        done = mirror_comment(mirroring, change, known)
        if isinstance(done, AddComment) or (known is None and isinstance(done, CommentLink) and done.mirror is None):
            merging.wait_for(adding_comment(change.original))
        if isinstance(done, CommentLink):
            links[comment_of_partner(change.original)] = done
        else:
            merging.comments.append(done)
            merging.told_comments[change.original] = change
    merging.look = replace(look, pair=replace(look.pair, comments=links))


def _add_files(merging: _Merging, changes: Changes) -> None:
    look = merging.look
    if not (look.half.files.receives and changes.files):
        return
    links, files = dict(look.pair.files), look.snapshot.files or ()
    for change in sorted(changes.files, key=lambda one: one.present):  # what goes is no copy of what comes
        known, begun = links.get(file_of_partner(change.original)), adding_file(change.original) in merging.adding
        done = mirror_file(look.snapshot.ref.id, files, change, links, begun=begun)
        if isinstance(done, AddFile) or (known is None and not isinstance(done, RemoveFile) and done.mirror is None):
            merging.wait_for(adding_file(change.original))
        if isinstance(done, RemoveFile):
            files = tuple(one for one in files if one.id != done.mirror)
        if isinstance(done, AddFile | RemoveFile):
            merging.files.append(done)
            merging.told_files[change.original] = change
        else:
            links[file_of_partner(change.original)] = done
    merging.look = replace(look, pair=replace(look.pair, files=links))
