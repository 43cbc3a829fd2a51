"""When two values of a pair count as the same."""

from __future__ import annotations

import pytest

from backbone.core.model.configuration import FieldMapping, ValueTable
from backbone.core.model.keys import FieldId, MappingId
from backbone.core.model.values import EMPTY, FieldKind, Option, Scalar, Value, labels
from backbone.core.sync.agreeing import agree

HIGH, MEDIUM, LOW = Option("1", "High"), Option("2", "Medium"), Option("3", "Low")
P1, P2 = Option("a", "P1"), Option("b", "P2")

MANY_TO_ONE = ValueTable(to_alias={"1": "x", "2": "y", "3": "y"}, from_alias={"x": HIGH, "y": MEDIUM})
ONE_TO_ONE = ValueTable(to_alias={"a": "x", "b": "y"}, from_alias={"x": P1, "y": P2})


def mapping(
    kind: FieldKind = FieldKind.TEXT, *, sends: bool = True, receives: bool = True, table: ValueTable | None = None
) -> FieldMapping:
    return FieldMapping(
        id=MappingId("m"),
        field=FieldId("f"),
        name="Field",
        alias="f",
        kind=kind,
        sends=sends,
        receives=receives,
        table=table,
    )


@pytest.mark.parametrize(("there", "same"), [(Scalar("text"), True), (Scalar("other"), False), (EMPTY, False)])
def test_texts_are_compared_as_they_are(there: Value, same: bool) -> None:
    assert agree(mapping(), Scalar("text"), mapping(), there) is same


@pytest.mark.parametrize(
    ("here", "there", "same"), [(HIGH, P1, True), (LOW, P2, True), (MEDIUM, P2, True), (LOW, P1, False)]
)
def test_several_values_may_stand_for_one(here: Option, there: Option, same: bool) -> None:
    """A table of many to one: whatever comes back as the same is the same."""
    first = mapping(FieldKind.OPTION, table=MANY_TO_ONE)
    second = mapping(FieldKind.OPTION, table=ONE_TO_ONE)

    assert agree(first, here, second, there) is same
    assert agree(second, there, first, here) is same


def test_a_value_that_cannot_be_shared_differs_from_nothing() -> None:
    """As long as the other side's value is not sent either."""
    first = mapping(FieldKind.OPTION, table=ValueTable(to_alias={"1": "x"}, from_alias={"x": HIGH}), receives=False)
    second = mapping(FieldKind.OPTION, table=ONE_TO_ONE, sends=False)

    assert agree(first, LOW, second, P1)
    assert not agree(first, HIGH, second, P2)


def test_one_way_only_what_is_sent_must_have_arrived() -> None:
    sender, receiver = mapping(FieldKind.LABELS, receives=False), mapping(FieldKind.LABELS, sends=False)

    assert agree(sender, labels("a"), receiver, labels("a", "of their own"))
    assert not agree(sender, labels("a", "b"), receiver, labels("a"))


def test_both_ways_sets_are_equal_and_empty_is_a_set() -> None:
    both = mapping(FieldKind.LABELS)

    assert agree(both, labels("a", "b"), both, labels("b", "a"))
    assert agree(both, EMPTY, both, labels())
    assert not agree(both, EMPTY, both, labels("a"))
