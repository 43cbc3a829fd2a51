"""Accounts of the chosen Jira: who gets in, and that no wrong password locks anybody out of Jira."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from backbone.app.access.caller import Caller
from backbone.app.access.refusal import CAPTCHA, NOT_ENTITLED, NOT_IN_GROUP, WRONG, Reason, Refusal
from backbone.app.access.throttle import WINDOW
from backbone.app.usecases.restricting import open_to_all, restrict_to
from backbone.core.model.keys import ConnectionName
from backbone.ports.access import AttemptTaken
from backbone.ports.login import PasswordLogin
from tests.integration.access.conftest import Door
from tests.parts.office import ROOT
from tests.parts.two_jiras import FIRST, SECOND


async def test_an_administrator_of_jira_has_the_instance_and_no_other(door: Door) -> None:
    caller = await door.by_password("gero", "gero")

    assert isinstance(caller, Caller)
    assert caller.instances == {FIRST}
    assert not caller.everything
    assert caller.name.startswith("jira:northwind:JIRAUSER")
    first, second = door.jiras.halves
    assert caller.sees([first, second])
    assert not caller.may_publish([first, second])


async def test_a_project_administrator_has_the_project_only(door: Door) -> None:
    door.let_administer("PUMP", "mara")
    caller = await door.by_password("mara", "mara")

    assert isinstance(caller, Caller)
    assert not caller.administrator
    assert caller.projects == {(FIRST, door.jiras.halves[0].project)}


async def test_who_administers_no_synchronized_project_is_not_let_in(door: Door) -> None:
    door.let_administer("SERV", "mara")

    assert await door.by_password("mara", "mara") is NOT_ENTITLED


async def test_a_personal_access_token_lets_in_like_a_password(door: Door) -> None:
    door.let_administer("PUMP", "sync")

    assert isinstance(await door.by_token("northwind-token"), Caller)
    assert await door.by_token("another-token") is WRONG


async def test_a_jira_that_takes_no_passwords_takes_tokens(door: Door) -> None:
    door.let_administer("PUMP", "sync")
    door.jiras.first.faults.arm({"fault": "basic-refused"})

    assert await door.by_password("sync", "northwind") is WRONG
    assert isinstance(await door.by_token("northwind-token"), Caller)


async def test_an_account_of_cloud_comes_with_its_mail_address_and_api_token(door: Door) -> None:
    door.connection = SECOND
    door.restart()

    caller = await door.by_password("kate@lumen.example", "kate-token")

    assert isinstance(caller, Caller)
    assert caller.instances == {SECOND}
    assert await door.by_password("kate@lumen.example", "other") is WRONG


async def test_only_the_chosen_jira_is_asked(door: Door) -> None:
    calls = door.jiras.second.calls.total
    await door.by_password("kate@lumen.example", "kate-token")

    assert set(door.people.asked) == {FIRST}
    assert door.jiras.second.calls.total == calls


async def test_without_a_chosen_jira_nobody_of_a_jira_is_let_in_and_none_is_asked(door: Door) -> None:
    door.connection = None
    door.restart()

    assert await door.by_password("gero", "gero") is WRONG
    assert await door.by_token("northwind-token") is WRONG
    assert door.people.asked == []


async def test_only_two_wrong_passwords_reach_jira_in_a_window(door: Door) -> None:
    refused = [await door.by_password("gero", f"wrong {number}", f"192.0.2.{number}") for number in range(5)][-1]

    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.TOO_MANY
    assert refused.retry_at == door.clock.now() + WINDOW
    assert len(door.people.asked) == 2
    assert door.jiras.first.world.failed_logins == {"gero": 2}


async def test_the_count_is_kept_by_the_database_and_ends_with_the_window(door: Door) -> None:
    for number in range(2):
        await door.by_password("gero", f"wrong {number}")
        door.restart()
    blocked = await door.by_password("gero", "gero")
    assert isinstance(blocked, Refusal)
    assert blocked.reason is Reason.TOO_MANY

    door.clock.time += WINDOW
    assert isinstance(await door.by_password("gero", "gero"), Caller)


async def test_capitals_and_blanks_are_no_way_around_the_count(door: Door) -> None:
    for name in ("gero", "Gero", "GERO ", "gEro"):
        await door.by_password(name, "wrong")

    assert len(door.people.asked) == 2


async def test_many_at_once_are_no_way_around_the_count(door: Door) -> None:
    await asyncio.gather(*(door.by_password("gero", f"wrong {number}", f"192.0.2.{number}") for number in range(8)))

    assert door.jiras.first.world.failed_logins == {"gero": 2}


async def test_the_right_password_ends_the_count(door: Door) -> None:
    for number in range(4):
        assert await door.by_password("gero", f"wrong {number}") is WRONG
        assert isinstance(await door.by_password("gero", "gero"), Caller)
        door.restart()


async def test_many_calls_with_the_right_password_ask_jira_once_a_minute(door: Door) -> None:
    callers = await asyncio.gather(*(door.by_password("gero", "gero") for _ in range(10)))
    assert all(isinstance(one, Caller) for one in callers)
    assert len(door.people.asked) == 1

    door.clock.time += 60_000
    await door.by_password("gero", "gero")
    assert len(door.people.asked) == 2


async def test_rights_that_were_taken_away_are_gone_after_a_minute(door: Door) -> None:
    door.let_administer("PUMP", "mara")
    assert isinstance(await door.by_password("mara", "mara"), Caller)
    door.let_administer("PUMP")

    door.clock.time += 60_000
    assert await door.by_password("mara", "mara") is NOT_ENTITLED


@pytest.mark.parametrize("status", [200, 403])
async def test_a_captcha_ends_all_attempts_of_the_window(door: Door, status: int) -> None:
    door.jiras.first.faults.arm({"fault": "captcha", "status": status})

    assert await door.by_password("gero", "gero") is CAPTCHA
    asked = len(door.people.asked)
    refused = await door.by_password("gero", "another")
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.TOO_MANY
    assert len(door.people.asked) == asked == 1


async def test_a_jira_that_cannot_be_reached_is_told_and_counts_nothing(door: Door) -> None:
    await door.jiras.first.stop()

    for _ in range(3):
        refused = await door.by_password("gero", "gero")
        assert isinstance(refused, Refusal)
        assert refused.reason is Reason.UNREACHABLE


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_outage_of_jira_uses_up_no_attempts(door: Door, status: int) -> None:
    outage = door.jiras.first.faults.arm({"fault": "server-error", "status": status})
    for _ in range(3):
        refused = await door.by_password("gero", "gero")
        assert isinstance(refused, Refusal)
        assert refused.reason is Reason.UNREACHABLE

    door.jiras.first.faults.disarm(outage)

    assert isinstance(await door.by_password("gero", "gero"), Caller)


async def test_a_jira_that_fails_is_shown_no_password(door: Door) -> None:
    shown = door.jiras.first.faults.arm({"fault": "server-error", "account": "gero"})
    asked = door.jiras.first.faults.arm({"fault": "server-error"})

    await door.by_password("gero", "gero")

    assert door.jiras.first.faults.struck(shown) == 0
    assert door.jiras.first.faults.struck(asked) == 1


async def test_an_answer_that_got_lost_counts_since_jira_may_have_counted(door: Door) -> None:
    door.jiras.first.faults.arm({"fault": "server-error", "status": 503, "path": "**/myself"})

    reasons = []
    for number in range(3):
        refused = await door.by_password("gero", f"maybe {number}")
        assert isinstance(refused, Refusal)
        reasons.append(refused.reason)
    assert reasons == [Reason.UNREACHABLE, Reason.UNREACHABLE, Reason.TOO_MANY]


async def test_what_is_refused_to_a_person_never_stops_the_synchronization(door: Door) -> None:
    tracker = door.jiras.trackers[FIRST]
    for number in range(3):
        await door.by_password("gero", f"wrong {number}")
    await door.by_token("wrong")

    assert (await tracker.account()).name == "Backbone Sync"
    assert await tracker.census(door.jiras.halves[0].project)


async def test_a_group_rule_counts_at_once_for_project_administrators_and_never_for_those_of_jira(door: Door) -> None:
    door.let_administer("PUMP", "mara", "ines")
    opened = await door.authentication.sign_in(PasswordLogin(user="mara", password="mara"), "192.0.2.7")
    assert not isinstance(opened, Refusal)

    await restrict_to(door.store, door.clock, groups=["Support"], by=ROOT)

    assert await door.authentication.by_session(opened.id, "192.0.2.7") is NOT_IN_GROUP
    assert await door.by_password("mara", "mara") is NOT_IN_GROUP
    assert isinstance(await door.by_password("ines", "ines"), Caller)
    assert isinstance(await door.by_password("gero", "gero"), Caller)

    await open_to_all(door.store, door.clock, by=ROOT)
    assert isinstance(await door.by_password("mara", "mara"), Caller)


async def test_an_address_that_tries_everything_is_stopped(door: Door) -> None:
    last = [await door.by_token(f"guess-{number}") for number in range(31)][-1]

    assert isinstance(last, Refusal)
    assert last.reason is Reason.TOO_MANY
    assert await door.by_token("guess-x", "198.51.100.1") is WRONG


async def test_the_right_password_does_not_uncount_a_wrong_one_that_is_still_under_way(door: Door) -> None:
    identity, now = "jira:northwind:gero", door.clock.now()
    async with door.store.administration() as unit:
        other = await unit.attempts.take(identity, now, WINDOW, 2)
        await unit.commit()
    assert isinstance(other, AttemptTaken)

    assert isinstance(await door.by_password("gero", "gero"), Caller)
    async with door.store.administration() as unit:
        await unit.attempts.failed(other.id)
        await unit.commit()

    assert await door.by_password("gero", "wrong") is WRONG
    refused = await door.by_password("gero", "wrong again")
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.TOO_MANY


async def test_a_session_knows_connections_to_the_same_jira_that_are_made_later(door: Door) -> None:
    opened = await door.authentication.sign_in(PasswordLogin(user="gero", password="gero"), "192.0.2.7")
    assert not isinstance(opened, Refusal)
    async with door.store.administration() as unit:
        [first] = [one for one in await unit.synchronizations.connections() if one.name == FIRST]
        await unit.synchronizations.save_connection(replace(first, name=ConnectionName("northwind~INT-1")))
        await unit.commit()

    caller = await door.authentication.by_session(opened.id, "192.0.2.7")

    assert isinstance(caller, Caller)
    assert caller.instances == {FIRST, ConnectionName("northwind~INT-1")}
