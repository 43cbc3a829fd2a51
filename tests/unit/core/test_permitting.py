"""What is sealed is decided once more, by the configuration as it is now."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.mapping.values import share
from backbone.core.model.changes import (
    Changes,
    CommentChange,
    ElementChange,
    FieldChange,
    FileChange,
    IssueChanged,
    MembersAsserted,
)
from backbone.core.model.configuration import CommentRules, FieldMapping, FileRules, HalfConfiguration, ValueTable
from backbone.core.model.keys import CommentId, FieldId, FileId, IssueId, IssueKey, IssueRef, MappingId, Millis, Role
from backbone.core.model.stamps import Stamp
from backbone.core.model.values import Cascade, FieldKind, Option
from backbone.core.protocol.permitting import still_sent
from tests.fakes.halves import half

STAMP = Stamp(number=1, role=Role.FIRST, origin="A")
REGION, TEAMS = MappingId("region"), MappingId("teams")
EUROPE, ROME = Option("1", "Europe"), Option("2", "Rome")


def _mapping(mapping: MappingId, kind: FieldKind, aliases: dict[str, str]) -> FieldMapping:
    table = ValueTable(to_alias=aliases, from_alias={})
    return FieldMapping(
        id=mapping,
        field=FieldId(mapping),
        name=mapping,
        alias=mapping,
        kind=kind,
        sends=True,
        receives=True,
        table=table,
    )


def _half(mapping: FieldMapping) -> HalfConfiguration:
    return replace(half("INT-1", "A-1", "A", Role.FIRST), fields=(mapping,))


def _left(changes: Changes, mapping: FieldMapping) -> Changes:
    issue = IssueRef(id=IssueId("1"), key=IssueKey("A-1"))
    left = still_sent(IssueChanged(issue=issue, changes=changes), _half(mapping))
    assert left is None or isinstance(left, IssueChanged)
    return Changes() if left is None else left.changes


def test_a_cascade_of_a_table_leaves_with_its_child() -> None:
    mapping = _mapping(REGION, FieldKind.CASCADE, {"1 / 2": "EU / South"})
    value = share(mapping, Cascade(EUROPE, ROME))
    assert isinstance(value, tuple)
    changes = Changes(fields=(FieldChange(alias=REGION, value=value, stamp=STAMP),))

    assert _left(changes, mapping) == changes
    assert not _left(changes, _mapping(REGION, FieldKind.CASCADE, {"1": "EU"}))


def test_an_element_that_the_table_no_longer_names_does_not_leave() -> None:
    north, south = (ElementChange(alias=TEAMS, element=name, present=True, stamp=STAMP) for name in ("N", "S"))
    mapping = _mapping(TEAMS, FieldKind.OPTIONS, {"1": "N"})

    assert _left(Changes(elements=(north, south)), mapping).elements == (north,)


def test_of_a_whole_set_only_what_the_table_names_leaves() -> None:
    whole = MembersAsserted(alias=TEAMS, elements=frozenset({"N", "S"}), stamp=STAMP)
    mapping = _mapping(TEAMS, FieldKind.OPTIONS, {"1": "N"})

    [left] = _left(Changes(members=(whole,)), mapping).members
    assert left.elements == {"N"}


def test_a_blank_leaves_by_every_table() -> None:
    blank = Changes(fields=(FieldChange(alias=REGION, value=(), stamp=STAMP),))

    assert _left(blank, _mapping(REGION, FieldKind.OPTION, {})) == blank


def test_comments_and_attachments_leave_only_while_they_are_sent() -> None:
    comment = CommentChange(original=CommentId("1"), version=1, author="", created=Millis(0), body="x")
    file = FileChange(original=FileId("1"), present=True, name="a", size=1, mime="")
    mapping = _mapping(TEAMS, FieldKind.OPTIONS, {})
    told = IssueChanged(
        issue=IssueRef(id=IssueId("1"), key=IssueKey("A-1")), changes=Changes(comments=(comment,), files=(file,))
    )

    neither = replace(_half(mapping), comments=CommentRules(receives=True), files=FileRules(receives=True))
    comments = replace(neither, comments=CommentRules(sends=True))
    files = replace(neither, files=FileRules(sends=True))

    assert still_sent(told, neither) is None
    assert still_sent(told, comments) == replace(told, changes=Changes(comments=(comment,)))
    assert still_sent(told, files) == replace(told, changes=Changes(files=(file,)))
