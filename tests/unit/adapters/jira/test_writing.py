"""Actions as the bodies of Jira's requests."""

from __future__ import annotations

import pytest

from backbone.adapters.jira.codec.comments import comment_to_json, edited_comment_to_json
from backbone.adapters.jira.codec.files import form_of, safe_name
from backbone.adapters.jira.codec.writing import create_to_json, edit_to_json, move_to_json
from backbone.adapters.jira.create import LARGEST_BODY, parcels
from backbone.core.model.actions import EditFields, ElementEdit, MoveAlong, NewIssue
from backbone.core.model.keys import FieldId, IssueId, ProjectId, TransitionId
from backbone.core.model.snapshot import Marker
from backbone.core.model.values import FieldKind, Option, Scalar

SUMMARY, TAGS, COLORS = FieldId("summary"), FieldId("customfield_1"), FieldId("customfield_2")
KINDS = {SUMMARY: FieldKind.TEXT, TAGS: FieldKind.LABELS, COLORS: FieldKind.OPTIONS}
MARKER = Marker(installation="i", incarnation="n", synchronization="s", partner="7", attempt="a")


def test_a_new_issue_is_marked() -> None:
    new = NewIssue(project=ProjectId("1"), type=Option("2", "Bug"), values={SUMMARY: Scalar("x")}, marker=MARKER)

    body = create_to_json(new, KINDS)

    assert body["fields"] == {"project": {"id": "1"}, "issuetype": {"id": "2"}, "summary": "x"}
    assert body["properties"] == [
        {
            "key": "backbone.marker",
            "value": {"installation": "i", "incarnation": "n", "synchronization": "s", "partner": "7", "attempt": "a"},
        }
    ]


def test_elements_are_added_and_removed_so_that_others_stay() -> None:
    labels = ElementEdit(add=frozenset({Option("b", "b"), Option("a", "a")}), remove=frozenset({Option("c", "c")}))
    colors = ElementEdit(remove=frozenset({Option("5", "Red")}))

    body = edit_to_json(EditFields(issue=IssueId("1"), elements={TAGS: labels, COLORS: colors}), KINDS)

    assert body == {
        "update": {
            "customfield_1": [{"add": "a"}, {"add": "b"}, {"remove": "c"}],
            "customfield_2": [{"remove": {"id": "5"}}],
        }
    }


def test_a_transition_sends_fields_only_if_it_has_some() -> None:
    step = MoveAlong(issue=IssueId("1"), transition=TransitionId("31"), to=Option("3", "Done"))

    assert move_to_json(step, KINDS) == {"transition": {"id": "31"}}


def test_a_comment_is_marked_and_its_visibility_repeated() -> None:
    assert comment_to_json("x", MARKER)["body"] == "x"
    assert edited_comment_to_json("y", None) == {"body": "y"}
    assert edited_comment_to_json("y", {}) == {"body": "y", "visibility": {}}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("Größe 漢字.txt", "Größe 漢字.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ('a"b\r\nX-Evil: 1.txt', "a'bX-Evil: 1.txt"),
        ("\x00", "attachment"),
        ("", "attachment"),
    ],
)
def test_names_of_files_survive_the_header_of_a_form(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_form_has_the_name_as_it_is() -> None:
    head, tail = form_of("ä.txt", "text/plain", "B")

    assert b'filename="\xc3\xa4.txt"\r\nContent-Type: text/plain\r\n\r\n' in head
    assert tail == b"\r\n--B--\r\n"


def test_a_type_that_is_none_does_not_break_a_form() -> None:
    assert b"Content-Type: application/octet-stream\r\n\r\n" in form_of("a", "x\r\ny: z", "B")[0]


def test_a_batch_is_divided_by_number_and_size() -> None:
    assert [len(group) for group in parcels([b"x"] * 120)] == [50, 50, 20]
    assert [len(group) for group in parcels([b"x" * (LARGEST_BODY // 2)] * 3)] == [1, 1, 1]
    assert [len(group) for group in parcels([b"x" * (LARGEST_BODY // 2 - 2)] * 3)] == [2, 1]
