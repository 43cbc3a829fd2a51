"""Every kind of value: from Jira's JSON into its canonical form, and back."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.adapters.jira.codec.numbers import canonical_number
from backbone.adapters.jira.codec.values import guessed_kind, value_from_json, value_to_json
from backbone.core.model.values import EMPTY, Cascade, FieldKind, Members, Option, Scalar, Value, labels
from tests.unit.adapters.jira.samples_read import sample

CHOICE = Option("10001", "Major")

READ = [
    (FieldKind.TEXT, b'"a\\r\\nb\\rc"', Scalar("a\nb\nc")),
    (FieldKind.MULTILINE, b'""', EMPTY),
    (FieldKind.TEXT, rb'"a\u0000b"', Scalar("ab")),
    (FieldKind.URL, b'"https://acme.example"', Scalar("https://acme.example")),
    (FieldKind.NUMBER, b"12.50", Scalar("12.5")),
    (FieldKind.NUMBER, b"1.0E3", Scalar("1000")),
    (FieldKind.NUMBER, b"0.1", Scalar("0.1")),
    (FieldKind.DATE, b'"2026-01-31"', Scalar("2026-01-31")),
    (FieldKind.INSTANT, b'"2026-01-31T10:00:00.000+0530"', Scalar("2026-01-31T04:30:00.000Z")),
    (FieldKind.OPTION, b'{"id": "10001", "value": "Major"}', CHOICE),
    (FieldKind.OPTION, b'{"id": "3", "name": "High", "iconUrl": "x"}', Option("3", "High")),
    (FieldKind.STATUS, b'{"id": "1", "name": "Open"}', Option("1", "Open")),
    (FieldKind.CASCADE, b'{"id": "1", "value": "EU"}', Cascade(Option("1", "EU"))),
    (FieldKind.LABELS, b'["b", "a"]', labels("a", "b")),
    (FieldKind.LABELS, b"[]", EMPTY),
    (FieldKind.OPTIONS, b'[{"id": "1", "value": "Red"}]', Members(frozenset({Option("1", "Red")}))),
]


@pytest.mark.parametrize(("kind", "json", "value"), READ)
def test_json_comes_into_the_canonical_form(kind: FieldKind, json: bytes, value: Value) -> None:
    assert value_from_json(json, kind) == value


@pytest.mark.parametrize("kind", list(FieldKind))
def test_null_is_an_empty_field(kind: FieldKind) -> None:
    assert value_from_json(b"null", kind) == EMPTY


@pytest.mark.parametrize("kind", list(FieldKind))
def test_what_such_a_field_never_holds_counts_as_not_read(kind: FieldKind) -> None:
    assert value_from_json(b'{"child": 7}', kind) is None


def test_a_recorded_cascade_has_parent_and_child() -> None:
    found = value_from_json(sample("server-cascading-option.json"), FieldKind.CASCADE)

    assert found == Cascade(Option("10017", "colors"), Option("10019", "red"))
    assert isinstance(found, Cascade)
    assert found.child is not None
    assert found.child.name == "red"


WRITTEN: list[tuple[FieldKind, Value, object]] = [
    (FieldKind.TEXT, Scalar("a"), "a"),
    (FieldKind.TEXT, EMPTY, None),
    (FieldKind.LABELS, EMPTY, []),
    (FieldKind.NUMBER, Scalar("12.5"), 12.5),
    (FieldKind.NUMBER, Scalar("3"), 3),
    (FieldKind.INSTANT, Scalar("2026-01-31T04:30:00.000Z"), "2026-01-31T04:30:00.000+0000"),
    (FieldKind.OPTION, CHOICE, {"id": "10001"}),
    (FieldKind.CASCADE, Cascade(CHOICE), {"id": "10001"}),
    (FieldKind.CASCADE, Cascade(CHOICE, Option("5", "x")), {"id": "10001", "child": {"id": "5"}}),
    (FieldKind.LABELS, labels("b", "a"), ["a", "b"]),
    (FieldKind.OPTIONS, Members(frozenset({CHOICE})), [{"id": "10001"}]),
]


@pytest.mark.parametrize(("kind", "value", "json"), WRITTEN)
def test_values_are_written_as_jira_takes_them(kind: FieldKind, value: Value, json: object) -> None:
    assert msgspec.json.decode(msgspec.json.encode(value_to_json(value, kind))) == json


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (labels("a"), FieldKind.LABELS),
        (Members(frozenset({CHOICE})), FieldKind.OPTIONS),
        (CHOICE, FieldKind.OPTION),
        (Cascade(CHOICE), FieldKind.CASCADE),
        (Scalar("a"), FieldKind.TEXT),
    ],
)
def test_a_value_tells_enough_of_its_kind_to_be_written(value: Value, kind: FieldKind) -> None:
    assert guessed_kind(value) is kind


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_a_canonical_number_is_the_same_number_and_stays_as_it_is(number: object) -> None:
    once = canonical_number(str(number))

    assert canonical_number(once) == once
    assert value_from_json(once.encode(), FieldKind.NUMBER) == Scalar(once)


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e999999999"])
def test_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        canonical_number(text)


def test_an_instant_of_a_mistyped_year_is_read_and_written_again() -> None:
    """Somebody who types 26 as a year gets the year 26."""
    read = value_from_json(b'"0026-01-31T10:00:00.000+0100"', FieldKind.INSTANT)

    assert read == Scalar("0026-01-31T09:00:00.000Z")
    assert value_to_json(read, FieldKind.INSTANT) == "0026-01-31T09:00:00.000+0000"


@pytest.mark.parametrize("text", ["9999-12-31T23:59:00.000-0500", "0001-01-01T00:00:00.000+0500"])
def test_an_instant_that_utc_does_not_have_was_not_read(text: str) -> None:
    assert value_from_json(f'"{text}"'.encode(), FieldKind.INSTANT) is None
