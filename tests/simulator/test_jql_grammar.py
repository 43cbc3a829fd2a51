"""Which texts are queries, and what is said about those that are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.simulator.jql import JqlError, is_bounded, parse, print_query, search
from backbone.simulator.jql.tree import (
    And,
    Call,
    Clause,
    Empty,
    FieldReference,
    Item,
    Items,
    NamedField,
    Not,
    NumberedField,
    Operand,
    Operator,
    Or,
    PropertyField,
    Query,
    Sort,
    Terminal,
    Text,
)
from tests.simulator.jql_world import DATA_CENTER, ISSUES

REFUSED = (
    ("x", "Expecting operator before the end of the query. The valid operators are '=', '!=',"),
    ("non-parsable query", "Expecting operator but got 'query'. The valid operators are"),
    ("status = = Done", "Expecting either a value, list or function but got '='. (line 1, character 10)"),
    ("project =", "Expecting either a value, list or function before the end of the query."),
    ("project = X AND", "Expecting a field name before the end of the query."),
    ("x = y z", "Expecting either 'OR' or 'AND' but got 'z'. (line 1, character 7)"),
    ("x in (a, b", "Expecting ')' before the end of the query."),
    ('project = "a', "The quoted string 'a' has not been completed. (line 1, character 11)"),
    ("x = limit", "'limit' is a reserved JQL word. You must surround it in quotation marks"),
    ("order = 1", "Expecting 'BY' but got '='."),
    (
        "x = a@b",
        "The character '@' is a reserved JQL character. You must enclose it in a string or use the escape '\\u0040'",
    ),
    ("x = \\q", "'\\q' is an illegal JQL escape sequence."),
    ('x = "\\ud800"', "'\\ud800' is an illegal JQL escape sequence."),
    ("status was Open", "The simulator does not know the operator 'WAS'."),
    ("x = 1 order by y z", "Expecting ',' but got 'z'."),
    ("not " * 200 + "x = 1", "The query is nested too deeply."),
)


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_text_that_is_no_query_is_refused_in_the_words_of_jira(text: str, message: str) -> None:
    with pytest.raises(JqlError) as refusal:
        parse(text)

    assert message in str(refusal.value)
    assert str(refusal.value).startswith("Error in the JQL Query: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"a\ b = 'it\'s'", Text(value="it's", quoted=True)),
        (r'x = "\u0041\t\\"', Text(value="A\t\\", quoted=True)),
        ("x = -5m", Text(value="-5m", quoted=False)),
        ("x = '-5m'", Text(value="-5m", quoted=True)),
        ("x = NULL", Empty()),
        ('x = "NULL"', Text(value="NULL", quoted=True)),
        ("x = startOfDay(-1d)", Call(name="startOfDay", arguments=("-1d",))),
    ],
)
def test_operand_is_read(text: str, expected: Operand) -> None:
    query = parse(text)

    assert isinstance(query.where, Terminal)
    assert query.where.operand == expected


def test_keywords_ignore_case_and_symbols_stand_for_words() -> None:
    assert parse("a1=1 aNd NOT b1=2 Or c1=3") == parse("a1 = 1 && !b1 = 2 || c1 = 3")


def test_only_a_restriction_bounds_a_query() -> None:
    assert is_bounded(parse("updated > -1m order by key"))
    assert not is_bounded(parse("order by key"))
    assert not is_bounded(parse("  "))


words = st.from_regex(r"[a-zA-Z0-9_.:-]{1,6}q", fullmatch=True)  # no reserved word ends in q
texts = st.text(max_size=8)
fields: st.SearchStrategy[FieldReference] = st.one_of(
    st.builds(NamedField, name=texts),
    st.builds(NumberedField, number=st.integers(0, 10**9)),
    st.builds(PropertyField, key=texts, path=st.from_regex(r"[a-z]{1,4}(\.[a-z]{1,4})?", fullmatch=True)),
)
items: st.SearchStrategy[Item] = st.one_of(
    st.builds(Text, value=words, quoted=st.just(False)),
    st.builds(Text, value=texts, quoted=st.just(True)),
    st.just(Empty()),
    st.builds(Call, name=texts, arguments=st.lists(texts, max_size=2).map(tuple)),
)
lists = st.builds(Items, items=st.lists(items, min_size=1, max_size=3).map(tuple))
operands: st.SearchStrategy[Operand] = st.one_of(items, lists)
clauses: st.SearchStrategy[Clause] = st.recursive(
    st.builds(Terminal, field=fields, operator=st.sampled_from(Operator), operand=operands),
    lambda inner: st.one_of(
        st.builds(Not, clause=inner),
        st.builds(And, clauses=st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, clauses=st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
sorts = st.lists(st.builds(Sort, field=fields, descending=st.booleans()), max_size=3).map(tuple)
queries = st.builds(Query, where=st.none() | clauses, order=sorts)


@given(queries)
def test_printed_query_reads_back_as_itself(query: Query) -> None:
    assert parse(print_query(query)) == query


def _answered_or_refused(text: str) -> bool:
    try:
        search(text, ISSUES, DATA_CENTER)
    except JqlError as refusal:
        return all(refusal.messages)
    return True


@given(st.text())
def test_any_text_is_answered_or_refused(text: str) -> None:
    assert _answered_or_refused(text)


@given(queries)
def test_any_query_is_answered_or_refused(query: Query) -> None:
    assert _answered_or_refused(print_query(query))


tokens = st.sampled_from(
    """project key updated labels summary = != ~ > in not is ( ) , PA 1 EMPTY and or order by desc now() ' " \\ -1d
    cf[10002] issue.property[sync].note""".split()
)


@given(st.lists(tokens, max_size=12))
def test_any_heap_of_words_is_answered_or_refused(heap: list[str]) -> None:
    assert _answered_or_refused(" ".join(heap))
