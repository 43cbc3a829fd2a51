"""Limits grant exactly what they should, say so in Jira's headers, and remember it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from copy import deepcopy
from itertools import accumulate

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from backbone.simulator.limits import (
    BurstLimit,
    DataCenterLimit,
    Enforcement,
    GatewayLimit,
    Limit,
    LimitedCall,
    LimitsError,
    PerIssueLimit,
    QuotaLimit,
    RateLimits,
    limit_middleware,
    read_limits,
)
from backbone.simulator.limits.counting import most_within

HOUR = 1_772_359_200.0  # a full hour
READ = LimitedCall(account="sync", method="GET", endpoint="issue/{}", issue="10001")
WRITE = LimitedCall(account="sync", method="PUT", endpoint="issue/{}", issue="10001")


def limited(*limits: Limit) -> RateLimits:
    return RateLimits(limits=limits)


def granted(limits: RateLimits, call: LimitedCall, moments: Iterator[float]) -> int:
    return sum(limits.admit(call, moment) is None for moment in moments)


def every(step: float, count: int) -> Iterator[float]:
    return (HOUR + step * number for number in range(count))


def test_without_limits_everything_is_granted_and_nothing_is_said() -> None:
    limits = limited()

    assert granted(limits, READ, every(0, 1000)) == 1000
    assert limits.headers(READ, HOUR) == {}


def test_bucket_of_data_center_empties_and_fills_by_whole_intervals() -> None:
    limits = limited(DataCenterLimit(limit=5, fill_rate=2, interval_seconds=10))

    assert granted(limits, READ, every(0, 8)) == 5
    assert limits.admit(READ, HOUR + 9.9) is not None
    assert granted(limits, READ, iter([HOUR + 10] * 4)) == 2
    assert granted(limits, READ, iter([HOUR + 1000] * 9)) == 5


def test_headers_of_data_center_stand_on_every_answer() -> None:
    limits = limited(DataCenterLimit(limit=5, fill_rate=2, interval_seconds=10))
    limits.admit(READ, HOUR)

    assert limits.headers(READ, HOUR) == {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "4",
        "X-RateLimit-FillRate": "2",
        "X-RateLimit-Interval-Seconds": "10",
        "retry-after": "0",
    }


def test_refusal_of_data_center_says_when_to_come_back() -> None:
    limits = limited(DataCenterLimit(limit=1, fill_rate=1, interval_seconds=10))
    limits.admit(READ, HOUR)

    refusal = limits.admit(READ, HOUR + 2.5)

    assert refusal is not None
    assert refusal.headers["retry-after"] == "8"
    assert refusal.headers["X-RateLimit-Remaining"] == "0"
    assert limits.admit(READ, HOUR + 2.5 + 8) is None


def test_accounts_have_buckets_of_their_own_and_some_are_exempt_or_blocked() -> None:
    limits = limited(DataCenterLimit(limit=1, exempt=frozenset({"admin"}), blocked=frozenset({"bad"})))

    def asks(account: str) -> bool:
        call = LimitedCall(account=account, method="GET", endpoint="myself", issue=None)
        return limits.admit(call, HOUR) is None

    assert [asks(name) for name in ("sync", "sync", "other", "admin", "admin", "bad", "")] == [
        True,
        False,
        True,
        True,
        True,
        False,
        True,
    ]


def test_burst_of_cloud_counts_each_endpoint_and_method_alone() -> None:
    limits = limited(BurstLimit())
    post = LimitedCall(account="sync", method="POST", endpoint="issue/{}/comment", issue="10001")

    assert granted(limits, READ, every(0, 200)) == 150
    assert granted(limits, WRITE, every(0, 200)) == 50
    assert granted(limits, post, every(0, 200)) == 100
    refusal = limits.admit(READ, HOUR)
    assert refusal is not None
    assert refusal.headers["RateLimit-Reason"] == "jira-burst-based"
    assert refusal.headers["Retry-After"] == "1"
    assert granted(limits, READ, iter([HOUR + 0.1] * 30)) == 15


def test_burst_is_shared_by_all_accounts() -> None:
    limits = limited(BurstLimit())
    other = LimitedCall(account="other", method="PUT", endpoint="issue/{}", issue="2")

    assert granted(limits, WRITE, every(0, 30)) + granted(limits, other, every(0, 30)) == 50


def test_writes_to_one_issue_are_limited_in_both_windows() -> None:
    limits = limited(PerIssueLimit())

    assert granted(limits, WRITE, every(0.05, 40)) == 20
    assert granted(limits, WRITE, (HOUR + 10 + number * 0.11 for number in range(100))) == 80
    refusal = limits.admit(WRITE, HOUR + 29)
    assert refusal is not None
    assert refusal.reason == "jira-per-issue-on-write"
    assert limits.admit(READ, HOUR + 29) is None
    assert limits.peak("per-issue", "10001", 2.0) == 20
    assert limits.peak("per-issue", "10001", 30.0) == 100


def test_quota_counts_objects_and_lasts_until_the_hour_is_over() -> None:
    limits = limited(QuotaLimit(points=102))

    assert limits.admit(READ, HOUR + 60) is None
    limits.charge(READ, 101, HOUR + 60)
    refusal = limits.admit(READ, HOUR + 61)

    assert refusal is not None
    assert refusal.reason == "jira-quota-global-based"
    assert refusal.headers["Retry-After"] == str(3600 - 61)
    assert limits.admit(READ, HOUR + 3600) is None


def test_write_costs_one_point_whatever_it_returns() -> None:
    quota = QuotaLimit(points=100)
    limits = limited(quota)

    limits.admit(WRITE, HOUR)
    limits.charge(WRITE, 50, HOUR)

    assert limits.headers(WRITE, HOUR)["X-RateLimit-Remaining"] == "99"


def test_quota_in_beta_tells_but_does_not_refuse() -> None:
    limits = limited(QuotaLimit(points=10, enforcement=Enforcement.BETA))

    assert granted(limits, READ, every(1, 20)) == 20
    headers = limits.headers(READ, HOUR + 20)
    assert headers["X-Beta-RateLimit-Remaining"] == "0"
    assert headers["X-Beta-RateLimit-NearLimit"] == "true"
    assert headers["Beta-RateLimit-Policy"] == '"global-app-quota";q=10;w=3600'
    assert headers["Beta-RateLimit"] == '"global-app-quota";r=0;t=3580'
    assert not any(name.startswith(("X-RateLimit", "RateLimit")) for name in headers)


def test_gateway_refuses_without_a_word() -> None:
    limits = limited(GatewayLimit(per_second=3))

    assert granted(limits, READ, every(0, 10)) == 3
    refusal = limits.admit(READ, HOUR)
    assert refusal is not None
    assert refusal.headers == {}


def test_refused_request_takes_nothing_from_other_limits() -> None:
    limits = limited(DataCenterLimit(limit=10, fill_rate=1, interval_seconds=1000), GatewayLimit(per_second=1))

    granted(limits, READ, every(0, 10))

    assert limits.headers(READ, HOUR)["X-RateLimit-Remaining"] == "9"


def test_usage_tells_how_well_a_budget_was_used() -> None:
    limits = limited(DataCenterLimit(limit=10, fill_rate=10, interval_seconds=1))

    granted(limits, READ, every(0.1, 98))
    (usage,) = limits.usages(HOUR + 9.9)

    assert (usage.granted, usage.refused, usage.allowed) == (98, 0, 100)
    assert usage.busiest_second == 10
    assert usage.share == pytest.approx(0.98)
    assert usage.rate == pytest.approx(98 / 9.9)
    assert usage.describe()["share"] == usage.share


def test_usage_counts_refusals() -> None:
    limits = limited(DataCenterLimit(limit=10, fill_rate=1, interval_seconds=100))

    granted(limits, READ, every(0, 13))

    assert [usage.refused for usage in limits.usages(HOUR)] == [3]


@pytest.mark.parametrize(
    ("moments", "most"), [([], 0), ([1, 1.5, 2.9, 3], 3), ([1, 3, 5], 1), ([1, 1, 1], 3), ([0, 1.99, 2, 3.98, 6], 3)]
)
def test_greatest_number_in_a_window(moments: list[float], most: int) -> None:
    assert most_within(moments, 2.0) == most


gaps = st.lists(st.floats(0, 3, allow_nan=False), max_size=60)


def moments_after(gaps: list[float]) -> list[float]:
    return [HOUR + moment for moment in accumulate(gaps)]


@given(gaps=gaps, fill=st.integers(1, 5), interval=st.integers(1, 4))
def test_bucket_never_grants_more_than_is_allowed(gaps: list[float], fill: int, interval: int) -> None:
    limits = limited(DataCenterLimit(limit=5, fill_rate=fill, interval_seconds=interval))

    granted(limits, READ, iter(moments_after(gaps)))

    for usage in limits.usages(HOUR + sum(gaps)):
        assert usage.granted <= usage.allowed


@given(gaps=gaps)
def test_windows_of_an_issue_are_never_exceeded(gaps: list[float]) -> None:
    limits = limited(PerIssueLimit(windows=((3, 2.0), (7, 10.0))))

    granted(limits, WRITE, iter(moments_after(gaps)))

    assert limits.peak("per-issue", "10001", 2.0) <= 3
    assert limits.peak("per-issue", "10001", 10.0) <= 7


@given(gaps=gaps)
@pytest.mark.parametrize(
    "limit",
    [
        DataCenterLimit(limit=2, fill_rate=1, interval_seconds=3),
        BurstLimit(default={"PUT": 2.0}),
        PerIssueLimit(windows=((3, 2.0), (7, 10.0))),
        QuotaLimit(points=5),
    ],
    ids=lambda limit: limit.name,
)
def test_who_waits_as_long_as_told_is_let_in(limit: Limit, gaps: list[float]) -> None:
    limits = limited(deepcopy(limit))
    now = HOUR
    for gap in gaps:
        now += gap
        refusal = limits.admit(WRITE, now)
        if refusal is not None:
            told = {name.lower(): value for name, value in refusal.headers.items()}
            now += float(told["retry-after"])
            assert limits.admit(WRITE, now) is None


@pytest.mark.parametrize(
    ("path", "endpoint", "issue"),
    [
        ("/rest/api/2/issue/10001", "issue/{}", "10001"),
        ("/jira/rest/api/3/issue/PA-7/comment/4", "issue/{}/comment/{}", "PA-7"),
        ("/rest/api/latest/search", "search", None),
        ("/rest/api/2/issue/bulk", "issue/bulk", None),
        ("/rest/agile/1.0/board", "agile/1.0/board", None),
        ("/rest/api/3/attachment/content/12", "attachment/content/{}", None),
    ],
)
def test_request_is_described_without_its_ids(path: str, endpoint: str, issue: str | None) -> None:
    call = limited().describe(make_mocked_request("GET", path), "sync")

    assert (call.endpoint, call.issue) == (endpoint, issue)


def test_key_and_id_of_an_issue_share_a_limit() -> None:
    limits = RateLimits(limits=[PerIssueLimit(windows=((1, 2.0),))], issue_of=lambda name: name.replace("PA-", "1000"))

    def put(path: str) -> bool:
        return limits.admit(limits.describe(make_mocked_request("PUT", path), "sync"), HOUR) is None

    assert [put("/rest/api/3/issue/PA-1"), put("/rest/api/3/issue/10001")] == [True, False]


def test_arrangement_is_read_from_json() -> None:
    limits = read_limits({"data_center": {"limit": 3, "blocked": ["bad"]}, "quota": {"beta": True}, "per_issue": {}})

    assert [limit.name for limit in limits] == ["data-center", "quota", "per-issue"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"data_centre": {}}, "unknown field `data_centre`"),
        ({"quota": {"points": "many"}}, r"\$.quota.points"),
        ([], "Expected `object`"),
    ],
)
def test_arrangement_that_cannot_be_read_names_the_place(spec: object, message: str) -> None:
    with pytest.raises(LimitsError, match=message):
        read_limits(spec)


@asynccontextmanager
async def served(limits: RateLimits) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    async def answer(request: web.Request) -> web.Response:
        del request
        return web.json_response({"issues": [{"id": "1"}, {"id": "2"}]})

    app = web.Application(middlewares=[limit_middleware(limits, lambda _: "sync", clock=lambda: HOUR)])
    app.router.add_route("*", "/{tail:.*}", answer)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_middleware_answers_429_with_headers_and_spares_the_control_interface() -> None:
    limits = limited(DataCenterLimit(limit=1))
    async with served(limits) as client:
        first = await client.get("/rest/api/2/search")
        second = await client.get("/rest/api/2/search")
        control = await client.get("/__simulator__/faults")

        assert (first.status, first.headers["retry-after"], first.headers["X-RateLimit-Remaining"]) == (200, "0", "0")
        assert (second.status, second.headers["retry-after"]) == (429, "1")
        assert control.status == 200
        assert "X-RateLimit-Limit" not in control.headers


async def test_middleware_charges_the_objects_of_an_answer() -> None:
    limits = limited(QuotaLimit(points=100))
    async with served(limits) as client:
        answer = await client.get("/rest/api/3/search/jql")

        assert answer.headers["X-RateLimit-Remaining"] == "97"
