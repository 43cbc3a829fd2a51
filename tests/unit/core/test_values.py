"""Values of every kind: between local and shared, shown and compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.mapping.values import UNSHAREABLE, Unknown, adopt, share, show_shared
from backbone.core.model.configuration import FieldMapping, ValueTable
from backbone.core.model.keys import FieldId, MappingId, Role
from backbone.core.model.values import (
    EMPTY,
    Cascade,
    FieldKind,
    Members,
    Option,
    Scalar,
    Value,
    fingerprint,
    labels,
    show,
)

EUROPE, PARIS = Option("10", "Europe"), Option("11", "Paris")
MAPPING = FieldMapping(
    id=MappingId("m"),
    field=FieldId("f"),
    name="Place",
    alias="place",
    kind=FieldKind.CASCADE,
    sends=True,
    receives=True,
    options={"Europe": EUROPE},
    children={"10": {"Paris": PARIS}},
)
TABLE = ValueTable(
    to_alias={"10": "EU", "10 / 11": "EU / FR"},
    from_alias={"EU": Option("10", "Europe"), "EU / FR": Option("10 / 11", "Europe / Paris")},
)


@pytest.mark.parametrize("value", [Cascade(EUROPE), Cascade(EUROPE, PARIS), EMPTY])
@pytest.mark.parametrize("table", [None, TABLE])
def test_a_cascade_comes_back_as_it_was(value: Value, table: ValueTable | None) -> None:
    mapping = replace(MAPPING, table=table)

    shared = share(mapping, value)

    assert shared != UNSHAREABLE
    assert isinstance(shared, tuple)
    assert adopt(mapping, shared) == value


@pytest.mark.parametrize("shared", [("Asia",), ("Europe", "Rome")])
@pytest.mark.parametrize("table", [None, TABLE])
def test_a_cascade_that_nobody_knows_names_what_is_missing(shared: tuple[str, ...], table: ValueTable | None) -> None:
    assert adopt(replace(MAPPING, table=table), shared) == Unknown(" / ".join(shared))


def test_a_cascade_outside_its_table_is_not_shared() -> None:
    assert share(replace(MAPPING, table=TABLE), Cascade(PARIS)) == UNSHAREABLE


def test_the_elements_of_a_multi_value_are_not_shared_as_a_whole() -> None:
    with pytest.raises(TypeError):
        share(MAPPING, labels("x"))


@pytest.mark.parametrize(("options", "found"), [(None, Option("A", "A")), ({"A": EUROPE}, EUROPE), ({}, Unknown("A"))])
def test_an_option_is_adopted_by_its_name(options: dict[str, Option] | None, found: object) -> None:
    assert adopt(replace(MAPPING, kind=FieldKind.OPTION, options=options), ("A",)) == found


def test_a_text_is_taken_as_it_is() -> None:
    assert adopt(replace(MAPPING, kind=FieldKind.TEXT), ("A",)) == Scalar("A")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (EMPTY, "(empty)"),
        (Scalar("a"), "a"),
        (EUROPE, "Europe"),
        (Cascade(EUROPE), "Europe"),
        (Cascade(EUROPE, PARIS), "Europe / Paris"),
        (labels("b", "a"), "a, b"),
        (Members(frozenset()), "(empty)"),
    ],
)
def test_every_value_can_be_shown(value: Value, shown: str) -> None:
    assert show(value) == shown


def test_a_shared_value_can_be_shown() -> None:
    assert (show_shared(()), show_shared(("a", "b"))) == ("(empty)", "a / b")


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (EUROPE, Option("10", "Europa"), True),
        (Cascade(EUROPE), Cascade(EUROPE, PARIS), False),
        (Members(frozenset()), EMPTY, True),
        (Scalar("x" * 90), Scalar("x" * 90), True),
        (Scalar("x" * 90), Scalar("x" * 91), False),
        (Scalar("1"), Option("1", "1"), False),
    ],
)
def test_fingerprints_are_equal_for_equal_values(one: Value, other: Value, equal: bool) -> None:
    assert (fingerprint(one) == fingerprint(other)) is equal


def test_a_role_knows_its_partner() -> None:
    assert (Role.FIRST.partner, Role.SECOND.partner) == (Role.SECOND, Role.FIRST)
