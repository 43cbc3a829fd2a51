"""What queries find, and in which words Jira refuses them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from backbone.simulator.jql import JqlContext, JqlError, MissingIssues, check, search
from tests.simulator.jql_world import CLOUD, DATA_CENTER, IN_NEW_YORK, ISSUES, SmallIssue, SmallWorld, instant

FOUND: Sequence[tuple[str, set[str]]] = (
    ("", {"PA-1", "PA-2", "PA-10", "PB-3"}),
    # projects by key, former key, name and id
    ("project = PA", {"PA-1", "PA-2", "PA-10"}),
    ("project = oldpa", {"PA-1", "PA-2", "PA-10"}),
    ("project = 'beta works'", {"PB-3"}),
    ("project in (10001)", {"PB-3"}),
    ("project != PA", {"PB-3"}),
    # issues by key, former key and id
    ("key = PA-2", {"PA-2"}),
    ("issuekey in (OLDPA-2, pb-3)", {"PA-2", "PB-3"}),
    ("id in (10010, 10009) AND (project = PA)", {"PA-1"}),
    ("issue not in (PA-2)", {"PA-1", "PA-10", "PB-3"}),
    ("key > PA-2", {"PA-10"}),
    ("id >= 10011", {"PA-2", "PA-10"}),
    # named values
    ("type = bug AND status = open", {"PA-1", "PB-3"}),
    ("issuetype in (Task, 1)", {"PA-1", "PA-2", "PA-10", "PB-3"}),
    ("statusCategory = Done", {"PA-10"}),
    ('status = "In Progress"', {"PA-2"}),
    ("resolution is EMPTY", {"PA-1", "PA-2", "PB-3"}),
    ("resolution = null", {"PA-1", "PA-2", "PB-3"}),
    ("resolution = Unresolved", {"PA-1", "PA-2", "PB-3"}),
    ("resolution in (unresolved, Fixed)", {"PA-1", "PA-2", "PA-10", "PB-3"}),
    ("resolution != Unresolved", {"PA-10"}),
    # negation drops what is empty
    ("priority != High", {"PA-2", "PB-3"}),
    ("priority not in (High, Low)", {"PB-3"}),
    ("NOT priority = High", {"PA-2", "PA-10", "PB-3"}),
    ("priority is not EMPTY", {"PA-1", "PA-2", "PB-3"}),
    ("priority in (EMPTY, Low)", {"PA-2", "PA-10"}),
    ("labels != internal", {"PA-2"}),
    ("labels is EMPTY OR labels != internal", {"PA-2", "PA-10", "PB-3"}),
    ("labels = red-hot", {"PA-1"}),
    ("labels = nobody", set()),
    ("description !~ blinks", set()),
    ("summary !~ paper", {"PA-1", "PA-10", "PB-3"}),
    # ranks
    ("priority > Low", {"PA-1", "PB-3"}),
    ("priority <= Medium", {"PA-2", "PB-3"}),
    # texts
    ("summary ~ PRINT", {"PA-1"}),
    ("summary ~ 'paper more'", {"PA-2"}),
    ("summary ~ 'pa*'", {"PA-2", "PA-10"}),
    ("summary ~ 'p?int'", {"PA-1", "PA-10"}),
    (r'summary ~ "\"more paper\""', {"PA-2"}),
    (r'summary ~ "\"paper more\""', set()),
    (r"summary ~ 'more\\: paper\\!'", {"PA-2"}),
    ("comment ~ turning", {"PA-1"}),
    ("text ~ blinks OR text ~ tried OR text ~ ink", {"PA-1", "PA-2"}),
    ("environment is EMPTY", {"PA-1", "PA-2", "PA-10", "PB-3"}),
    ("attachments is not EMPTY", {"PA-1"}),
    # users
    ("assignee = currentUser()", {"PB-3"}),
    ("assignee in (bob, 'Alice Adams')", {"PA-1", "PB-3"}),
    ("assignee is EMPTY", {"PA-2", "PA-10"}),
    ("reporter != currentUser()", {"PA-2"}),
    ("creator is EMPTY", {"PA-1", "PA-2", "PA-10", "PB-3"}),
    # custom fields
    ('"story points" >= 5', {"PA-1"}),
    ("cf[10002] = 0", {"PA-10"}),
    ("cf[10002] not in (0)", {"PA-1"}),
    ("colour = red", {"PA-1"}),
    ("colour != red", {"PA-10"}),
    ("Colour in (100, Blue)", {"PA-1", "PA-10"}),
    ("Twin = 7", {"PA-1", "PA-10"}),
    ("notes ~ ink", {"PA-2"}),
    ("'Home Page' = 'https://example.org/A'", {"PA-2"}),
    # entity properties
    ('issue.property["sync"].partner.id = 77', {"PA-1"}),
    ("issue.property[sync].partner.id != 78", {"PA-1"}),
    ("issue.property[sync].partner.id in (1, 77)", {"PA-1"}),
    ("issue.property[sync].partner.id > 77", set()),
    ("issue.property[sync].partner.id is EMPTY", {"PA-2", "PA-10", "PB-3"}),
    ("issue.property[sync].note ~ twice", {"PA-1"}),
    # precedence
    ("project = PB OR project = PA AND type = Bug", {"PA-1", "PB-3"}),
    ("(project = PB OR project = PA) AND !type = Bug", {"PA-2", "PA-10"}),
    ("project = PA && type = Bug || key = PA-2", {"PA-1", "PA-2"}),
)
DATES: Sequence[tuple[str, set[str]]] = (
    ('updated >= "2026-03-01 10:05"', {"PA-1", "PB-3"}),
    ('updated <= "2026/03/01 10:05"', {"PA-2", "PA-10"}),
    ("updated >= 2026-03-01", {"PA-1", "PA-2", "PB-3"}),
    ("updatedDate < '2026/3/1'", {"PA-10"}),
    ("updated >= 1772359530000", {"PA-1", "PB-3"}),
    ("updated > 1772359530000", set()),
    ("updated >= 1772359530999", {"PA-1", "PB-3"}),  # the index knows seconds only
    ("updated >= -1m", {"PA-1", "PB-3"}),  # 10:05:00
    ("updated >= '-1h 30m'", {"PA-1", "PA-2", "PB-3"}),
    ("updated < -10h", {"PA-10"}),
    ("created < startOfYear()", {"PB-3"}),
    ("created >= startOfMonth(-1) and created <= endOfMonth('-1M')", {"PA-2", "PA-10"}),
    ("updated >= startOfDay() and updated <= now()", {"PA-1", "PA-2", "PB-3"}),
    ("updated < startOfWeek()", {"PA-10"}),  # 1 March 2026 is a Sunday
    ("due <= now()", {"PA-10"}),
    ("due = 2026-03-05", {"PA-1"}),
    ("duedate > 3d", {"PA-1"}),
    ("due > 4d", set()),
    ("due is EMPTY", {"PA-2", "PB-3"}),
)


def keys(text: str, context: JqlContext = DATA_CENTER) -> list[str]:
    return [issue.key for issue in search(text, ISSUES, context)]


@pytest.mark.parametrize(("text", "expected"), [*FOUND, *DATES])
def test_query_finds_exactly(text: str, expected: set[str]) -> None:
    assert set(keys(text)) == expected


@pytest.mark.parametrize(("text", "expected"), [*FOUND[1:], *DATES])
def test_cloud_finds_the_same_for_bounded_queries(text: str, expected: set[str]) -> None:
    assert set(keys(text, CLOUD)) == expected


def test_date_literals_are_read_in_the_time_zone_of_the_account() -> None:
    assert set(keys('updated >= "2026-03-01 10:05"', IN_NEW_YORK)) == set()
    assert set(keys('updated >= "2026-03-01 05:05"', IN_NEW_YORK)) == {"PA-1", "PB-3"}
    assert set(keys("updated < startOfDay()", IN_NEW_YORK)) == {"PA-10"}
    assert set(keys("updated < 2026-03-01", IN_NEW_YORK)) == {"PA-10"}


def test_epoch_milliseconds_are_the_same_in_every_time_zone() -> None:
    assert keys("updated >= 1772359530000", IN_NEW_YORK) == keys("updated >= 1772359530000")


def test_index_that_keeps_minutes_only_loses_the_seconds() -> None:
    coarse = replace(DATA_CENTER, index_step=timedelta(minutes=1))

    assert "PA-1" not in keys("updated > 1772359500000", coarse)
    assert "PA-1" in keys("updated > 1772359500000")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["PB-3", "PA-10", "PA-2", "PA-1"]),
        ("order by key", ["PA-1", "PA-2", "PA-10", "PB-3"]),
        ("order by id desc", ["PB-3", "PA-10", "PA-2", "PA-1"]),
        ("order by updated asc, key asc", ["PA-10", "PA-2", "PA-1", "PB-3"]),
        ("order by updated desc", ["PB-3", "PA-1", "PA-2", "PA-10"]),  # ties by id
        ("order by priority desc", ["PA-10", "PA-1", "PB-3", "PA-2"]),
        ("order by due", ["PA-10", "PA-1", "PB-3", "PA-2"]),
        ("order by assignee, type desc, summary", ["PB-3", "PA-1", "PA-2", "PA-10"]),
        ("order by 'story points' desc, created", ["PB-3", "PA-2", "PA-1", "PA-10"]),
    ],
)
def test_order(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


REFUSED: Sequence[tuple[str, str]] = (
    ("nonsense = 1", "Field 'nonsense' does not exist or you do not have permission to view it."),
    ("customfield_10002 = 1", "Field 'customfield_10002' does not exist or you do not have permission to view it."),
    ("cf[99999] = 1", "Field 'cf[99999]' does not exist or you do not have permission to view it."),
    ("issue.property[x].y = 1", "Field 'issue.property[x].y' does not exist or you do not have permission to view it."),
    ("opaque = 1", "Field 'opaque' is not searchable, it is only sortable."),
    ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
    ("project = 4711", "A value with ID '4711' does not exist for the field 'project'."),
    ("status in (Open, Frozen)", "The value 'Frozen' does not exist for the field 'status'."),
    ("type = Epic", "The value 'Epic' does not exist for the field 'type'."),
    ("priority = P1", "The value 'P1' does not exist for the field 'priority'."),
    ("colour = green", "The value 'green' does not exist for the field 'colour'."),
    ("assignee = mallory", "The value 'mallory' does not exist for the field 'assignee'."),
    ("key in (PA-1, PA-99)", "An issue with key 'PA-99' does not exist for field 'key'."),
    ("id in (10010, 4711)", "A value with ID '4711' does not exist for the field 'id'."),
    ("key = 'no key'", "The issue key 'no key' for field 'key' is invalid."),
    ("status ~ Open", "The operator '~' is not supported by the 'status' field."),
    ("summary = Open", "The operator '=' is not supported by the 'summary' field."),
    ("text !~ x", "The operator '!~' is not supported by the 'text' field."),
    ("labels > a", "The operator '>' is not supported by the 'labels' field."),
    ("key is EMPTY", "The operator 'is' is not supported by the 'key' field."),
    ("updated = 'yesterday'", "Date value 'yesterday' for field 'updated' is invalid."),
    ("updated > '1772359530000'", "Date value '1772359530000' for field 'updated' is invalid."),
    ("updated > '2026-03-01 10:05:30'", "Date value '2026-03-01 10:05:30' for field 'updated' is invalid."),
    ("updated > '2026-03-01 10:05 UTC'", "Date value '2026-03-01 10:05 UTC' for field 'updated' is invalid."),
    ("updated > 2026-02-30", "Date value '2026-02-30' for field 'updated' is invalid."),
    ("updated > -999999999w", "Date value '-999999999w' for field 'updated' is invalid."),
    ("updated > startOfDay(soon)", "Date value 'startOfDay(soon)' for field 'updated' is invalid."),
    ("cf[10002] = many", "Value 'many' is invalid for the 'cf[10002]' field."),
    ("summary ~ ''", "The field 'summary' does not support searching for an empty string."),
    ("summary ~ '*int'", "The text query '*int' for field 'summary' is not allowed to start with character '*'"),
    ("summary ~ 'print~2'", "Unable to parse the text 'print~2' for field 'summary'."),
    ("assignee = nobody()", "Unable to find JQL function 'nobody()'."),
    ("project = now()", "A value provided by the function 'now' is invalid for the field 'project'."),
    ("updated > currentUser()", "A value provided by the function 'currentUser' is invalid for the field 'updated'."),
    ("updated > now(1)", "Function 'now' expected '0' arguments but received '1'."),
    ("status in Open", "Operator 'in' does not support the non-list value '\"Open\"' for field 'status'."),
    ("status = (Open)", "Operator '=' does not support the list value '(\"Open\")' for field 'status'."),
    (
        "status is Open",
        "The operator 'is' only supports the values EMPTY and NULL, not '\"Open\"', for field 'status'.",
    ),
    ("key = EMPTY", "The field 'key' does not support searching for EMPTY values."),
    ("project = PA order by nonsense", "Not able to sort using field 'nonsense'."),
    ("project = PA order by comment", "Not able to sort using field 'comment'."),
)


@pytest.mark.parametrize("context", [DATA_CENTER, CLOUD], ids=["data center", "cloud"])
@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_query_is_refused_in_the_words_of_jira(text: str, message: str, context: JqlContext) -> None:
    with pytest.raises(JqlError) as refusal:
        search(text, ISSUES, context)

    assert str(refusal.value).startswith(message)


def test_every_fault_of_a_query_is_named() -> None:
    with pytest.raises(JqlError) as refusal:
        search("project = NOPE AND nonsense = 1", ISSUES, DATA_CENTER)

    assert len(refusal.value.messages) == 2


@pytest.mark.parametrize("text", ["", "order by updated desc"])
def test_only_cloud_refuses_unbounded_queries(text: str) -> None:
    assert len(keys(text)) == 4
    with pytest.raises(JqlError, match="Unbounded JQL queries are not allowed here"):
        search(text, ISSUES, CLOUD)


def test_only_cloud_limits_the_fields_of_order_by() -> None:
    text = "project = PA order by key, type, status, priority, summary, created, updated, due"

    assert len(keys(text)) == 3
    with pytest.raises(JqlError, match="at most 7"):
        search(text, ISSUES, CLOUD)


def test_missing_issues_are_ignored_only_where_the_context_says_so() -> None:
    lenient = replace(DATA_CENTER, missing_issues=MissingIssues.IGNORE)

    assert keys("id in (10010, 4711)", lenient) == ["PA-1"]


def test_issue_that_exists_but_is_not_indexed_is_no_error_and_not_found() -> None:
    assert search("id in (10010, 10011)", ISSUES[1:], DATA_CENTER) == [ISSUES[1]]


def test_without_validation_unknown_values_match_nothing_and_are_reported() -> None:
    lenient = replace(DATA_CENTER, validate=False)

    assert keys("project = NOPE OR key = PA-1", lenient) == ["PA-1"]
    assert keys("key in (PA-1, GONE-1) AND status in (Open, Frozen)", lenient) == ["PA-1"]
    assert keys("cf[10002] in (5, many) OR cf[10002] in (none)", lenient) == ["PA-1"]
    assert check("project = NOPE OR key = PA-1", lenient) == (
        "The value 'NOPE' does not exist for the field 'project'.",
    )
    with pytest.raises(JqlError):
        search("project = ", ISSUES, lenient)


def test_anonymous_search_is_nobody_and_is_told_so() -> None:
    anonymous = replace(DATA_CENTER, account=None)

    assert keys("assignee = currentUser()", anonymous) == []
    with pytest.raises(JqlError, match="cannot be viewed by anonymous users"):
        search("nonsense = 1", ISSUES, anonymous)


def test_ten_thousand_issues_take_well_under_a_tenth_of_a_second() -> None:
    updated = instant("2026-03-01T10:05:30")
    issues = [
        SmallIssue(id=number, key=f"PA-{number}", values={"project": "10000", "updated": updated})
        for number in range(1, 10_001)
    ]
    context = replace(DATA_CENTER, world=SmallWorld(issues=issues[:1]))
    started = time.process_time()

    found = search("project = PA AND updated >= 1772359530000 ORDER BY updated ASC, key ASC", issues, context)

    assert len(found) == 10_000
    assert time.process_time() - started < 1.0  # measured: 0.05; a slow machine is no failure
