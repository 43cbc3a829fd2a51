"""What we are about to do to an issue is remembered before it is done, for each of its pairs (rules 11 and 12)."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from backbone.core.model.keys import CommentId, FieldId, FileId, PairUid
from backbone.core.model.snapshot import IssueSnapshot
from backbone.core.model.stamps import Attempt, Attempted, ElementStamp, IssueStamps, Stamp
from backbone.core.model.values import Fingerprint, fingerprint
from backbone.core.sync.history import own_item_after
from backbone.core.sync.members import ElementWrite
from backbone.core.sync.merge import Write


def adding_comment(original: CommentId) -> str:
    """The name of an addition whose outcome may become unknown."""
    return f"comment {original}"


def adding_file(original: FileId) -> str:
    """The same for an attachment."""
    return f"attachment {original}"


def record_attempt(
    stamps: IssueStamps, pair: PairUid, writes: Iterable[Write], elements: Iterable[ElementWrite], entry: int
) -> IssueStamps:
    """The stamps with all that is about to be written added to what was attempted before (rule 11).

    ``entry`` is the newest history entry that was read: it counts for an attempt that begins.
    """
    own = stamps.attempt_of(pair)
    fields: dict[FieldId, tuple[Attempted, ...]] = dict(own.fields)
    for write in writes:
        one = Attempted(value=fingerprint(write.value), stamp=write.change.stamp)
        fields[write.mapping.field] = _with(fields.get(write.mapping.field, ()), one)
    members = {key: dict(value) for key, value in own.elements.items()}
    for element in elements:
        for option in element.options:
            stamp = ElementStamp(present=element.change.present, stamp=element.change.stamp)
            members.setdefault(element.mapping.field, {})[option.id] = stamp
    since = entry if own.since is None else own.since
    return with_attempt(stamps, pair, replace(own, fields=fields, elements=members, since=since))


def attempt_on_the_way(stamps: IssueStamps, pair: PairUid, field_id: FieldId, value: Attempted) -> IssueStamps:
    """The same for an intermediate value, such as a status on the path to the wanted one."""
    own = stamps.attempt_of(pair)
    fields = {**own.fields, field_id: _with(own.fields.get(field_id, ()), value)}
    return with_attempt(stamps, pair, replace(own, fields=fields))


def _with(known: tuple[Attempted, ...], one: Attempted) -> tuple[Attempted, ...]:
    return known if one in known else (*known, one)


def attempted_before(
    snapshot: IssueSnapshot, field_id: FieldId, since: int, attempts: Iterable[Attempt], agreed: Stamp | None
) -> AbstractSet[Fingerprint] | None:
    """The values of the field that were ours when our newest write after the history entry ``since`` was made.

    What was recorded with a newer stamp came later: replacing it then would have been replacing somebody's edit. None
    if that write is agreed on already: what it replaced was looked at then.
    """
    values = [value for one in attempts for value in one.fields.get(field_id, ())]
    own = own_item_after(snapshot, field_id, since)
    written = fingerprint(own.after) if own is not None and own.after is not None else None
    newest = max((one.stamp for one in values if one.stamp is not None and one.value == written), default=None)
    if newest is not None and newest == agreed:
        return None
    return {one.value for one in values if one.stamp is None or newest is None or one.stamp <= newest}


def with_attempt(stamps: IssueStamps, pair: PairUid, attempt: Attempt) -> IssueStamps:
    """The stamps with this attempt of the pair beside those of others."""
    return replace(stamps, attempts={**stamps.attempts, pair: attempt})


def without_attempt(stamps: IssueStamps, pair: PairUid) -> IssueStamps:
    """Everything that was attempted for this pair is committed: forget it, and nothing of others."""
    left = {uid: one for uid, one in stamps.attempts.items() if uid != pair}
    return replace(stamps, attempts=left)


def attempts_only_of(stamps: IssueStamps, pairs: AbstractSet[PairUid]) -> IssueStamps:
    """Without the attempts of pairs that are no more: nobody will close them."""
    return replace(stamps, attempts={uid: one for uid, one in stamps.attempts.items() if uid in pairs})
