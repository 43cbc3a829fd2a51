"""How a pair comes to be: which issues are sent, and what is created for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.model.changes import Changes, ElementChange, IssueAppeared
from backbone.core.model.configuration import StartAll, StartJql, StartNew, StartSince, StartWith
from backbone.core.model.keys import FieldId, IssueId, IssueKey, IssueRef, Millis, ProjectId, Role
from backbone.core.model.stamps import Stamp
from backbone.core.model.values import Scalar, labels
from backbone.core.sync.outgoing import Needs
from backbone.core.sync.pairing import Birth, Selection, TypeUnmapped, appear, give_birth, select
from tests.fakes.halves import DEFECT, LABELS, half
from tests.rules.pieces import MARKER, looking

HALF = half("INT-1", "B-1", "B", Role.SECOND)
EARLY, LATE = Millis(0), Millis(2**50)
PARTNER = IssueRef(id=IssueId("A1"), key=IssueKey("A-1"))


@pytest.mark.parametrize(
    ("start", "selected"),
    [
        (StartAll(), Selection.SEND),
        (StartNew(since=EARLY), Selection.SEND),
        (StartNew(since=LATE), Selection.LEAVE),
        (StartSince(since=EARLY), Selection.SEND),
        (StartSince(since=LATE), Selection.LEAVE),
        (StartJql(jql="x", since=EARLY), Selection.SEND),
        (StartJql(jql="x", since=LATE), Selection.ASK_START_JQL),
    ],
)
def test_the_start_selects_issues(start: StartWith, selected: Selection) -> None:
    sends = tuple(replace(one, sends=True) for one in HALF.types)

    assert select(replace(HALF, types=sends, start_with=start), looking({}).snapshot) is selected


def test_an_issue_of_another_project_is_left_alone() -> None:
    assert select(HALF, replace(looking({}).snapshot, project=ProjectId("X"))) is Selection.LEAVE


def test_an_issue_that_appears_needs_its_comments() -> None:
    look = looking({})

    assert isinstance(appear(replace(look, snapshot=replace(look.snapshot, comments=None)), HALF.types[0]), Needs)


def test_a_type_that_is_not_mapped_is_not_created() -> None:
    content = IssueAppeared(issue=PARTNER, type_alias="epic", changes=Changes())

    assert give_birth(HALF, looking({}).pair, content, MARKER, frozenset()) == TypeUnmapped("epic")


def test_a_new_issue_has_its_elements_and_shows_its_partner() -> None:
    stamp = Stamp(number=1, role=Role.FIRST, origin="A")
    added = ElementChange(alias=LABELS, element="x", present=True, stamp=stamp)
    content = IssueAppeared(issue=PARTNER, type_alias="bug", changes=Changes(elements=(added,)))
    shown = replace(HALF, correlation_field=FieldId("partner"))

    birth = give_birth(shown, looking({}).pair, content, MARKER, frozenset())
    refused = give_birth(shown, looking({}).pair, content, MARKER, frozenset({LABELS}))

    assert isinstance(birth, Birth)
    assert isinstance(refused, Birth)
    assert birth.issue.type == DEFECT
    assert birth.issue.values == {LABELS: labels("x"), FieldId("partner"): Scalar("A-1")}
    assert refused.issue.values == {FieldId("partner"): Scalar("A-1")}
    assert [one.element for held in refused.pair.parked.values() for one in held] == ["x"]
