"""Faults 17 to 19 and 28: sessions, CAPTCHAs, refused passwords, XSRF checks."""

from __future__ import annotations

import pytest

from backbone.core.model.problems import Code
from backbone.ports.login import ApiTokenLogin, PasswordLogin
from tests.parts.fault_day import FaultDay
from tests.parts.two_jiras import FIRST, SECOND

TOKEN = ApiTokenLogin(email="sync@lumen.example", api_token="lumen-token")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"fault": "session-expired"}, Code.LOGIN_REFUSED),
        ({"fault": "captcha", "status": 403}, Code.CAPTCHA),
        ({"fault": "captcha", "status": 200}, Code.CAPTCHA),
    ],
    ids=["401", "captcha", "captcha-with-200"],
)
@pytest.mark.parametrize("name", [FIRST, SECOND])
async def test_a_refused_log_in_stops_all_calls_at_once(fault: dict[str, object], code: Code, name: str) -> None:
    async with FaultDay() as day:
        await day.begin()
        side, half = (day.first, day.halves[0]) if name == FIRST else (day.second, day.halves[1])
        side.faults.arm(fault)
        side.calls.reset()
        await day.work("locked")
        await day.suffer(rounds=10)
        assert side.calls.total <= 2

        [problem] = [one.problem for one in await day.problems()]
        assert (problem.code, problem.connector) == (code, half.connector)
        assert "log" in problem.remedy or "password" in problem.remedy

        side.faults.clear()
        await day.suffer(rounds=3)
        assert side.calls.total <= 2

        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_a_stale_session_cookie_is_not_sent_back() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.first.faults.arm({"fault": "stale-session-cookie"})
        day.second.faults.arm({"fault": "stale-session-cookie", "cookie": "JSESSIONID"})
        await day.work("cookies")
        await day.settle()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_a_refused_password_is_told_and_nothing_is_lost() -> None:
    async with FaultDay(credentials=(PasswordLogin(user="sync", password="northwind"), TOKEN)) as day:
        await day.begin()
        day.first.faults.arm({"fault": "basic-refused"})
        day.first.calls.reset()
        await day.work("basic")
        await day.suffer()
        assert await day.codes() == [Code.LOGIN_REFUSED]
        assert day.first.calls.total <= 2

        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_our_requests_do_not_look_like_a_browsers() -> None:
    async with FaultDay() as day:
        await day.begin()
        for side in (day.first, day.second):
            side.faults.arm({"fault": "xsrf-check"})
        await day.work("xsrf")
        await day.settle()
        await day.assert_in_step()
        assert await day.codes() == []


async def test_writes_that_something_before_jira_forbids_are_told_and_made_later() -> None:
    async with FaultDay() as day:
        await day.begin()
        day.second.faults.arm({"fault": "html-instead", "status": 403, "page": "error", "method": "PUT"})
        await day.work("forbidden")
        await day.suffer(rounds=4)
        assert await day.codes() == [Code.PERMISSION_MISSING]

        await day.recover()
        await day.rest()
        await day.assert_in_step()
        assert await day.codes() == []
