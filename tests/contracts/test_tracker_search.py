"""Searching at pretend Jiras of every flavour: complete in spite of cut pages, moving totals and lagging indexes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest

from backbone.core.model.actions import NewIssue
from backbone.core.model.keys import FieldId, IssueId, Millis
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar
from backbone.ports.tracker import AccessError, Lane, OutcomeUnknown, Page, TransientError, Wanted
from tests.contracts.jira_sites import FLAVOURS, SYSTEM, SiteUnderTest, marker, site_under_test

WANTED = Wanted(fields=SYSTEM, comments=True, files=True)


@pytest.fixture(params=FLAVOURS)
async def site(request: pytest.FixtureRequest) -> AsyncIterator[SiteUnderTest]:
    async with site_under_test(str(request.param)) as ready:
        yield ready


def reports(site: SiteUnderTest, count: int, seconds: int = 1) -> list[IssueId]:
    made = []
    for number in range(count):
        site.clock.advance(timedelta(seconds=seconds))
        made.append(site.report(f"Report {number}"))
    return made


def searches(site: SiteUnderTest) -> int:
    return sum(count for name, count in site.simulator.calls.endpoints().items() if "search" in name)


async def changed(site: SiteUnderTest, wanted: Wanted = WANTED) -> list[Page]:
    projects, since = [site.project()], Millis(site.now() - 3_600_000)
    return [page async for page in site.tracker.changed(projects, since, wanted, Lane.LIVE)]


def ids_of(pages: list[Page]) -> list[IssueId]:
    return [issue.ref.id for page in pages for issue in page.issues]


async def test_a_look_that_one_page_answers_costs_one_call(site: SiteUnderTest) -> None:
    made = reports(site, 3)
    await site.tracker.account()
    await changed(site)
    site.simulator.calls.reset()

    pages = await changed(site)

    assert ids_of(pages) == made
    assert site.simulator.calls.total == 1


async def test_a_look_that_finds_nothing_still_tells_when_it_looked(site: SiteUnderTest) -> None:
    [page] = await changed(site)

    assert page.issues == ()
    assert page.last
    assert page.asked_at > 0


CLAMPS: list[Mapping[str, object]] = [
    {"fault": "page-size-clamp", "sizes": [3, 5, 2]},
    {"fault": "page-size-clamp", "sizes": [4]},
]


@pytest.mark.parametrize("clamp", CLAMPS)
async def test_cut_pages_lose_nothing_and_repeat_nothing(site: SiteUnderTest, clamp: Mapping[str, object]) -> None:
    made = reports(site, 13)
    await site.tracker.account()
    site.simulator.faults.arm(clamp)

    pages = await changed(site)

    assert ids_of(pages) == made
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]


async def test_many_changes_of_one_second_are_all_found(site: SiteUnderTest) -> None:
    made = reports(site, 11, seconds=0)
    site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [3]})

    assert sorted(ids_of(await changed(site))) == sorted(made)


async def test_an_edit_between_two_pages_hides_no_other_change(site: SiteUnderTest) -> None:
    made = reports(site, 230)
    projects, since = [site.project()], Millis(site.now() - 3_600_000)
    found: list[IssueId] = []

    async for page in site.tracker.changed(projects, since, WANTED, Lane.LIVE):
        for issue in page.issues[:20]:
            site.clock.advance(timedelta(seconds=1))
            site.anna.edit(int(issue.ref.id), priority="Lowest" if issue.ref.id not in found else "Highest")
        found += [one.ref.id for one in page.issues]
        if len(found) > 2 * len(made):
            break

    assert set(made) <= set(found)


async def test_a_project_that_we_can_not_see_does_not_hide_the_others(site: SiteUnderTest) -> None:
    made = reports(site, 2)
    projects = [site.project("SEC"), site.project(), site.project("OT")]

    for _ in range(2):
        found = site.tracker.changed(projects, Millis(site.now() - 60_000), WANTED, Lane.LIVE)
        pages = [page async for page in found]

        assert ids_of(pages) == made
        assert pages[0].unseen == {site.project("SEC")}


async def test_a_look_at_nothing_but_an_invisible_project_needs_an_administrator(site: SiteUnderTest) -> None:
    with pytest.raises(AccessError) as raised:
        async for _ in site.tracker.changed([site.project("SEC")], Millis(0), WANTED, Lane.LIVE):
            pass

    assert raised.value.code is Code.PERMISSION_MISSING


@pytest.mark.parametrize("sizes", [[100], [3], [4, 1, 2]])
async def test_everything_that_matches_is_found_once(site: SiteUnderTest, sizes: list[int]) -> None:
    made = reports(site, 11)
    await site.tracker.account()
    site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": sizes})

    found = site.tracker.matching(site.project(), "summary ~ Report ORDER BY created DESC", WANTED, Lane.BULK)

    assert sorted(ids_of([page async for page in found])) == sorted(made)


async def test_an_issue_that_leaves_between_two_pages_hides_no_other(site: SiteUnderTest) -> None:
    made = reports(site, 9)
    site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [3]})

    found: list[Page] = []
    async for page in site.tracker.matching(site.project(), "priority != Lowest", Wanted(), Lane.BULK):
        if not found:
            for issue in made[:3]:
                site.anna.edit(int(issue), priority="Lowest")
        found.append(page)

    assert sorted(ids_of(found)) == sorted(made)
    assert [page.last for page in found] == [False] * (len(found) - 1) + [True]


async def test_a_query_can_not_reach_beyond_its_project(site: SiteUnderTest) -> None:
    reports(site, 1)
    site.anna.create("OT", "Bug", "Not ours")
    beyond = "labels is EMPTY) OR (summary ~ ours"

    with pytest.raises(AccessError) as raised:
        async for _ in site.tracker.matching(site.project(), beyond, WANTED, Lane.BULK):
            pass

    assert raised.value.code is Code.JQL_REFUSED
    assert await site.tracker.check_jql(beyond) is not None


async def test_a_refused_query_names_itself(site: SiteUnderTest) -> None:
    with pytest.raises(AccessError) as raised:
        async for _ in site.tracker.matching(site.project(), "nonsense = 5", WANTED, Lane.BULK):
            pass

    assert raised.value.code is Code.JQL_REFUSED
    assert "nonsense" in raised.value.cause


async def test_a_census_counts_what_is_there_and_visible(site: SiteUnderTest) -> None:
    made = reports(site, 5)
    site.anna.move(int(made[0]), "OT")
    site.anna.delete(int(made[1]))

    assert await site.tracker.census(site.project()) == set(made[2:])


async def test_a_census_of_an_invisible_project_is_not_empty_but_an_error(site: SiteUnderTest) -> None:
    with pytest.raises(AccessError):
        await site.tracker.census(site.project("SEC"))


async def test_members_are_asked_in_one_call(site: SiteUnderTest) -> None:
    made = reports(site, 5)
    site.anna.edit(int(made[1]), labels=["internal"])
    await site.tracker.account()
    site.simulator.calls.reset()

    found = await site.tracker.members(made, "labels is EMPTY OR labels != internal ORDER BY created")

    assert found == set(made) - {made[1]}
    assert site.simulator.calls.total == 1


async def test_ids_that_exist_no_more_are_no_members(site: SiteUnderTest) -> None:
    made = reports(site, 3)
    site.anna.delete(int(made[1]))
    hidden = IssueId(str(site.anna.create("SEC", "Bug", "Secret").id))

    assert await site.tracker.members([*made, hidden, IssueId("999999")], "") == {made[0], made[2]}


async def test_members_of_a_refused_query_are_an_error_not_none(site: SiteUnderTest) -> None:
    made = reports(site, 1)

    with pytest.raises(AccessError) as raised:
        await site.tracker.members(made, "nonsense = 5")

    assert raised.value.code is Code.JQL_REFUSED


async def test_nobody_is_asked_for_the_members_of_nothing(site: SiteUnderTest) -> None:
    await site.tracker.account()
    site.simulator.calls.reset()

    assert await site.tracker.members([], "labels = x") == frozenset()
    assert site.simulator.calls.total == 0


async def test_a_query_is_checked(site: SiteUnderTest) -> None:
    complaint = await site.tracker.check_jql("nonsense = 5 ORDER BY key")

    assert complaint is not None
    assert "nonsense" in complaint
    assert await site.tracker.check_jql("labels is EMPTY ORDER BY created DESC") is None
    assert await site.tracker.check_jql("") is None


async def test_the_highest_key_is_the_greatest_number(site: SiteUnderTest) -> None:
    assert await site.tracker.highest_key(site.project()) is None
    reports(site, 11)

    assert await site.tracker.highest_key(site.project()) == "PA-11"


async def test_keys_that_passed_us_are_not_asked_for(site: SiteUnderTest) -> None:
    reports(site, 2)
    assert await site.tracker.highest_key(site.project()) == "PA-2"
    await site.tracker.create([new(site, "1"), new(site, "2")], Lane.BULK)
    site.simulator.calls.reset()

    assert await site.tracker.highest_key(site.project()) == "PA-4"
    assert site.simulator.calls.total == 0


def new(site: SiteUnderTest, partner: str) -> NewIssue:
    values = {FieldId("summary"): Scalar(f"New {partner}")}
    return NewIssue(project=site.project(), type=site.type(), values=values, marker=marker(partner=partner))


async def test_issues_whose_creation_nobody_confirmed_are_found_by_key(site: SiteUnderTest) -> None:
    reports(site, 2)
    highest = await site.tracker.highest_key(site.project())
    since = site.now()
    site.simulator.faults.arm({"fault": "answer-lost", "method": "POST", "path": "**/issue/bulk", "times": 1})
    with pytest.raises(OutcomeUnknown):
        await site.tracker.create([new(site, "1"), new(site, "2")], Lane.BULK)
    reports(site, 1)

    found = await site.tracker.find_created(site.project(), highest, since, Wanted(fields=SYSTEM))

    assert sorted(issue.marker.partner for issue in found if issue.marker) == ["1", "2"]
    assert len(found) == 2


async def test_issues_that_the_index_does_not_know_yet_are_found(site: SiteUnderTest) -> None:
    reports(site, 1)
    highest = await site.tracker.highest_key(site.project())
    since = site.now()
    site.simulator.index.hold_new(3)
    await site.tracker.create([new(site, "1"), new(site, "2"), new(site, "3")], Lane.BULK)
    assert len(await site.tracker.census(site.project())) == 1

    found = await site.tracker.find_created(site.project(), highest, since, Wanted(fields=SYSTEM))

    assert sorted(issue.marker.partner for issue in found if issue.marker) == ["1", "2", "3"]


async def test_in_an_empty_project_the_search_for_created_issues_begins_at_one(site: SiteUnderTest) -> None:
    await site.tracker.create([new(site, "1")], Lane.BULK)

    [found] = await site.tracker.find_created(site.project(), None, Millis(0), Wanted())

    assert found.marker == marker(partner="1")


async def test_keys_that_are_gone_hide_no_created_issue(site: SiteUnderTest) -> None:
    [first] = reports(site, 1)
    highest = await site.tracker.highest_key(site.project())
    for issue in reports(site, 6):
        site.anna.delete(int(issue))
    site.simulator.index.hold_new(1)
    await site.tracker.create([new(site, "1")], Lane.BULK)

    found = await site.tracker.find_created(site.project(), highest, site.now(), Wanted())

    assert [issue.marker for issue in found] == [marker(partner="1")]
    assert first not in {issue.ref.id for issue in found}


async def test_a_look_at_no_project_asks_nobody(site: SiteUnderTest) -> None:
    assert [page async for page in site.tracker.changed([], Millis(0), WANTED, Lane.LIVE)] == []
    assert site.simulator.calls.total == 0


@pytest.mark.parametrize("fault", ["repeated-page-token", "empty-page"])
async def test_on_cloud_an_odd_token_hides_nothing(fault: str) -> None:
    async with site_under_test("cloud") as site:
        made = reports(site, 9)
        site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [3]})
        site.simulator.faults.arm({"fault": fault, "times": 1})

        found = site.tracker.matching(site.project(), "", Wanted(), Lane.BULK)

        assert sorted(ids_of([page async for page in found])) == sorted(made)


async def test_on_cloud_a_token_that_leads_nowhere_ends_in_an_error_not_in_silence() -> None:
    async with site_under_test("cloud") as site:
        reports(site, 9)
        site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [3]})
        site.simulator.faults.arm({"fault": "repeated-page-token", "times": 1000})

        with pytest.raises(TransientError):
            await site.tracker.census(site.project())


async def test_on_cloud_a_look_goes_on_behind_a_token_that_leads_nowhere() -> None:
    async with site_under_test("cloud") as site:
        made = reports(site, 9)
        site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [3]})
        site.simulator.faults.arm({"fault": "repeated-page-token", "times": 1000})

        assert ids_of(await changed(site)) == made


async def test_on_data_center_a_moving_total_ends_no_walk_early() -> None:
    async with site_under_test("10.3.17") as site:
        made = reports(site, 12)
        site.simulator.faults.arm({"fault": "moving-total", "step": -2})
        site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [3]})

        assert await site.tracker.census(site.project()) == set(made)


@pytest.mark.parametrize("edited", [1, 2, 5])
async def test_on_data_center_an_edit_among_many_changes_of_one_second_hides_none(edited: int) -> None:
    async with site_under_test("10.3.17") as site:
        made = reports(site, 13, seconds=0)
        site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [3]})
        found: list[Page] = []

        async for page in site.tracker.changed([site.project()], Millis(site.now() - 3_600_000), WANTED, Lane.LIVE):
            found.append(page)
            if len(found) == 3:
                site.clock.advance(timedelta(seconds=5))
                for issue in made[:edited]:
                    site.anna.edit(int(issue), priority="Highest")

        assert set(ids_of(found)) == set(made)
