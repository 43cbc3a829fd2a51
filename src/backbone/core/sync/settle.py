"""What the outcome of a write means for what we remember (rules 7, 9, 11 and 15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backbone.core.mapping.discussion import mirrored
from backbone.core.mapping.files import copied
from backbone.core.mapping.values import Unshareable, share
from backbone.core.model.changes import Changes, CommentChange, FieldChange, FileChange
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import CommentId, FileId, Millis
from backbone.core.model.pair import MirrorState, Pair, Parked, comment_of_partner, file_of_partner
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import FieldStamp, IssueStamps
from backbone.core.model.values import Fingerprint, fingerprint, show
from backbone.core.sync.diff import agreed
from backbone.core.sync.history import ReplacedEdit, own_item_after, replaced_edit, untouched_since
from backbone.core.sync.members import ElementWrite, settle_element
from backbone.core.sync.merge import Write
from backbone.core.sync.notes import Note, What, shorten
from backbone.core.sync.oscillation import with_recent, with_recent_element
from backbone.core.sync.outgoing import Look
from backbone.core.sync.retry import parked, without_parked


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The memory after writes, what became of edits that they replaced, and notes.

    Values of users that are newer than what we wrote over them are owed: parked to be written back, and ``answers``
    tell the partner of them.
    """

    pair: Pair
    stamps: IssueStamps
    answers: Changes = field(default_factory=Changes)
    notes: tuple[Note, ...] = ()


def settle_writes(look: Look, writes: Sequence[Write], at: Millis, after: IssueSnapshot | None, entry: int) -> Outcome:
    """Single values were written. ``after`` is the issue as it was right afterwards, if that is known."""
    outcome = Outcome(pair=replace(look.pair, written=at), stamps=look.stamps)
    for write in writes:
        outcome = _settle_write(replace(look, pair=outcome.pair, stamps=outcome.stamps), outcome, write, after, entry)
    return outcome


def _settle_write(look: Look, outcome: Outcome, write: Write, after: IssueSnapshot | None, entry: int) -> Outcome:
    outcome = _remember(look, outcome, write, _kept(write, after, entry), after)
    if after is None or write.before is None:
        return outcome
    lost = replaced_edit(after, write.mapping.field, entry, {fingerprint(write.before)})
    return outcome if lost is None else _overwritten(look, outcome, write, lost)


def _kept(write: Write, after: IssueSnapshot | None, entry: int) -> Fingerprint:
    """What Jira made of our write, as far as the history shows nobody but us since (rule 7)."""
    own = own_item_after(after, write.mapping.field, entry) if after is not None else None
    now = after.values.get(write.mapping.field) if after is not None else None
    if after is None or own is None or now is None or not untouched_since(after, own):
        return fingerprint(write.value)
    return fingerprint(now)


def _remember(look: Look, outcome: Outcome, write: Write, kept: Fingerprint, after: IssueSnapshot | None) -> Outcome:
    mapping, stamps, pair = write.mapping, outcome.stamps, outcome.pair
    at = after.updated if after is not None else look.snapshot.updated
    base = replace(agreed(write.value, write.change.value, write.change.stamp, at), local=kept)
    known = FieldStamp(value=kept, stamp=write.change.stamp)
    recent = with_recent(pair.recent.get(mapping.id, ()), fingerprint(write.value), look.now)
    before = show(write.before) if write.before is not None else ""
    note = Note(
        what=What.FIELD_WRITTEN,
        mapping=mapping.id,
        before=shorten(before),
        after=shorten(show(write.value)),
        because="told by the partner",
    )
    return replace(
        outcome,
        pair=replace(
            without_parked(pair, mapping.id, None, write.change.stamp),
            baselines={**pair.baselines, mapping.id: base},
            recent={**pair.recent, mapping.id: recent},
        ),
        stamps=replace(stamps, fields={**stamps.fields, mapping.field: known}),
        notes=(*outcome.notes, note),
    )


def _overwritten(look: Look, outcome: Outcome, write: Write, lost: ReplacedEdit) -> Outcome:
    """Our write replaced an edit that came after we had read the issue (rule 15): let the newer one win."""
    note = Note(
        what=What.OVERWRITE_NOTICED,
        mapping=write.mapping.id,
        before=shorten(show(lost.value)),
        after=shorten(show(write.value)),
        because="edited between our reading and writing",
    )
    outcome = replace(outcome, notes=(*outcome.notes, note))
    change = restoring(look, write.mapping, lost)
    if change is None or change.stamp < write.change.stamp:
        shared = share(write.mapping, lost.value)
        kept = None if isinstance(shared, Unshareable) else shared
        return replace(outcome, notes=(*outcome.notes, replace(note, what=What.VALUE_LOST, lost=kept)))
    owed = Parked(value=change.value, stamp=change.stamp, owed=True)
    return replace(
        outcome,
        pair=parked(outcome.pair, write.mapping.id, owed),
        answers=replace(outcome.answers, fields=(*outcome.answers.fields, change)),
    )


def restoring(look: Look, mapping: FieldMapping, lost: ReplacedEdit) -> FieldChange | None:
    """The edit that was written over as a change with a stamp of its own; None if it can't be shared."""
    shared = share(mapping, lost.value)
    if isinstance(shared, Unshareable) or not mapping.sends:
        return None
    base = look.pair.agreed_of(mapping.id)
    known = look.stamps.fields.get(mapping.field)
    stamp = look.signer.stamp(min(lost.at, look.now), base.stamp, known.stamp if known else None)
    return FieldChange(alias=mapping.alias, value=shared, stamp=stamp)


def settle_elements(look: Look, elements: Sequence[ElementWrite], at: Millis) -> Outcome:
    """Elements of multi-values were written."""
    pair, stamps, notes = replace(look.pair, written=at), look.stamps, []
    for element in elements:
        mapping = element.mapping
        settled = settle_element(
            pair.agreed_of(mapping.id),
            stamps.elements.get(mapping.field, {}),
            element.change,
            element.options,
        )
        name, present = element.change.element, element.change.present
        recent = with_recent_element(pair.recent.get(mapping.id, ()), name, look.now, present=present)
        pair = replace(
            pair,
            baselines={**pair.baselines, mapping.id: settled.base},
            recent={**pair.recent, mapping.id: recent},
        )
        pair = without_parked(pair, mapping.id, name, element.change.stamp)
        stamps = replace(stamps, elements={**stamps.elements, mapping.field: settled.known})
        shown = ("+" if present else "-") + name
        notes.append(Note(what=What.FIELD_WRITTEN, mapping=mapping.id, after=shown, because="told by the partner"))
    return Outcome(pair=pair, stamps=stamps, notes=tuple(notes))


def comment_written(pair: Pair, change: CommentChange, mirror: CommentId | None) -> Pair:
    """A mirror was written, or removed when the change says so."""
    held = {ident: one for ident, one in pair.held_comments.items() if ident != change.original}
    comments = {**pair.comments, comment_of_partner(change.original): mirrored(change, mirror)}
    return replace(pair, comments=comments, held_comments=held)


def comment_refused(pair: Pair, change: CommentChange) -> Pair:
    """Jira refused the mirror: what was told is kept to be tried again, unless something newer is held (rule 22)."""
    held = pair.held_comments.get(change.original)
    if held is not None and held.version > change.version:
        return pair
    return replace(pair, held_comments={**pair.held_comments, change.original: change})


def file_written(pair: Pair, change: FileChange, mirror: FileId | None, digest: str | None) -> Pair:
    """A copy was uploaded, or removed when the change says so; ``digest`` is of the bytes that passed us."""
    held = {ident: one for ident, one in pair.held_files.items() if ident != change.original}
    files = {**pair.files, file_of_partner(change.original): copied(change, mirror, digest)}
    return replace(pair, files=files, held_files=held)


def file_broken(pair: Pair, change: FileChange, stored: FileId) -> Pair:
    """Only a part of the copy was stored: it goes before the next one is uploaded, whoever does that."""
    link = replace(copied(change, stored, None), state=MirrorState.BROKEN)
    return replace(pair, files={**pair.files, file_of_partner(change.original): link})


def file_refused(pair: Pair, change: FileChange) -> Pair:
    """Jira refused the copy: what was told is kept to be tried again."""
    return replace(pair, held_files={**pair.held_files, change.original: change})


def applied(pair: Pair, seen: Millis, now: Millis) -> Pair:
    """The pair once what the partner told is written; ``seen`` is the issue's ``updated`` when it was looked at."""
    return replace(pair, info=replace(pair.info, last_incoming_change=now, last_change_seen=seen))
