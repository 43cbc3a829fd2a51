"""An issue's JSON into a snapshot: what was not part of the answer stays unknown."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from backbone.adapters.jira.codec.history import Legend
from backbone.adapters.jira.codec.issues import IssueJson, Reading, fields_of, issue_from_json
from backbone.adapters.jira.codec.people import Identity
from backbone.core.model.keys import FieldId, Millis
from backbone.core.model.snapshot import CommentSnapshot, IssueSnapshot, Marker
from backbone.core.model.values import EMPTY, FieldKind, Scalar, labels
from backbone.ports.tracker import Wanted
from tests.unit.adapters.jira.samples_read import sample

SUMMARY, LABELS = FieldId("summary"), FieldId("labels")
EVERYTHING = Wanted(
    fields={SUMMARY: FieldKind.TEXT, LABELS: FieldKind.LABELS},
    comments=True,
    files=True,
    history=True,
    transitions=True,
    marker=True,
)
AT = Millis(1_700_000_000_000)


def understood(data: bytes, wanted: Wanted = EVERYTHING, me: Identity | None = None) -> IssueSnapshot:
    reading = Reading(wanted=wanted, legend=Legend(me=me or Identity(name="admin"), kinds=wanted.fields), at=AT)
    return issue_from_json(msgspec.json.decode(data, type=IssueJson), reading)


def issue(*, fields: dict[str, Any] | None = None, **more: object) -> bytes:
    frame = {
        "updated": "2026-01-01T10:00:00.123+0100",
        "created": "2026-01-01T09:00:00.000+0100",
        "issuetype": {"id": "1", "name": "Bug"},
        "project": {"id": "10000", "key": "PA"},
        **(fields or {}),
    }
    return msgspec.json.encode({"id": "5", "key": "PA-1", "fields": frame, **more})


def comments(*found: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    made = [{"id": "1", "created": "2026-01-01T10:00:00.000+0000", "body": "x", **each} for each in found]
    return {"comment": {"comments": made, "total": len(made) if total is None else total}}


def test_a_recorded_issue_is_understood() -> None:
    found = understood(sample("server-5-issue-comment-visibility.json"))

    assert (found.ref.id, found.ref.key, found.type.name) == ("10010", "TST-2", "Bug")
    assert found.values[SUMMARY] == Scalar("Testing attachem2")
    assert found.updated == 1354888372570
    assert found.read_at == AT
    assert found.comments is not None
    assert [each.restricted for each in found.comments] == [True, False, True, False]
    assert [each.own for each in found.comments] == [True, False, False, True]
    assert found.files is not None
    assert len({each.id for each in found.files}) == len(found.files)


def test_a_comment_of_nobody_is_not_ours() -> None:
    found = understood(sample("server-5-issue-anonymous-comment.json"))

    assert found.comments is not None
    assert [(each.author, each.own) for each in found.comments if each.author is None] == [(None, False)]


def test_a_field_that_is_missing_is_not_empty() -> None:
    found = understood(issue(fields={"labels": []}))

    assert found.values == {LABELS: EMPTY}


def test_parts_that_are_missing_are_unknown() -> None:
    found = understood(issue())

    assert (found.comments, found.files, found.history, found.transitions) == (None, None, None, None)
    assert not found.marker_known


def test_parts_that_nobody_wanted_are_left_out() -> None:
    data = issue(fields={"labels": ["a"], **comments({})}, changelog={"histories": []}, properties={})

    found = understood(data, Wanted())

    assert (dict(found.values), found.comments, found.history) == ({}, None, None)
    assert not found.marker_known


def test_a_list_of_comments_that_was_cut_is_unknown() -> None:
    assert understood(issue(fields=comments({}, total=2))).comments is None


def test_a_history_that_was_cut_is_unknown() -> None:
    assert understood(issue(changelog={"histories": [], "total": 41})).history is None


def test_the_marker_of_an_issue_is_read() -> None:
    inside = {"installation": "i", "incarnation": "n", "synchronization": "s", "partner": "7", "attempt": "a"}

    found = understood(issue(properties={"backbone.marker": inside}))

    assert found.marker == Marker(**inside)
    assert found.marker_known


def test_something_else_under_our_key_is_no_marker() -> None:
    found = understood(issue(properties={"backbone.marker": "mine"}))

    assert found.marker is None
    assert found.marker_known


def only_comment(found: IssueSnapshot) -> CommentSnapshot:
    assert found.comments is not None
    [comment] = found.comments
    return comment


@pytest.mark.parametrize(
    ("json", "restricted"),
    [
        ({}, False),
        ({"visibility": {"type": "role", "value": "Developers"}}, True),
        ({"jsdPublic": False}, True),
        ({"jsdPublic": True}, False),
        ({"properties": [{"key": "sd.public.comment", "value": {"internal": True}}]}, True),
        ({"properties": [{"key": "sd.public.comment", "value": {"internal": "true"}}]}, True),
        ({"properties": [{"key": "sd.public.comment", "value": {"internal": False}}]}, False),
        ({"properties": [{"key": "sd.public.comment", "value": 7}]}, True),
    ],
)
def test_what_is_not_for_everybody_is_restricted(json: dict[str, Any], restricted: bool) -> None:
    assert only_comment(understood(issue(fields=comments(json)))).restricted is restricted


def test_in_a_service_project_nobody_knows_what_is_internal_without_being_told() -> None:
    project = {"project": {"id": "1", "projectTypeKey": "service_desk"}}

    assert understood(issue(fields={**project, **comments({})})).comments is None
    assert understood(issue(fields={**project, **comments({"jsdPublic": True})})).comments is not None


def test_our_comment_without_properties_has_an_unknown_marker() -> None:
    mine, theirs = {"author": {"name": "admin"}}, {"id": "2", "author": {"name": "anna"}}

    found = understood(issue(fields=comments(mine, theirs, {"id": "3", "properties": [], **mine})))

    assert found.comments is not None
    assert [(each.own, each.marker_known) for each in found.comments] == [(True, False), (False, True), (True, True)]


@pytest.mark.parametrize(
    ("user", "own"),
    [
        ({"accountId": "me"}, True),
        ({"accountId": "you"}, False),
        ({"accountId": "", "name": "sync"}, False),
        (None, False),
    ],
)
def test_on_cloud_only_the_account_id_tells_who_we_are(user: dict[str, str] | None, own: bool) -> None:
    assert understood(issue(fields={"creator": user}), me=Identity(account_id="me")).own is own


@pytest.mark.parametrize(
    ("user", "own"),
    [
        ({"name": "sync", "key": "JIRAUSER1"}, True),
        ({"name": "renamed", "key": "JIRAUSER1"}, True),
        ({"name": "sync", "key": "JIRAUSER2"}, False),
        ({"name": "sync"}, True),
    ],
)
def test_on_data_center_the_key_counts_before_the_name(user: dict[str, str], own: bool) -> None:
    me = Identity(name="sync", key="JIRAUSER1")

    assert understood(issue(fields={"creator": user}), me=me).own is own


def test_each_field_is_asked_for_once() -> None:
    wanted = Wanted(fields={FieldId("status"): FieldKind.STATUS, LABELS: FieldKind.LABELS}, comments=True)

    asked = fields_of(wanted)

    assert sorted(asked) == sorted(set(asked))
    assert {"updated", "status", "labels", "comment"} <= set(asked)
    assert "attachment" not in asked


def test_labels_are_a_set() -> None:
    assert understood(issue(fields={"labels": ["b", "a", "b"]})).values[LABELS] == labels("a", "b")


def test_an_issue_without_its_key_is_not_understood() -> None:
    with pytest.raises(ValueError, match="key"):
        understood(issue(key=""))
