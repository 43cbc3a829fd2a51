"""How long to wait, as the headers of both products tell it."""

from __future__ import annotations

import pytest

from backbone.adapters.jira.limits import Pace, Stock, allowance_of, concerns_one_issue, told_wait, wait_of

NOW = 1_767_229_200.0  # 2026-01-01T01:00:00Z


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": "Thu, 01 Jan 2026 01:00:20 GMT"}, 20.0),
        ({"X-RateLimit-Reset": "2026-01-01T01:00:30Z"}, 30.0),
        ({"Retry-After": "5", "X-RateLimit-Reset": "2026-01-01T01:00:30Z"}, 30.0),
        ({"X-RateLimit-Reset": "2026-01-01T00:00:00Z"}, 1.0),
    ],
)
def test_what_the_server_tells_is_a_minimum(headers: dict[str, str], seconds: float) -> None:
    assert wait_of(headers, NOW, refusals=1) == seconds


@pytest.mark.parametrize(("refusals", "seconds"), [(1, 2.0), (2, 4.0), (4, 16.0), (30, 60.0)])
def test_without_a_word_the_wait_doubles_up_to_a_minute(refusals: int, seconds: float) -> None:
    assert wait_of({"Retry-After": "soon", "X-RateLimit-Reset": "later"}, NOW, refusals) == seconds


def test_an_answer_may_ask_for_quiet_without_being_a_refusal() -> None:
    assert told_wait({"Retry-After": "0"}, NOW) == 1.0
    assert told_wait({}, NOW) is None


def test_no_failure_silences_us_for_ever() -> None:
    """A limit of nothing is told as the largest number there is; with a 503 nobody would learn of it."""
    assert told_wait({"Retry-After": "9223372036854775807"}, NOW) == 86_400.0


BUCKET = {"X-RateLimit-FillRate": "10", "X-RateLimit-Interval-Seconds": "5", "X-RateLimit-Limit": "40"}


@pytest.mark.parametrize(
    ("left", "stock", "running", "burst"),
    [
        ("0", Stock.EMPTY, 0, 1.0),
        ("1", Stock.LOW, 0, 1.0),
        ("29", Stock.LOW, 4, 15.0),
        ("30", Stock.AMPLE, 15, 5.0),
        ("39", Stock.AMPLE, 0, 20.0),
    ],
)
def test_data_center_tells_the_rate_that_it_sustains(left: str, stock: Stock, running: int, burst: float) -> None:
    allowance = allowance_of({**BUCKET, "X-RateLimit-Remaining": left})

    assert allowance is not None
    assert allowance.stock is stock
    assert allowance.pace(running).burst == burst
    assert 1.9 < allowance.pace(running).per_second < 2.0


def test_a_rate_without_bursts_is_the_same_rate() -> None:
    assert Pace(per_second=5.0, burst=20.0).even == Pace(per_second=5.0, burst=1.0)


@pytest.mark.parametrize(
    "headers",
    [{"X-RateLimit-Limit": "350"}, BUCKET, {**BUCKET, "X-RateLimit-FillRate": "0", "X-RateLimit-Remaining": "1"}],
)
def test_without_a_bucket_there_is_no_allowance(headers: dict[str, str]) -> None:
    assert allowance_of(headers) is None


def test_a_limit_of_one_issue_is_told_from_the_others() -> None:
    assert concerns_one_issue({"RateLimit-Reason": "jira-per-issue-on-write"})
    assert not concerns_one_issue({"RateLimit-Reason": "jira-burst-based"})
