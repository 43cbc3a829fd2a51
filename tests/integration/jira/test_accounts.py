"""Several accounts of one host: what Jira refuses one of them is no reason to stop the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

import pytest

from backbone.adapters.jira.budget import AccountBudget, ProcessBudget
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.tracker import JiraTracker
from backbone.app.declaration.credentials import OpenedConnection
from backbone.bootstrap.jiras import tracker_of
from backbone.core.model.keys import ConnectionName
from backbone.ports.budget import HostBudget
from backbone.ports.login import ApiTokenLogin, JiraLogin, PasswordLogin, TokenLogin
from backbone.ports.tracker import AccessError, Lane
from backbone.ports.webhooks import NotAllowed
from tests.contracts.jira_sites import site_under_test

SYNC, SAME, ANNA = (
    PasswordLogin(user="sync", password="sync"),
    PasswordLogin(user="Sync", password="sync"),
    PasswordLogin(user="anna", password="anna"),
)


def shared() -> Callable[[str], HostBudget]:
    """Budgets by name, as the connections of a process share them."""
    known: dict[str, HostBudget] = {}
    return lambda name: known.setdefault(name, ProcessBudget())


async def opened(ends: AsyncExitStack, url: str, login: JiraLogin, budgets: Callable[[str], HostBudget]) -> JiraTracker:
    connection = OpenedConnection(
        name=ConnectionName(repr(login)), url=url, login=login, proxy=None, ca_file=None, rate=None
    )
    tracker = tracker_of(connection, budgets)
    ends.push_async_callback(tracker.close)
    return tracker


REFUSALS: list[Mapping[str, object]] = [
    {"fault": "captcha", "status": 403},
    {"fault": "captcha", "status": 200},
    {"fault": "session-expired"},
]


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_one_account_is_blocked_wherever_it_is_used_and_no_other_one(refusal: Mapping[str, object]) -> None:
    async with site_under_test("10.3.17") as site, AsyncExitStack() as ends:
        budgets = shared()
        first, same, other = [await opened(ends, site.simulator.url, login, budgets) for login in (SYNC, SAME, ANNA)]
        site.simulator.faults.arm({**refusal, "account": "sync"})
        site.simulator.calls.reset()

        for tracker in (first, same, first):
            with pytest.raises(AccessError):
                await tracker.account()

        assert site.simulator.calls.total == 1
        assert (await other.account()).id == "anna"


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_blocked_account_does_not_ask_for_its_webhooks_either(refusal: Mapping[str, object]) -> None:
    async with site_under_test("10.3.17") as site, AsyncExitStack() as ends:
        tracker = await opened(ends, site.simulator.url, SYNC, shared())
        await tracker.account()
        site.simulator.faults.arm(refusal)
        with pytest.raises(AccessError):
            await tracker.account()
        site.simulator.calls.reset()

        assert isinstance(await tracker.webhooks.remove("1"), NotAllowed)

        assert site.simulator.calls.total == 0


async def test_what_the_host_asks_for_holds_for_all_its_accounts() -> None:
    now, slept = [0.0], []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    host = ProcessBudget(now=lambda: now[0], sleep=sleep)
    one, other = AccountBudget(host, ProcessBudget()), AccountBudget(host, ProcessBudget())
    await one.pause(30)

    await other.permit(Lane.LIVE)

    assert sum(slept) == 30


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PasswordLogin(user="sync", password="old"), PasswordLogin(user="SYNC", password="new"), True),
        (PasswordLogin(user="sync", password="x"), PasswordLogin(user="anna", password="x"), False),
        (ApiTokenLogin(email="a@x.example", api_token="1"), ApiTokenLogin(email="A@x.example", api_token="2"), True),
        (TokenLogin(token="1"), TokenLogin(token="1"), True),
        (TokenLogin(token="1"), TokenLogin(token="2"), False),
    ],
)
def test_an_account_is_its_user_or_its_token(*, one: JiraLogin, other: JiraLogin, same: bool) -> None:
    here, there = (
        JiraConnection(base_url="https://jira.example.com/jira", login=login).account for login in (one, other)
    )

    assert (here == there) is same
    assert here.startswith("jira.example.com ")
    assert "sync" not in here
