"""What must be true of two projects when everything is quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from backbone.core.mapping.values import Unshareable, share, share_members
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import CommentId, ConnectionName, FieldId, IssueId, Role
from backbone.core.model.snapshot import CommentSnapshot
from backbone.core.model.values import Value
from backbone.core.sync.members import as_members
from tests.fakes.halves import NOTE, half
from tests.fakes.jira import FakeIssue
from tests.fakes.scene import A
from tests.fakes.world import World

Edits = Mapping[tuple[str, FieldId], Sequence[tuple[ConnectionName, Value]]]
"""Edits of people by issue and field, in their order, each with the project that it was made in."""

FIRST = {one.field: one for one in half("INT-1", "A-1", "A", Role.FIRST).fields}
SECOND = {one.field: one for one in half("INT-1", "B-1", "B", Role.SECOND).fields}


def pairs_of(world: World) -> list[tuple[FakeIssue, FakeIssue]]:
    """The issues that belong together, as the memory has it."""
    halves: dict[str, dict[str, FakeIssue]] = {}
    for (connector, uid), pair in world.store.tables.pairs.items():
        side = ConnectionName("A" if connector == "A-1" else "B")
        assert pair.local is not None, "every half has its issue"
        halves.setdefault(uid, {})[side] = world.jiras[side].issues[pair.local.id]
    return [(both["A"], both["B"]) for both in halves.values()]


def check_fields(first: FakeIssue, second: FakeIssue) -> None:
    """All values are equal under their mappings."""
    for field, mapping in FIRST.items():
        _check_field(mapping, SECOND[field], first, second)


def _check_field(mapping: FieldMapping, other: FieldMapping, first: FakeIssue, second: FakeIssue) -> None:
    one, two = first.values[mapping.field], second.values[mapping.field]
    if mapping.kind.multi:
        assert share_members(mapping, as_members(one)) == share_members(other, as_members(two)), mapping.field
        return
    if mapping.field == NOTE and edited_by_people(second, NOTE):
        return
    shared = share(mapping, one), share(other, two)
    if not any(isinstance(value, Unshareable) for value in shared):
        assert shared[0] == shared[1], mapping.field


def edited_by_people(issue: FakeIssue, field: FieldId) -> bool:
    """Whether a person edited the field there: one-way fields may differ then."""
    return any(item.field == field and not item.own for item in issue.history)


def check_comments(first: FakeIssue, second: FakeIssue, left: AbstractSet[CommentId]) -> None:
    """Each comment that may be seen by everybody has one mirror, and the others have none, but those that may be left."""
    for here, there in ((first, second), (second, first)):
        originals = [one for one in here.comments.values() if not one.own and not one.restricted]
        seen = {one.id for one in originals}
        mirrors = [one for one in there.comments.values() if one.own and not _is_left(one, left - seen)]
        assert sorted(one.id for one in originals) == sorted(
            one.marker.partner for one in mirrors if one.marker is not None
        ), "one mirror for each comment"
        for original in originals:
            mirror = next(one for one in mirrors if one.marker and one.marker.partner == original.id)
            assert mirror.body.endswith(f"\n{original.body}")


def _is_left(mirror: CommentSnapshot, left: AbstractSet[CommentId]) -> bool:
    return mirror.marker is not None and mirror.marker.partner in left


def check_files(first: FakeIssue, second: FakeIssue, left: Mapping[IssueId, int]) -> None:
    """Each attachment has one copy; at most so many copies of attachments of an issue may be left without theirs."""
    for here, there in ((first, second), (second, first)):
        originals = Counter(one.name for one, _ in here.files.values() if not one.own)
        copies = Counter(one.name for one, _ in there.files.values() if one.own)
        assert not originals - copies, "a copy for each attachment"
        assert (copies - originals).total() <= left.get(here.ref.id, 0), "one copy for each attachment"


def check_edits(edits: Edits, first: FakeIssue, second: FakeIssue) -> None:
    """A value is that of the last edit on one of the two sides: nothing was undone that nobody undid."""
    for field, mapping in FIRST.items():
        if mapping.kind.multi:
            _check_elements(field, edits, first, second)
        elif mapping.receives:
            _check_single(mapping, edits, first, second)


def _check_single(mapping: FieldMapping, edits: Edits, first: FakeIssue, second: FakeIssue) -> None:
    made = [edit for issue in (first, second) for edit in edits.get((issue.ref.id, mapping.field), [])]
    last = dict(made)
    wanted = [share(mapping if side == A else SECOND[mapping.field], value) for side, value in last.items()]
    wanted = [value for value in wanted if not isinstance(value, Unshareable)]
    now = share(mapping, first.values[mapping.field])
    if wanted and len(wanted) == len(last) and not isinstance(now, Unshareable):
        assert now in wanted, mapping.field


def _check_elements(field: FieldId, edits: Edits, first: FakeIssue, second: FakeIssue) -> None:
    """Where only one side edited an element, its last edit stands."""
    here, there = (edits.get((issue.ref.id, field), []) for issue in (first, second))
    if bool(here) == bool(there):
        return
    _, value = (here or there)[-1]
    wanted = {option.id for option in as_members(value).options}
    assert {option.id for option in as_members(first.values[field]).options} == wanted, field
