"""What real Jiras do wrong, and what the tracker makes of it: never data, never a doubled write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from backbone.adapters.jira.connection import Timeouts
from backbone.core.model.keys import FieldId, IssueId, Millis
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import CommentSnapshot, IssueSnapshot
from backbone.core.model.values import Scalar
from backbone.ports.login import PasswordLogin
from backbone.ports.tracker import (
    AccessError,
    Lane,
    OutcomeUnknown,
    Refusal,
    TransientError,
    Unavailable,
    Wanted,
)
from backbone.simulator.limits.rules import BurstLimit, DataCenterLimit, PerIssueLimit, QuotaLimit
from tests.contracts.jira_sites import SYSTEM, SiteUnderTest, marker, site_under_test

WANTED = Wanted(fields=SYSTEM)


@pytest.fixture(params=["10.3.17", "cloud"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[SiteUnderTest]:
    async with site_under_test(str(request.param)) as ready:
        await ready.tracker.account()
        ready.simulator.calls.reset()
        yield ready


async def read(site: SiteUnderTest, issue: IssueId) -> IssueSnapshot | Unavailable:
    return await site.tracker.read(issue, WANTED, Lane.LIVE)


@pytest.mark.parametrize(
    ("told", "waited"),
    [({"retry_after": 7}, 7.0), ({"retry_after": 0}, 1.0), ({"retry_after": None}, 2.0)],
)
@pytest.mark.parametrize("body", ["json", "html", "empty"])
async def test_1_and_2_the_host_gets_the_quiet_that_it_asks_for(
    site: SiteUnderTest, told: dict[str, object], waited: float, body: str
) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "too-many-requests", "times": 1, "body": body, **told})

    with pytest.raises(TransientError) as raised:
        await read(site, issue)
    await read(site, issue)

    assert raised.value.retry_after == waited
    assert site.patience.waited == waited


async def test_1_refusals_in_a_row_without_a_word_make_us_wait_longer(site: SiteUnderTest) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "too-many-requests", "times": 3, "retry_after": None})

    for _ in range(3):
        with pytest.raises(TransientError):
            await read(site, issue)
    await read(site, issue)

    assert site.patience.waited == 2.0 + 4.0 + 8.0


async def test_1_on_data_center_the_limit_is_learnt_and_not_exceeded() -> None:
    async with site_under_test("10.3.17") as site:
        issue = site.report()
        site.simulator.limits.arrange([DataCenterLimit(limit=10, fill_rate=5, interval_seconds=1)])

        for _ in range(10):
            await asyncio.gather(*(read(site, issue) for _ in range(5)))

        [usage] = site.simulator.limits.usages(site.clock().timestamp())
        assert usage.refused == 0
        assert usage.granted >= 50
        assert site.patience.waited < 12.0


async def test_1_on_cloud_a_burst_is_obeyed() -> None:
    async with site_under_test("cloud") as site:
        issue = site.report()
        await site.tracker.account()
        site.simulator.limits.arrange([BurstLimit(default={"GET": 5.0}, special={})])
        answers, waits = 0, list[float]()
        for _ in range(40):
            try:
                await read(site, issue)
                answers += 1
            except TransientError as error:
                waits.append(error.retry_after)

        assert answers >= 30
        assert min(waits) >= 1.0
        assert site.patience.waited > 0


async def test_1_on_cloud_an_exhausted_quota_stops_everything_until_the_hour_is_over() -> None:
    async with site_under_test("cloud") as site:
        issue = site.report()
        await site.tracker.account()
        site.simulator.limits.arrange([QuotaLimit(points=5)])
        refused: list[float] = []
        for _ in range(6):
            try:
                await read(site, issue)
            except TransientError as error:
                refused.append(error.retry_after)

        assert len(refused) == 1
        assert 3_500 <= refused[0] <= 3_600
        assert site.patience.waited == refused[0]


async def test_1_on_cloud_a_limit_of_one_issue_does_not_hold_back_the_others() -> None:
    async with site_under_test("cloud") as site:
        busy, other = site.report("Busy"), site.report("Other")
        await site.tracker.account()
        site.simulator.limits.arrange([PerIssueLimit(windows=((3, 2.0),))])
        for number in range(3):
            await site.tracker.add_comment(busy, str(number), marker(), Lane.LIVE)

        with pytest.raises(TransientError):
            await site.tracker.add_comment(busy, "3", marker(), Lane.LIVE)

        assert isinstance(await site.tracker.add_comment(other, "x", marker(), Lane.LIVE), CommentSnapshot)
        assert site.patience.waited == 0.0


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", ["json", "html", "empty"])
async def test_3_a_failing_server_is_tried_again_later(site: SiteUnderTest, status: int, body: str) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "server-error", "status": status, "body": body, "times": 1})

    with pytest.raises(TransientError) as raised:
        await read(site, issue)

    assert not isinstance(raised.value, OutcomeUnknown)
    assert site.simulator.calls.total == 1
    assert isinstance(await read(site, issue), IssueSnapshot)


async def test_3_a_503_may_ask_for_quiet(site: SiteUnderTest) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "server-error", "status": 503, "retry_after": 20, "times": 1})

    with pytest.raises(TransientError):
        await read(site, issue)
    await read(site, issue)

    assert site.patience.waited == 20.0


@pytest.mark.parametrize("status", [200, 400, 404])
async def test_4_a_page_is_never_data(site: SiteUnderTest, status: int) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "html-instead", "status": status, "times": 2})

    with pytest.raises(TransientError):
        await read(site, issue)
    with pytest.raises(TransientError):
        await site.tracker.census(site.project())


@pytest.mark.parametrize("fault", ["empty-answer", "broken-body"])
async def test_5_and_6_a_broken_answer_is_never_data(site: SiteUnderTest, fault: str) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": fault})

    with pytest.raises(TransientError):
        await read(site, issue)
    with pytest.raises(TransientError):
        await site.tracker.members([issue], "")


async def test_6_a_read_is_repeated_once_on_a_dropped_connection(site: SiteUnderTest) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "connection-reset", "times": 1})

    assert isinstance(await read(site, issue), IssueSnapshot)


async def test_6_a_read_is_repeated_no_more_than_once(site: SiteUnderTest) -> None:
    issue = site.report()
    armed = site.simulator.faults.arm({"fault": "connection-reset"})

    with pytest.raises(TransientError):
        await read(site, issue)

    assert site.simulator.faults.struck(armed) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_7_a_write_is_never_repeated_by_itself(site: SiteUnderTest, method: str) -> None:
    issue = site.report()
    written = await site.tracker.add_comment(issue, "x", marker(), Lane.LIVE)
    assert isinstance(written, CommentSnapshot)
    armed = site.simulator.faults.arm({"fault": "answer-lost", "method": method})

    writes: dict[str, Callable[[], Awaitable[object]]] = {
        "POST": lambda: site.tracker.add_comment(issue, "y", marker(), Lane.LIVE),
        "PUT": lambda: site.tracker.edit_comment(issue, written.id, "z", Lane.LIVE),
        "DELETE": lambda: site.tracker.remove_comment(issue, written.id, Lane.LIVE),
    }
    with pytest.raises(OutcomeUnknown):
        await writes[method]()

    assert site.simulator.faults.struck(armed) == 1


@pytest.mark.parametrize("flavour", ["10.3.17", "cloud"])
async def test_8_a_write_that_nobody_answers_in_time_has_an_unknown_outcome(flavour: str) -> None:
    quick = Timeouts(connecting=5, reading=0.3, whole=0.6)
    async with site_under_test(flavour, timeouts=quick) as site:
        issue = site.report()
        await site.tracker.account()
        over = asyncio.Event()

        async def until_over(seconds: float) -> None:
            assert seconds > 0
            await over.wait()

        site.simulator.faults.sleep = until_over
        site.simulator.faults.arm({"fault": "slow", "path": "**/comment"})
        with pytest.raises(OutcomeUnknown):
            await site.tracker.add_comment(issue, "x", marker(), Lane.LIVE)
        with pytest.raises(TransientError):
            await site.tracker.comments(issue, Lane.LIVE)
        over.set()


async def test_16_instants_are_the_servers(site: SiteUnderTest) -> None:
    issue = site.report()
    true = await read(site, issue)
    site.simulator.faults.clock = lambda: site.clock().timestamp()
    site.simulator.faults.arm({"fault": "date-skew", "seconds": -3600})

    skewed = await read(site, issue)

    assert isinstance(true, IssueSnapshot)
    assert isinstance(skewed, IssueSnapshot)
    assert true.read_at - skewed.read_at == pytest.approx(3_600_000, abs=60_000)  # less what each answer took


async def test_17_a_refused_login_stops_every_call_at_once(site: SiteUnderTest) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "session-expired"})

    for _ in range(3):
        with pytest.raises(AccessError) as raised:
            await read(site, issue)
        assert raised.value.code is Code.LOGIN_REFUSED

    assert site.simulator.calls.total == 1
    site.simulator.faults.clear()
    await site.budget.unblock()
    assert isinstance(await read(site, issue), IssueSnapshot)


async def test_17_a_stale_cookie_is_never_sent(site: SiteUnderTest) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "stale-session-cookie"})

    for _ in range(3):
        assert isinstance(await read(site, issue), IssueSnapshot)


@pytest.mark.parametrize("status", [403, 200])
async def test_18_a_captcha_stops_every_call_at_once(site: SiteUnderTest, status: int) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "captcha", "status": status})

    results = await asyncio.gather(*(read(site, issue) for _ in range(2)), return_exceptions=True)
    with pytest.raises(AccessError) as raised:
        await site.tracker.census(site.project())

    assert raised.value.code is Code.CAPTCHA
    assert "browser" in raised.value.remedy
    assert all(isinstance(each, AccessError) for each in results)
    assert site.simulator.calls.total <= 2


async def test_19_a_password_that_data_center_11_does_not_take_is_a_refused_login() -> None:
    async with site_under_test("11.0.1", PasswordLogin(user="sync", password="sync")) as site:
        with pytest.raises(AccessError) as raised:
            await site.tracker.account()

        assert raised.value.code is Code.LOGIN_REFUSED


@pytest.mark.parametrize("status", [404, 403])
async def test_20_and_21_a_withdrawn_permission_is_no_deletion_but_no_answer(site: SiteUnderTest, status: int) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "invisible", "status": status, "path": "**/issue/*|**/issue/*/comment"})

    assert await read(site, issue) == Unavailable(issue)
    assert await site.tracker.comments(issue, Lane.LIVE) == Unavailable(issue)


async def test_25_a_validator_is_heard_word_for_word(site: SiteUnderTest) -> None:
    issue = site.report()
    said = {"fault": "refused-fields", "errors": {"comment": "Niemals."}, "messages": ["Nein."], "method": "POST"}
    site.simulator.faults.arm(said)

    result = await site.tracker.add_comment(issue, "x", marker(), Lane.LIVE)

    assert result == Refusal(messages=("Nein.",), fields={FieldId("comment"): "Niemals."})


async def test_28_writes_pass_the_check_for_forged_requests(site: SiteUnderTest) -> None:
    issue = site.report()
    site.simulator.faults.arm({"fault": "xsrf-check"})

    assert isinstance(await site.tracker.add_comment(issue, "x", marker(), Lane.LIVE), CommentSnapshot)


async def test_32_a_removed_address_needs_an_administrator(site: SiteUnderTest) -> None:
    site.simulator.faults.arm({"fault": "endpoint-removed", "path": "**/search|**/search/jql"})

    with pytest.raises(AccessError) as raised:
        async for _ in site.tracker.changed([site.project()], Millis(0), WANTED, Lane.LIVE):
            pass

    assert raised.value.code is Code.DEFECT


async def test_9_a_lagging_index_is_overruled_by_a_read(site: SiteUnderTest) -> None:
    issue = site.report("Old")
    await site.tracker.census(site.project())
    site.simulator.index.hold(int(issue), site.clock())
    site.anna.edit(int(issue), summary="New")

    pages = [page async for page in site.tracker.changed([site.project()], Millis(0), WANTED, Lane.LIVE)]
    now = await read(site, issue)

    assert [each.values[FieldId("summary")] for page in pages for each in page.issues] == [Scalar("Old")]
    assert isinstance(now, IssueSnapshot)
    assert now.values[FieldId("summary")] == Scalar("New")


async def test_errors_never_hold_contents_or_secrets(site: SiteUnderTest) -> None:
    issue = site.report("Secret plan")
    site.simulator.faults.arm({"fault": "broken-body"})

    with pytest.raises(TransientError) as raised:
        await read(site, issue)

    shown = f"{raised.value!r} {raised.value.__cause__!r}"
    assert "Secret" not in shown
    assert "sync" not in shown
