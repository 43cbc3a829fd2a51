"""Issues as they would be after planned writes."""

from __future__ import annotations

from backbone.app.usecases.planning.overlay import NewbornIssue, Planned, edited, newborn, seen_through
from backbone.core.model.actions import ElementEdit, NewIssue
from backbone.core.model.keys import STATUS, CommentId, FieldId, IssueId, IssueKey, IssueRef, Millis, ProjectId
from backbone.core.model.snapshot import CommentSnapshot, IssueSnapshot, Marker
from backbone.core.model.values import EMPTY, FieldKind, Option, Scalar, labels
from backbone.ports.tracker import Wanted

SUMMARY, PRIORITY = FieldId("summary"), FieldId("priority")
OPEN = Option("1", "Open")
MARKER = Marker(installation="i", incarnation="n", synchronization="INT-1", partner="7", attempt="a")
REF = IssueRef(id=IssueId("10"), key=IssueKey("PA-1"))


def snapshot(comments: tuple[CommentSnapshot, ...] | None = None) -> IssueSnapshot:
    at = Millis(1_000)
    return IssueSnapshot(
        ref=REF,
        project=ProjectId("1"),
        type=Option("1", "Bug"),
        created=at,
        updated=at,
        read_at=at,
        values={SUMMARY: Scalar("read")},
        comments=comments,
    )


def comment(ident: str, body: str) -> CommentSnapshot:
    at = Millis(1_000)
    return CommentSnapshot(
        id=CommentId(ident), body=body, author=None, created=at, updated=at, restricted=False, own=False
    )


def test_a_planned_value_is_seen_only_where_the_field_was_asked_for() -> None:
    planned = Planned(values={SUMMARY: Scalar("planned"), PRIORITY: Option("2", "Low")})

    assert seen_through(planned, snapshot()).values == {SUMMARY: Scalar("planned")}


def test_planned_comments_come_change_and_go() -> None:
    kept, changed, gone = comment("1", "kept"), comment("2", "old"), comment("3", "gone")
    planned = Planned(comments={changed.id: comment("2", "new"), gone.id: None, CommentId("4"): comment("4", "added")})

    seen = seen_through(planned, snapshot((kept, changed, gone))).comments

    assert [one.body for one in seen or ()] == ["kept", "new", "added"]


def test_comments_that_were_not_read_stay_unknown() -> None:
    assert seen_through(Planned(comments={CommentId("4"): comment("4", "added")}), snapshot()).comments is None


def test_a_planned_issue_is_read_with_its_values_and_its_first_status() -> None:
    new = NewIssue(project=ProjectId("1"), type=Option("1", "Bug"), values={SUMMARY: Scalar("new")}, marker=MARKER)
    wanted = Wanted(
        fields={SUMMARY: FieldKind.TEXT, STATUS: FieldKind.STATUS, PRIORITY: FieldKind.OPTION}, comments=True
    )

    seen = newborn(NewbornIssue(ref=REF, new=new, at=Millis(5)), wanted, {STATUS: OPEN})

    assert seen.values == {SUMMARY: Scalar("new"), STATUS: OPEN, PRIORITY: EMPTY}
    assert (seen.comments, seen.files, seen.own, seen.marker) == ((), None, True, MARKER)


def test_elements_are_added_and_removed_without_touching_the_others() -> None:
    edit = ElementEdit(add=labels("c").options, remove=labels("a").options)

    assert edited(labels("a", "b"), edit) == labels("b", "c")
    assert edited(EMPTY, edit) == labels("c")
