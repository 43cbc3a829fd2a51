"""What can be told about a JQL without asking Jira."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.app.declaration.jql import broken, silently_dropping


def dropped(jql: str) -> list[str]:
    return [doubt.cure for doubt in silently_dropping(jql)]


@pytest.mark.parametrize(
    ("jql", "cure"),
    [
        ("labels != internal", "Write (labels != … OR labels is EMPTY), unless that is meant"),
        ("labels NOT  IN (a, b)", "Write (labels not in … OR labels is EMPTY), unless that is meant"),
        ('"Affected Team"!="Red Sox"', "Write (affected team != … OR affected team is EMPTY), unless that is meant"),
        ("environment !~ test", "Write (environment !~ … OR environment is EMPTY), unless that is meant"),
        ("cf[10010] != x AND y = z", "Write (cf[10010] != … OR cf[10010] is EMPTY), unless that is meant"),
    ],
)
def test_a_negation_that_drops_empty_fields_is_told(jql: str, cure: str) -> None:
    assert cure in dropped(jql)


@pytest.mark.parametrize(
    "jql",
    [
        "",
        "labels is EMPTY OR labels != internal",
        "labels != internal or labels IS null",
        "labels = EMPTY or labels not in (a)",
        "labels != EMPTY",
        "labels is not EMPTY AND labels != internal",
        "status != Done",
        "issuetype not in (Epic)",
        "labels = 'a != b'",
        "labels is not EMPTY",
        "not labels = a",
    ],
)
def test_what_drops_nothing_by_accident_is_not_told(jql: str) -> None:
    assert dropped(jql) == []


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("a = b)", "the JQL closes a bracket that it did not open"),
        (") OR (", "the JQL closes a bracket that it did not open"),
        ("(a = b", "the JQL has a bracket that is not closed"),
        ("a = 'b", "the JQL has a quote that is not closed"),
        ("a = b Order  By c", "the JQL sorts, which has no meaning here"),
    ],
)
def test_what_can_not_stand_in_brackets_is_told(jql: str, message: str) -> None:
    found = broken(jql)

    assert found is not None
    assert found.message == message


@pytest.mark.parametrize(
    "jql", ["", "(a = b) AND (c = d)", "a = 'order by)'", 'a = "it\'s"', "orderby = x", r'a = "\""']
)
def test_what_can_stand_in_brackets_is_not_told(jql: str) -> None:
    assert broken(jql) is None


@given(st.text("ab!=~()'\"\\ ,notinisempty<>\n", max_size=40))
def test_any_text_is_read_without_complaint(jql: str) -> None:
    assert all(doubt.message for doubt in [*silently_dropping(jql), *filter(None, [broken(jql)])])
