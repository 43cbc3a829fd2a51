"""What a dry run tells: what comes, what goes, what becomes another, and what only means another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.declaration.declared import Declared, Json, ResolvedSynchronization, compile_halves
from backbone.app.declaration.difference import (
    Change,
    Changed,
    Created,
    Stored,
    Unchanged,
    Undeclared,
    compare,
    compare_documents,
)
from backbone.core.model.keys import ConnectorKey, Millis, ProjectId, Revision, SynchronizationKey
from tests.unit.app.declaration.fake_metadata import beta, options
from tests.unit.app.declaration.looking_up import TOP, fields, resolved

ROWS = ("{first: summary, second: summary}", "{first: priority, second: priority, values: [[High, P1], [Low, P3]]}")


@pytest.fixture
async def declared() -> Declared:
    return await resolved(fields(*ROWS))


def stored(one: ResolvedSynchronization) -> dict[str, Stored]:
    halves = compile_halves(
        one,
        synchronization=SynchronizationKey("INT-7"),
        connectors=(ConnectorKey("PA-1"), ConnectorKey("PB-1")),
        revision=Revision(4),
        started=Millis(99),
    )
    return {one.name: Stored(document=one.document, halves=halves)}


def shown(outcome: object) -> list[str]:
    assert isinstance(outcome, Changed | Created)
    return [change.show() for change in outcome.changes]


def test_what_is_declared_again_is_unchanged(declared: Declared) -> None:
    assert compare(stored(declared.synchronizations[0]), declared.synchronizations) == (Unchanged("S"),)


async def test_what_started_at_some_moment_is_unchanged_later() -> None:
    declared = await resolved(top=TOP.replace("all", "new"))

    assert compare(stored(declared.synchronizations[0]), declared.synchronizations) == (Unchanged("S"),)


async def test_the_order_of_fields_says_nothing(declared: Declared) -> None:
    turned = await resolved(fields(*reversed(ROWS)))

    assert compare_documents(declared.synchronizations[0].document, turned.synchronizations[0].document) == ()
    assert compare(stored(declared.synchronizations[0]), turned.synchronizations) == (Unchanged("S"),)


def test_a_new_synchronization_tells_all_it_says(declared: Declared) -> None:
    (outcome,) = compare({}, declared.synchronizations)

    assert "+ issue_types, Bug <> Defect: mapped" in shown(outcome)
    assert "+ fields, priority <> priority, values, High <> P1: mapped" in shown(outcome)
    assert "+ first, project: PA" in shown(outcome)


def test_what_the_file_does_not_name_is_left_as_it_is(declared: Declared) -> None:
    assert compare(stored(declared.synchronizations[0]), []) == (Undeclared("S"),)


async def test_what_comes_goes_and_becomes_another_is_told(declared: Declared) -> None:
    other = await resolved(
        fields("{first: priority, second: priority, direction: first_to_second, values: [[High, P1], [Low, P2]]}"),
        top=TOP.replace("start_with: all", "start_with: all\n    interval: 5s").replace("PA}", "PX}"),
    )

    (outcome,) = compare(stored(declared.synchronizations[0]), other.synchronizations)

    assert shown(outcome) == [
        "~ first, project: PA → PX",
        "- fields, summary <> summary: mapped",
        "- fields, priority <> priority, values, Low <> P3: mapped",
        "+ fields, priority <> priority, direction: first_to_second",
        "+ fields, priority <> priority, values, Low <> P2: mapped",
        "+ interval: 5",
    ]


async def test_comments_and_attachments_are_told_though_their_defaults_say_nothing(declared: Declared) -> None:
    both = TOP + "    comments: {hide_authors: false}\n    attachments: {direction: both}\n"
    other = await resolved(fields(*ROWS), top=both)

    (come,) = compare(stored(declared.synchronizations[0]), other.synchronizations)
    (gone,) = compare(stored(other.synchronizations[0]), declared.synchronizations)

    assert shown(come) == ["+ comments: travel", "+ comments, hide_authors: false", "+ attachments: travel"]
    assert "- attachments: travel" in shown(gone)


async def test_the_same_words_that_mean_another_option_now_are_a_change(declared: Declared) -> None:
    second = beta()
    second.offered = {**second.offered, "priority": options(81, "P1", "P2", "P3")}
    again = await resolved(fields(*ROWS), second=second)

    (outcome,) = compare(stored(declared.synchronizations[0]), again.synchronizations)

    assert shown(outcome) == [
        "~ meaning of the second side's field Priority (priority): as stored → as Jira has it now"
    ]


async def test_a_project_that_was_replaced_under_its_key_is_a_change(declared: Declared) -> None:
    second = beta()
    second.projects = tuple(replace(one, id=ProjectId("20009")) for one in second.projects)
    again = await resolved(fields(*ROWS), second=second)

    (outcome,) = compare(stored(declared.synchronizations[0]), again.synchronizations)

    assert shown(outcome) == ["~ meaning of the second side's project: as stored → as Jira has it now"]


def test_a_change_shows_its_kind() -> None:
    assert Change(about="a", before=None, after="x").show() == "+ a: x"
    assert Change(about="a", before="x", after=None).show() == "- a: x"
    assert Change(about="a", before="x", after="y").show() == "~ a: x → y"


def test_rows_of_the_same_fields_are_told_apart_by_their_ids() -> None:
    def document(bugs: list[Json], tasks: list[Json]) -> dict[str, Json]:
        row: dict[str, Json] = {"first": "summary", "second": "summary"}
        return {"fields": [{**row, "id": "a", "issue_types": bugs}, {**row, "id": "b", "issue_types": tasks}]}

    changes = compare_documents(document(["Bug", "Story"], ["Task"]), document(["Bug"], ["Task", "Story"]))

    assert [change.show() for change in changes] == [
        "- fields, summary <> summary (a), issue_types, Story: named",
        "+ fields, summary <> summary (b), issue_types, Story: named",
    ]
