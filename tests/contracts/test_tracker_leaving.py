"""Issues that leave what is searched for between two pages of it: no other is passed over because of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import pytest

from backbone.adapters.jira.budget import HeededBudget
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.tracker import JiraTracker
from backbone.core.model.keys import SUMMARY, IssueId
from backbone.core.model.values import Scalar
from backbone.ports.budget import HostBudget
from backbone.ports.tracker import Lane, Page, Wanted
from tests.contracts.jira_sites import PATIENT, SYSTEM, SiteUnderTest, credentials, site_under_test

SIZE = 3
FLAVOURS = ("10.3.17", "cloud")
STAYS = "priority != Lowest"


class Interrupted(HeededBudget):
    """Before the calls of these numbers something happens in Jira."""

    def __init__(self, inner: HostBudget) -> None:
        super().__init__(inner)
        self._happens: Mapping[int, Callable[[], None]] = {}
        self._calls = 0

    def begin(self, happens: Mapping[int, Callable[[], None]]) -> None:
        """The next call is the first."""
        self._happens, self._calls = happens, 0

    async def permit(self, lane: Lane) -> None:
        await super().permit(lane)
        self._calls += 1
        if self._calls in self._happens:
            self._happens[self._calls]()


@asynccontextmanager
async def interrupted(
    site: SiteUnderTest, flavour: str, happens: Mapping[int, Callable[[], None]]
) -> AsyncIterator[JiraTracker]:
    """A tracker of pages of three that knows its Jira: what it asks for next is its first call."""
    budget = Interrupted(site.budget)
    connection = JiraConnection(base_url=site.simulator.url, login=credentials(flavour), timeouts=PATIENT)
    tracker = JiraTracker(connection, budget)
    async for _ in tracker.matching(site.project("OT"), "", Wanted(fields=SYSTEM), Lane.BULK):
        pass
    budget.begin(happens)
    site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [SIZE]})
    yield tracker
    await tracker.close()


def leave(site: SiteUnderTest, issues: list[IssueId]) -> None:
    for issue in issues:
        site.anna.edit(int(issue), priority="Lowest")


async def pages_of(site: SiteUnderTest, tracker: JiraTracker, wanted: Wanted) -> list[Page]:
    return [page async for page in tracker.matching(site.project(), STAYS, wanted, Lane.BULK)]


@pytest.mark.parametrize("left", [slice(0, 3), slice(6, 9)])
@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_members_that_are_asked_for_in_pages_are_all_found(flavour: str, left: slice) -> None:
    async with site_under_test(flavour) as site:
        made = [site.report(f"Report {number}") for number in range(9)]
        async with interrupted(site, flavour, {2: lambda: leave(site, made[left])}) as tracker:
            found = await tracker.members(made, STAYS)

        assert found >= set(made) - set(made[left])


@pytest.mark.parametrize("left", [1, 2, 4])
@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_what_was_passed_over_comes_with_all_that_is_wanted(flavour: str, left: int) -> None:
    async with site_under_test(flavour) as site:
        made = [site.report(f"Report {number}") for number in range(13)]
        async with interrupted(site, flavour, {3: lambda: leave(site, made[:left])}) as tracker:
            found = await pages_of(site, tracker, Wanted(fields=SYSTEM))

        summaries = {one.ref.id: one.values[SUMMARY] for page in found for one in page.issues}
        assert {key: summaries.get(key) for key in made[left:]} == {
            key: Scalar(f"Report {number}") for number, key in enumerate(made) if number >= left
        }
        assert sum(len(page.issues) for page in found) == len(summaries)


async def test_on_cloud_what_is_deleted_before_it_is_read_hides_no_other() -> None:
    async with site_under_test("cloud") as site:
        made = [site.report(f"Report {number}") for number in range(9)]
        happens = {2: lambda: leave(site, made[:3]), 5: lambda: site.anna.delete(int(made[3]))}
        async with interrupted(site, "cloud", happens) as tracker:
            found = await pages_of(site, tracker, Wanted())

        assert {one.ref.id for page in found for one in page.issues} == set(made) - {made[3]}


async def test_on_cloud_a_result_that_holds_still_is_counted_in_one_call() -> None:
    async with site_under_test("cloud") as site:
        made = [site.report(f"Report {number}") for number in range(2 * SIZE)]
        async with interrupted(site, "cloud", {}) as tracker:
            site.simulator.faults.clear()
            site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [SIZE], "body_has": '"updated"'})
            site.simulator.calls.reset()
            found = await pages_of(site, tracker, Wanted())

        assert [one.ref.id for page in found for one in page.issues] == made
        assert site.simulator.calls.total == len(made) // SIZE + 1
