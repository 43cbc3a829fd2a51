"""Queries as values."""

from __future__ import annotations

import pytest

from backbone.adapters.jira.flavour import cloud, data_center
from backbone.adapters.jira.query import (
    JqlRefused,
    Position,
    Query,
    Walk,
    condition_of,
    named,
    ordered,
    search_to_json,
    without_order,
)
from backbone.core.model.keys import IssueId, ProjectId
from backbone.ports.tracker import Refusal

QUERY = Query(jql="a = b", fields=("id",), expand=("changelog", "transitions"), size=7, reconcile=(5,))


@pytest.mark.parametrize(
    ("jql", "plain"),
    [
        ("labels = x ORDER BY key", "labels = x"),
        ("labels = x\norder  by key,\n created DESC", "labels = x"),
        ('summary ~ "order by fax" order by key', 'summary ~ "order by fax"'),
        ("summary ~ 'order by fax'", "summary ~ 'order by fax'"),
        (r'summary ~ "a \" order by b"', r'summary ~ "a \" order by b"'),
        ("ORDER BY created", ""),
        ("  ", ""),
        ("border = x", "border = x"),
    ],
)
def test_a_condition_has_no_order(jql: str, plain: str) -> None:
    assert without_order(jql) == plain


def test_a_condition_stands_in_brackets_inside_its_project() -> None:
    assert ordered(ProjectId("1"), "a = b OR c = d") == "project = 1 AND (a = b OR c = d) ORDER BY key ASC"
    assert ordered(ProjectId("1"), "") == "project = 1 ORDER BY key ASC"


@pytest.mark.parametrize("jql", ["a = b) OR (c = d", "(a = b", "a = b)", 'summary ~ "(" AND (a = b))'])
def test_a_condition_can_not_leave_its_brackets(jql: str) -> None:
    with pytest.raises(JqlRefused):
        ordered(ProjectId("1"), jql)


@pytest.mark.parametrize("jql", ["(a = b) OR (c = d)", 'summary ~ ")("', r"summary ~ '\')'", "a in (b, c)"])
def test_brackets_that_match_or_are_words_are_fine(jql: str) -> None:
    assert condition_of(jql) == jql


def test_data_center_takes_lists_and_offsets() -> None:
    assert search_to_json(QUERY, Position(offset=3), data_center((9, 12))) == {
        "jql": "a = b",
        "fields": ["id"],
        "maxResults": 7,
        "startAt": 3,
        "expand": ["changelog", "transitions"],
    }


def test_cloud_takes_a_token_and_one_text_of_expansions() -> None:
    assert search_to_json(QUERY, Position(token="t"), cloud((1001,))) == {
        "jql": "a = b",
        "fields": ["id"],
        "maxResults": 7,
        "nextPageToken": "t",
        "expand": "changelog,transitions",
        "reconcileIssues": [5],
    }


def test_ids_are_found_in_words_of_any_language() -> None:
    refusal = Refusal(messages=("Ein Wert mit der ID „10001“ existiert nicht (10).", "課題 10003 は存在しません。"))
    ids = [IssueId("1000"), IssueId("10001"), IssueId("10002"), IssueId("10003")]

    assert named(refusal, ids) == {"10001", "10003"}


def test_a_walk_is_stuck_where_nothing_new_comes_from_where_it_was() -> None:
    walk, here = Walk(), Position(token="a")

    assert not walk.stuck(here, fresh=True)
    assert not walk.stuck(here, fresh=True)
    assert walk.stuck(here, fresh=False)


def test_a_walk_is_stuck_after_too_many_pages_without_anything_new() -> None:
    walk = Walk()

    assert [walk.stuck(Position(token=str(number)), fresh=False) for number in range(6)] == [False] * 5 + [True]
