"""More changes of one instant than a page holds, and people who go on editing while the pages are turned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backbone.core.model.keys import IssueId, Millis
from backbone.ports.tracker import Lane, Page, Wanted
from tests.contracts.jira_sites import SiteUnderTest, site_under_test

SIZE = 3
FLAVOURS = ("10.3.17", "cloud")


def of_one_instant(site: SiteUnderTest, count: int) -> list[IssueId]:
    site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [SIZE]})
    return [site.report(f"Report {number}") for number in range(count)]


def edit(site: SiteUnderTest, issues: list[IssueId]) -> None:
    site.clock.advance(timedelta(seconds=5))
    for issue in issues:
        site.anna.edit(int(issue), priority="Highest")


async def found_while(site: SiteUnderTest, made: list[IssueId], edited: int, pages: int) -> list[Page]:
    """All pages; after so many of them the first issues are edited."""
    found: list[Page] = []
    async for page in site.tracker.changed([site.project()], Millis(site.now() - 3_600_000), Wanted(), Lane.LIVE):
        found.append(page)
        if len(found) == pages:
            edit(site, made[:edited])
    return found


@pytest.mark.parametrize("later", [0, 1, 7])
@pytest.mark.parametrize(("edited", "pages"), [(1, 2), (2, 3), (5, 3), (1, 4)])
@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_an_edit_meanwhile_hides_no_other_change(flavour: str, edited: int, pages: int, later: int) -> None:
    async with site_under_test(flavour) as site:
        made = of_one_instant(site, 13)
        for number in range(later):
            site.clock.advance(timedelta(seconds=1))
            made.append(site.report(f"Later {number}"))

        found = await found_while(site, made, edited, pages)

        assert {one.ref.id for page in found for one in page.issues} == set(made)
        assert [page.last for page in found] == [False] * (len(found) - 1) + [True]


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_edits_after_every_page_hide_no_other_change(flavour: str) -> None:
    async with site_under_test(flavour) as site:
        made = of_one_instant(site, 13)
        found: list[IssueId] = []
        left = list(made)

        async for page in site.tracker.changed([site.project()], Millis(site.now() - 3_600_000), Wanted(), Lane.LIVE):
            found += [one.ref.id for one in page.issues]
            edit(site, left[:1])
            del left[:1]

        assert set(found) == set(made)


async def test_on_cloud_pages_of_one_instant_that_held_still_are_counted_once() -> None:
    async with site_under_test("cloud") as site:
        of_one_instant(site, 2 * SIZE)
        site.simulator.faults.clear()
        site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [SIZE], "body_has": '"updated"'})
        await site.tracker.account()
        site.simulator.calls.reset()

        pages = await found_while(site, [], 0, 0)

        assert [len(page.issues) for page in pages] == [SIZE, 0, SIZE]
        assert site.simulator.calls.total == len(pages) + 1
