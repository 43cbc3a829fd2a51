"""Tables of values: what is shared and adopted, and that every table that is accepted comes to rest."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from backbone.app.declaration.tables import (
    Restless,
    Rows,
    compile_tables,
    distinct_names,
    idle_pairs,
    restless,
    rows_of_pairs,
)
from backbone.core.mapping.values import Unknown, Unshareable, adopt, share
from backbone.core.model.configuration import FieldMapping, ValueTable
from backbone.core.model.keys import FieldId, MappingId
from backbone.core.model.values import FieldKind, Option

FIRST = {ident: Option(ident, f"name {ident}") for ident in "abcd"}
SECOND = {ident: Option(ident, f"name {ident}") for ident in "wxyz"}
WAYS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("wxyz"))
BACK = st.dictionaries(st.sampled_from("wxyz"), st.sampled_from("abcd"))


def mapping(table: ValueTable) -> FieldMapping:
    return FieldMapping(
        id=MappingId("m"),
        field=FieldId("priority"),
        name="Priority",
        alias="priority",
        kind=FieldKind.OPTION,
        sends=True,
        receives=True,
        table=table,
    )


def test_pairs_count_both_ways_and_the_first_row_of_a_value_counts() -> None:
    rows = rows_of_pairs([("a", "x"), ("b", "x"), ("a", "y")], to_second=True, to_first=True)

    assert rows == Rows(forward={"a": "x", "b": "x"}, back={"x": "a", "y": "a"})


def test_pairs_count_only_the_way_that_is_travelled() -> None:
    assert rows_of_pairs([("a", "x")], to_second=True, to_first=False) == Rows(forward={"a": "x"}, back={})
    assert rows_of_pairs([("a", "x")], to_second=False, to_first=True) == Rows(forward={}, back={"x": "a"})


def test_a_pair_that_says_nothing_new_is_idle() -> None:
    assert list(idle_pairs([("a", "x"), ("b", "x"), ("b", "y"), ("a", "y"), ("a", "x")])) == [3, 4]


def test_several_values_may_become_one() -> None:
    rows = Rows(forward={"a": "x", "b": "x"}, back={"x": "a"})

    first, second = compile_tables(rows, FIRST, SECOND)

    assert list(restless(rows)) == []
    assert first == ValueTable(to_alias={"a": "name x", "b": "name x"}, from_alias={"name x": FIRST["a"]})
    assert second == ValueTable(to_alias={"x": "name x"}, from_alias={"name x": SECOND["x"]})


def test_values_of_the_second_side_with_one_meaning_share_one_alias() -> None:
    rows = Rows(forward={"a": "x"}, back={"x": "a", "y": "a"})

    first, second = compile_tables(rows, FIRST, SECOND)

    assert first.from_alias == {"name x": FIRST["a"]}
    assert second.to_alias == {"x": "name x", "y": "name x"}


def test_a_value_that_comes_back_as_another_meaning_is_restless() -> None:
    rows = Rows(forward={"a": "x", "b": "y"}, back={"x": "b", "y": "b"})

    assert list(restless(rows)) == [Restless(from_first=True, start="a", over="x", again="b", other="y")]


def test_a_value_that_comes_back_as_one_that_goes_nowhere_is_restless() -> None:
    rows = Rows(forward={"a": "x"}, back={"x": "b"})

    assert list(restless(rows)) == [Restless(from_first=True, start="a", over="x", again="b", other=None)]


def test_a_row_for_one_way_only_is_no_unrest() -> None:
    rows = Rows(forward={"a": "x", "b": "y"}, back={"x": "a", "z": "c"})

    first, second = compile_tables(rows, FIRST, SECOND)

    assert list(restless(rows)) == []
    assert "y" not in second.to_alias
    assert first.from_alias[second.to_alias["z"]] == FIRST["c"]
    assert "c" not in first.to_alias


def test_a_receiver_knows_equal_values_as_equal() -> None:
    first, second = compile_tables(Rows(forward={"a": "x", "b": "x"}, back={}), FIRST, SECOND)

    assert first.from_alias == {}
    assert second == ValueTable(to_alias={"x": "name x"}, from_alias={"name x": SECOND["x"]})


def test_one_way_back_is_the_same_the_other_way_round() -> None:
    first, second = compile_tables(Rows(forward={}, back={"x": "a", "y": "a"}), FIRST, SECOND)

    assert second == ValueTable(to_alias={"x": "name a", "y": "name a"}, from_alias={})
    assert first == ValueTable(to_alias={"a": "name a"}, from_alias={"name a": FIRST["a"]})


def test_options_of_one_name_keep_apart() -> None:
    named = distinct_names({"1": Option("1", "Low"), "2": Option("2", "Low"), "3": Option("3", "High")})

    assert named == {"1": "Low (1)", "2": "Low (2)", "3": "High"}


def test_a_first_value_of_its_own_never_takes_a_second_values_alias() -> None:
    first = {"a": Option("a", "Open"), "b": Option("b", "Closed")}
    second = {"x": Option("x", "Closed"), "y": Option("y", "Gone")}

    ours, theirs = compile_tables(Rows(forward={"a": "x"}, back={"x": "a", "y": "b"}), first, second)

    assert ours.from_alias[theirs.to_alias["y"]] == first["b"]
    assert ours.from_alias[theirs.to_alias["x"]] == first["a"]


@given(forward=WAYS, back=BACK)
def test_an_accepted_table_settles_after_one_journey(forward: dict[str, str], back: dict[str, str]) -> None:
    """What was adopted shares to what came, or to nothing: the receiver never answers with another value."""
    rows = Rows(forward=forward, back=back)
    assume(not list(restless(rows)))
    first, second = (mapping(table) for table in compile_tables(rows, FIRST, SECOND))

    for sender, receiver, options in ((first, second, FIRST), (second, first, SECOND)):
        for option in options.values():
            shared = share(sender, option)
            if isinstance(shared, Unshareable):
                continue
            arrived = adopt(receiver, shared)
            if isinstance(arrived, Unknown):
                assert not (forward and back)
                continue
            answer = share(receiver, arrived)
            assert answer == shared or isinstance(answer, Unshareable)


@given(forward=WAYS, back=BACK)
def test_a_restless_table_really_goes_on(forward: dict[str, str], back: dict[str, str]) -> None:
    for one in restless(Rows(forward=forward, back=back)):
        over, home = (forward, back) if one.from_first else (back, forward)

        assert over[one.start] == one.over
        assert home[one.over] == one.again
        assert over.get(one.again) == one.other
        assert one.other != one.over
