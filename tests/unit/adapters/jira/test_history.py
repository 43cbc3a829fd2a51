"""Histories of both products: who changed which field, from what to what."""

from __future__ import annotations

import msgspec
import pytest

from backbone.adapters.jira.codec.history import ChangelogJson, EntryJson, ItemJson, Legend, history_from_json
from backbone.adapters.jira.codec.people import Identity
from backbone.core.model.keys import FieldId
from backbone.core.model.snapshot import HistoryItem
from backbone.core.model.values import EMPTY, Cascade, FieldKind, Members, Option, Scalar, Value, labels
from tests.unit.adapters.jira.samples_read import sample

TEXT, RADIO, MEETING = FieldId("customfield_10000"), FieldId("customfield_10002"), FieldId("customfield_10001")
LEGEND = Legend(
    me=Identity(name="user2"),
    kinds={TEXT: FieldKind.TEXT, RADIO: FieldKind.OPTION, MEETING: FieldKind.INSTANT},
    names={"Text Field": (TEXT,), "Radio Field": (RADIO,), "Date Field": (MEETING,)},
)


def recorded() -> tuple[HistoryItem, ...]:
    class Issue(msgspec.Struct):
        changelog: ChangelogJson

    found = msgspec.json.decode(sample("server-5-issue-with-changelog.json"), type=Issue)
    assert found.changelog.complete
    return history_from_json(found.changelog.histories, LEGEND)


def last(field: FieldId | str) -> HistoryItem:
    return [item for item in recorded() if item.field == field][-1]


def test_a_history_is_in_order_of_time_and_number() -> None:
    order = [(item.at, item.entry) for item in recorded()]

    assert order == sorted(order)


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("summary", Scalar("Simple history test"), Scalar("Simple history test - modified")),
        ("priority", Option("3", "Major"), Option("4", "Minor")),
        ("duedate", Scalar("2012-04-12"), Scalar("2012-04-13")),
        (TEXT, Scalar("Initial text field value"), Scalar("Modified text field value")),
        (RADIO, Option("10000", "One"), Option("10001", "Two")),
        (MEETING, Scalar("2012-04-11T12:26:00.000Z"), Scalar("2012-04-12T12:26:00.000Z")),
    ],
)
def test_a_recorded_change_has_its_values(field: str, before: Value, after: Value) -> None:
    assert (last(field).before, last(field).after) == (before, after)


def test_the_first_value_replaces_an_empty_field() -> None:
    first = next(item for item in recorded() if item.field == "duedate")

    assert (first.before, first.after) == (EMPTY, Scalar("2012-04-12"))


def test_our_own_changes_are_known_and_nobodys_are_not_ours() -> None:
    assert last("summary").own
    assert [item.own for item in recorded() if item.field == "assignee"] == [False, False]


def test_a_field_that_we_can_not_carry_has_no_values() -> None:
    assert (last("issuetype").before, last("issuetype").after) == (None, None)


def test_cloud_names_fields_by_id() -> None:
    entries = msgspec.json.decode(sample("cloud-2021-changelog-entries.json"), type=list[EntryJson])

    items = history_from_json(entries, Legend(me=Identity(account_id="x"), kinds={}))

    [text] = [item for item in items if item.field == "description"]
    assert text.before == EMPTY
    assert isinstance(text.after, Scalar)
    assert "!image-20210125-030921.png" in text.after.text
    [priority] = [item for item in items if item.field == "priority"]
    assert priority.before == Option("3", "Medium")


def one(item: ItemJson, kind: FieldKind, names: dict[str, tuple[FieldId, ...]] | None = None) -> list[HistoryItem]:
    entry = EntryJson(id="7", created="2026-01-01T00:00:00.000+0000", items=[item])
    legend = Legend(me=Identity(name="me"), kinds={TEXT: kind}, names=names or {"It": (TEXT,)})
    return list(history_from_json([entry], legend))


@pytest.mark.parametrize(
    ("kind", "key", "text", "value"),
    [
        (FieldKind.NUMBER, None, "12.50", Scalar("12.5")),
        (FieldKind.LABELS, None, "b a", labels("a", "b")),
        (FieldKind.OPTIONS, "[1, 2]", "Red,Blue", Members(frozenset({Option("1", "Red"), Option("2", "Blue")}))),
        (FieldKind.OPTIONS, "[1]", "Red, or so", Members(frozenset({Option("1", "?")}))),
        (FieldKind.OPTIONS, "[]", "", EMPTY),
        (
            FieldKind.CASCADE,
            None,
            "Parent values: EU(5)Level 1 values: Rome(6)",
            Cascade(Option("5", ""), Option("6", "")),
        ),
        (FieldKind.CASCADE, None, "Parent values: EU(5)", Cascade(Option("5", ""))),
        (
            FieldKind.CASCADE,
            None,
            "Parent values: Windows (10)(5)Level 1 values: Build (22)(6)",
            Cascade(Option("5", ""), Option("6", "")),
        ),
        (FieldKind.OPTION, None, "Renamed since", None),
        (FieldKind.OPTIONS, None, "Red", None),
        (FieldKind.NUMBER, None, "twelve", None),
        (FieldKind.DATE, None, "12/Apr/12", None),
        (FieldKind.INSTANT, None, "12/Apr/12 2:26 PM", None),
    ],
)
def test_what_the_history_does_not_tell_is_unknown(
    kind: FieldKind, key: str | None, text: str, value: Value | None
) -> None:
    [item] = one(ItemJson(field="It", fieldtype="custom", after=key, after_text=text), kind)

    assert item.after == value


def test_a_name_of_several_fields_tells_when_but_not_what() -> None:
    other = FieldId("customfield_10009")
    item = ItemJson(field="It", fieldtype="custom", before_text="a", after_text="b")

    items = one(item, FieldKind.TEXT, {"It": (TEXT, other)})

    assert [(each.field, each.before, each.after) for each in items] == [(TEXT, None, None), (other, None, None)]


def test_a_name_that_no_field_has_any_more_is_left_out() -> None:
    assert one(ItemJson(field="Gone", fieldtype="custom", after_text="b"), FieldKind.TEXT) == []


def test_files_are_called_by_the_id_of_their_field() -> None:
    [item] = one(ItemJson(field="Attachment", fieldtype="jira", after="10", after_text="a.txt"), FieldKind.TEXT)

    assert item.field == "attachment"


def test_a_list_that_is_shorter_than_its_total_is_not_complete() -> None:
    assert not msgspec.json.decode(b'{"histories": [], "total": 1}', type=ChangelogJson).complete


def test_an_odd_id_makes_no_history_unreadable() -> None:
    """Cloud may refer to a large text instead of telling an id."""
    entry = rb'{"field": "It", "fieldtype": "custom", "from": ["1"], "to": {"id": "ari:1"}, "toString": "new"}'
    item = msgspec.json.decode(entry, type=ItemJson)

    [found] = one(item, FieldKind.TEXT)

    assert (found.before, found.after) == (None, Scalar("new"))
    [found] = one(item, FieldKind.OPTION)
    assert (found.before, found.after) == (None, None)
