"""What others do, or fail to do, around our calls: no write is doubled for it, and nothing is taken for removed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.tracker import JiraTracker
from backbone.core.model.actions import NewIssue
from backbone.core.model.keys import FieldId
from backbone.core.model.values import Scalar
from backbone.ports.tracker import AccessError, Lane, OutcomeUnknown, TransientError
from tests.contracts.jira_sites import FLAVOURS, SiteUnderTest, credentials, marker, site_under_test
from tests.contracts.test_tracker_files import Bytes

SUMMARY = FieldId("summary")


@pytest.fixture(params=FLAVOURS)
async def site(request: pytest.FixtureRequest) -> AsyncIterator[SiteUnderTest]:
    async with site_under_test(str(request.param)) as ready:
        yield ready


class Between:
    """A budget that lets somebody act before a call, the first of which has the number 1."""

    def __init__(self, number: int, act: Callable[[], object]) -> None:
        self._number = number
        self._act = act
        self.calls = 0

    async def permit(self, lane: Lane) -> None:
        del lane
        self.calls += 1
        if self.calls == self._number:
            self._act()

    async def pause(self, seconds: float) -> None: ...

    async def pace(self, per_second: float, burst: float) -> None: ...

    async def block(self, error: AccessError) -> None: ...

    async def unblock(self) -> None: ...


@pytest.mark.parametrize("unanswered", ["serverInfo", "myself"])
async def test_who_we_are_is_asked_before_a_write_not_after_it(site: SiteUnderTest, unanswered: str) -> None:
    """Else the write would pass for one that did not happen, and be repeated."""
    issue = site.report()
    site.simulator.faults.arm({"fault": "server-error", "status": 503, "path": f"**/{unanswered}"})

    with pytest.raises(TransientError):
        await site.tracker.add_comment(issue, "Hello", marker(), Lane.LIVE)
    with pytest.raises(TransientError):
        await site.tracker.add_file(issue, "a.bin", "application/octet-stream", Bytes(b"x"), Lane.LIVE)

    found = site.anna.issue(int(issue))
    assert found.comments == ()
    assert found.attachments == ()


async def test_a_login_that_ends_between_two_parcels_does_not_hide_what_was_created(site: SiteUnderTest) -> None:
    batch = [
        NewIssue(
            project=site.project(),
            type=site.type(),
            values={SUMMARY: Scalar(f"New {number}")},
            marker=marker(partner=str(number)),
        )
        for number in range(site.tracker.create_limit + 1)
    ]
    site.simulator.faults.arm({"fault": "session-expired", "path": "**/issue/bulk", "skip": 1})

    with pytest.raises(OutcomeUnknown):
        await site.tracker.create(batch, Lane.LIVE)


@pytest.mark.parametrize("flavour", ["10.3.17", "cloud"])
async def test_a_comment_that_goes_between_two_pages_hides_no_other(flavour: str) -> None:
    async with site_under_test(flavour) as site:
        issue = site.report()
        made = [site.anna.comment(int(issue), str(number)) for number in range(250)]
        site.simulator.faults.arm({"fault": "page-size-clamp", "sizes": [100], "path": "**/comment"})
        between = Between(4, lambda: site.anna.delete_comment(int(issue), made[0].id))
        connection = JiraConnection(base_url=site.simulator.url, login=credentials(flavour))
        tracker = JiraTracker(connection, between)
        try:
            found = await tracker.comments(issue, Lane.LIVE)
        finally:
            await tracker.close()

    assert between.calls > 4
    assert isinstance(found, tuple)
    assert [each.body for each in found] == [str(number) for number in range(1, 250)]
