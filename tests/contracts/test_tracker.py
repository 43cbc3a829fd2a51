"""What every tracker promises, held against pretend Jiras of every supported flavour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from backbone.core.model.actions import EditFields, ElementEdit, MoveAlong, NewIssue
from backbone.core.model.keys import FieldId, IssueId, Millis
from backbone.core.model.snapshot import CommentSnapshot, IssueSnapshot
from backbone.core.model.values import EMPTY, Option, Scalar, labels
from backbone.ports.tracker import Created, Done, Edited, Lane, Unavailable, Wanted
from tests.contracts.jira_sites import FLAVOURS, SYSTEM, SiteUnderTest, marker, site_under_test

EVERYTHING = Wanted(fields=SYSTEM, comments=True, files=True, history=True, transitions=True, marker=True)


@pytest.fixture(params=FLAVOURS)
async def site(request: pytest.FixtureRequest) -> AsyncIterator[SiteUnderTest]:
    async with site_under_test(str(request.param)) as ready:
        yield ready


async def read(site: SiteUnderTest, issue: IssueId, wanted: Wanted = EVERYTHING) -> IssueSnapshot:
    found = await site.tracker.read(issue, wanted, Lane.LIVE)
    assert isinstance(found, IssueSnapshot), found
    return found


async def test_an_account_tells_who_we_are_and_where(site: SiteUnderTest) -> None:
    account = await site.tracker.account()

    assert account.cloud is site.cloud
    assert account.time_zone == "Asia/Kolkata"
    assert account.version == site.simulator.traits.version


async def test_what_changed_comes_oldest_first_in_one_call(site: SiteUnderTest) -> None:
    first = site.report("First", labels=["a"])
    site.clock.advance(timedelta(seconds=3))
    second = site.report("Second")
    await site.tracker.account()
    site.anna.comment(int(first), "Hello")
    site.simulator.calls.reset()
    since = Millis(site.now() - 60_000)

    wanted = Wanted(fields=SYSTEM, comments=True, files=True)
    pages = [page async for page in site.tracker.changed([site.project()], since, wanted, Lane.LIVE)]

    issues = [issue for page in pages for issue in page.issues]
    assert [page.last for page in pages] == [True]
    assert {issue.ref.id for issue in issues} == {first, second}
    assert [issue.updated for issue in issues] == sorted(issue.updated for issue in issues)


async def test_an_issue_is_read_with_all_its_parts(site: SiteUnderTest) -> None:
    issue = site.report("It is broken", description="a\r\nb", priority="High", labels=["x", "y"])
    site.clock.advance(timedelta(minutes=5))
    site.anna.edit(int(issue), summary="It is still broken")
    site.anna.comment(int(issue), "Really")
    site.anna.attach(int(issue), "log.txt", b"bytes")

    found = await read(site, issue)

    assert found.values[FieldId("summary")] == Scalar("It is still broken")
    assert found.values[FieldId("description")] == Scalar("a\nb")
    assert found.values[FieldId("labels")] == labels("x", "y")
    assert found.values[FieldId("duedate")] == EMPTY
    assert found.comments is not None
    assert [comment.body for comment in found.comments] == ["Really"]
    assert found.files is not None
    assert [(file.name, file.size) for file in found.files] == [("log.txt", 5)]
    assert found.history is not None
    [change] = [item for item in found.history if item.field == "summary"]
    assert (change.before, change.after) == (Scalar("It is broken"), Scalar("It is still broken"))
    assert found.transitions is not None
    assert [step.name for step in found.transitions] == ["Start"]
    assert not found.own
    assert found.marker_known
    assert found.marker is None


async def test_an_issue_that_is_gone_or_invisible_is_unavailable(site: SiteUnderTest) -> None:
    hidden = IssueId(str(site.anna.create("SEC", "Bug", "Secret").id))

    assert await site.tracker.read(hidden, EVERYTHING, Lane.LIVE) == Unavailable(hidden)
    assert await site.tracker.read(IssueId("999999"), EVERYTHING, Lane.LIVE) == Unavailable(IssueId("999999"))


async def test_created_issues_carry_their_marker(site: SiteUnderTest) -> None:
    new = [
        NewIssue(
            project=site.project(),
            type=site.type(),
            values={FieldId("summary"): Scalar(f"New {number}"), FieldId("labels"): labels("new")},
            marker=marker(partner=str(number)),
        )
        for number in range(2)
    ]

    results = await site.tracker.create(new, Lane.BULK)

    assert all(isinstance(result, Created) for result in results), results
    created = [result.ref.id for result in results if isinstance(result, Created)]
    many = await site.tracker.read_many(created, EVERYTHING, Lane.BULK)
    assert [many[each].marker for each in created] == [marker(partner="0"), marker(partner="1")]
    assert all(many[each].own for each in created)


async def test_an_edit_writes_fields_and_shows_what_it_replaced(site: SiteUnderTest) -> None:
    issue = site.report("Before", labels=["keep", "drop"])
    await read(site, issue)
    edit = EditFields(
        issue=issue,
        values={FieldId("summary"): Scalar("After")},
        elements={
            FieldId("labels"): ElementEdit(
                add=frozenset({Option("new", "new")}), remove=frozenset({Option("drop", "drop")})
            )
        },
        before={FieldId("summary"): Scalar("Before")},
    )

    result = await site.tracker.edit(edit, Wanted(fields=SYSTEM), Lane.LIVE)

    assert isinstance(result, Edited), result
    assert result.after is not None
    assert result.after.values[FieldId("summary")] == Scalar("After")
    assert result.after.values[FieldId("labels")] == labels("keep", "new")
    assert result.after.history is not None
    [item] = [item for item in result.after.history if item.field == "summary"]
    assert item.before == Scalar("Before")
    assert item.own


async def test_a_transition_moves_an_issue_along(site: SiteUnderTest) -> None:
    issue = site.report()
    found = await read(site, issue)
    assert found.transitions is not None
    start = found.transitions[0]

    result = await site.tracker.move(MoveAlong(issue=issue, transition=start.id, to=start.to), Lane.LIVE)

    assert isinstance(result, Done), result
    assert (await read(site, issue)).values[FieldId("status")] == site.status("In Progress")


async def test_a_comment_of_ours_is_known_by_its_marker(site: SiteUnderTest) -> None:
    issue = site.report()

    written = await site.tracker.add_comment(issue, "Anna wrote:\nHello", marker(), Lane.LIVE)
    everything = await site.tracker.comments(issue, Lane.LIVE)

    assert isinstance(written, CommentSnapshot), written
    assert isinstance(everything, tuple)
    assert [(each.id, each.own, each.marker) for each in everything] == [(written.id, True, marker())]
