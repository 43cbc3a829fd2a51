"""Local administrators, their sessions and tokens: what ends them, and that nothing of them can be read back."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.proofs import csrf_fits, digest
from backbone.app.access.refusal import NOT_SEEN, SESSION_ENDED, TOKEN_ENDED, WRONG, Reason, Refusal
from backbone.app.access.sessions import IDLE, LONGEST, Opened
from backbone.app.access.throttle import WINDOW
from backbone.app.usecases.accounts import add_account, change_password, list_accounts, remove_account
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.tokens import MadeToken, create_token, create_token_for, list_tokens, revoke_token
from backbone.ports.access import Session
from backbone.ports.login import PasswordLogin
from tests.integration.access.conftest import ADDRESS, PASSWORD, Door
from tests.parts.office import ROOT
from tests.parts.people import quick_passwords

DAY = 24 * 3600 * 1000
_ALL = sql.SQL("select t::text from {} t")


async def _opened(door: Door, user: str = "anna", password: str = PASSWORD) -> Opened:
    opened = await door.authentication.sign_in(PasswordLogin(user=user, password=password), ADDRESS)
    assert isinstance(opened, Opened)
    return opened


async def _token(door: Door, scope: Scope = Scope.READ, days: int = 90) -> MadeToken:
    return await create_token_for(
        door.store, door.clock, account="anna", label="report", scope=scope, days=days, by=ROOT
    )


# passwords -----------------------------------------------------------------------------------------------------------
async def test_a_local_administrator_may_do_everything(lonely: Door) -> None:
    await lonely.add("Anna")

    caller = await lonely.by_password("ANNA", PASSWORD)

    assert isinstance(caller, Caller)
    assert (caller.name, caller.everything, caller.scope) == ("local:anna", True, Scope.ADMINISTER)
    assert caller.address == ADDRESS


async def test_a_local_password_never_reaches_a_jira(door: Door) -> None:
    await door.add("gero")

    assert await door.by_password("gero", "gero") is WRONG
    assert door.people.asked == []


async def test_wrong_passwords_are_stopped_for_their_address_only(lonely: Door) -> None:
    await lonely.add("anna")
    last = [await lonely.by_password("anna", f"wrong {number}") for number in range(11)][-1]

    assert isinstance(last, Refusal)
    assert last.reason is Reason.TOO_MANY
    assert isinstance(await lonely.by_password("anna", PASSWORD, "198.51.100.1"), Caller)
    lonely.clock.time += WINDOW
    assert isinstance(await lonely.by_password("anna", PASSWORD), Caller)


async def test_names_that_nobody_has_are_counted_too(lonely: Door) -> None:
    lonely.connection = None
    lonely.restart()
    refused = [await lonely.by_password(f"nobody{number}", "x") for number in range(31)]

    assert refused[:30] == [WRONG] * 30
    assert isinstance(refused[30], Refusal)
    assert refused[30].reason is Reason.TOO_MANY


async def test_addresses_of_one_network_are_one(lonely: Door) -> None:
    await lonely.add("anna")
    for number in range(11):
        last = await lonely.by_password("anna", f"wrong {number}", f"2001:db8::{number}")
        assert isinstance(last, Refusal)
    assert isinstance(await lonely.by_password("anna", PASSWORD, "2001:db8::ffff"), Refusal)
    assert isinstance(await lonely.by_password("anna", PASSWORD, "2001:db8:0:1::1"), Caller)


async def test_a_new_password_counts_at_once_and_ends_sessions(lonely: Door) -> None:
    await lonely.add("anna")
    opened = await _opened(lonely)
    assert isinstance(await lonely.by_password("anna", PASSWORD), Caller)

    other = "another long password"
    await change_password(lonely.store, lonely.clock, quick_passwords(), name="anna", password=other, by=ROOT)

    assert await lonely.by_password("anna", PASSWORD) is WRONG
    assert await lonely.authentication.by_session(opened.id, ADDRESS) is SESSION_ENDED
    assert isinstance(await lonely.by_password("anna", other), Caller)


async def test_a_removed_account_is_gone_with_its_sessions_and_tokens(lonely: Door) -> None:
    await lonely.add("anna")
    opened, made = await _opened(lonely), await _token(lonely)

    await remove_account(lonely.store, lonely.clock, name="anna", by=ROOT)
    await lonely.add("anna")

    assert await lonely.authentication.by_session(opened.id, ADDRESS) is SESSION_ENDED
    assert await lonely.by_token(made.whole) is TOKEN_ENDED


async def test_a_sign_in_that_races_with_a_new_password_opens_nothing(lonely: Door) -> None:
    await lonely.add("anna")
    before = lonely.clock.now()
    lonely.clock.time += 50
    await change_password(
        lonely.store, lonely.clock, quick_passwords(), name="anna", password="another long password", by=ROOT
    )
    late = Session(digest=digest("late"), owner="local:anna", opened=before, last_used=before, address=ADDRESS)
    async with lonely.store.administration() as unit:
        await unit.sessions.add(late)
        await unit.commit()

    assert await lonely.authentication.by_session("late", ADDRESS) is SESSION_ENDED


async def test_a_token_of_a_removed_account_does_not_come_back_with_its_name(lonely: Door) -> None:
    await lonely.add("anna")
    made = await _token(lonely)
    lonely.clock.time += 50
    async with lonely.store.administration() as unit:  # as when the token was made while the account was removed
        await unit.administrators.remove("anna")
        await unit.commit()
    await lonely.add("anna")

    assert await lonely.by_token(made.whole) is TOKEN_ENDED


@pytest.mark.parametrize(
    ("name", "password"),
    [("", PASSWORD), ("a b", PASSWORD), ("../x", PASSWORD), ("anna", "short"), ("anna", "x" * 1025)],
)
async def test_unusable_names_and_weak_passwords_are_refused(lonely: Door, name: str, password: str) -> None:
    with pytest.raises(Mistake):
        await lonely.add(name, password)
    assert await list_accounts(lonely.store) == []


async def test_an_account_is_not_replaced_by_adding_it_again(lonely: Door) -> None:
    await lonely.add("anna")

    with pytest.raises(Mistake, match="there is one already"):
        await lonely.add("ANNA", "another long password")
    assert isinstance(await lonely.by_password("anna", PASSWORD), Caller)


# sessions ------------------------------------------------------------------------------------------------------------
async def test_a_session_is_its_owner_and_says_that_it_came_by_cookie(lonely: Door) -> None:
    await lonely.add("anna")
    opened = await _opened(lonely)

    caller = await lonely.authentication.by_session(opened.id, ADDRESS)

    assert isinstance(caller, Caller)
    assert (caller.name, caller.by_cookie) == ("local:anna", True)
    assert csrf_fits(opened.id, opened.csrf)
    assert await lonely.authentication.by_session(opened.id[:-1], ADDRESS) is SESSION_ENDED


async def test_a_session_ends_when_it_is_not_used(lonely: Door) -> None:
    await lonely.add("anna")
    opened = await _opened(lonely)

    lonely.clock.time += IDLE - 60_000
    assert isinstance(await lonely.authentication.by_session(opened.id, ADDRESS), Caller)
    lonely.clock.time += IDLE - 60_000
    assert isinstance(await lonely.authentication.by_session(opened.id, ADDRESS), Caller)
    lonely.clock.time += IDLE
    assert await lonely.authentication.by_session(opened.id, ADDRESS) is SESSION_ENDED


async def test_a_session_ends_after_half_a_day_however_it_is_used(lonely: Door) -> None:
    await lonely.add("anna")
    opened = await _opened(lonely)
    started = lonely.clock.time

    while lonely.clock.time + IDLE // 2 < started + LONGEST:
        lonely.clock.time += IDLE // 2
        assert isinstance(await lonely.authentication.by_session(opened.id, ADDRESS), Caller)
    lonely.clock.time = started + LONGEST
    assert await lonely.authentication.by_session(opened.id, ADDRESS) is SESSION_ENDED


async def test_signing_out_ends_this_session_and_no_other(lonely: Door) -> None:
    await lonely.add("anna")
    opened, other = await _opened(lonely), await _opened(lonely)

    await lonely.authentication.sign_out(opened.id, ADDRESS)

    assert await lonely.authentication.by_session(opened.id, ADDRESS) is SESSION_ENDED
    assert isinstance(await lonely.authentication.by_session(other.id, ADDRESS), Caller)


# tokens --------------------------------------------------------------------------------------------------------------
async def test_a_token_is_its_owner_with_no_more_than_its_scope(lonely: Door) -> None:
    await lonely.add("anna")
    made = await _token(lonely, Scope.OPERATE)

    as_bearer = await lonely.authentication.by_header(f"Bearer {made.whole}", ADDRESS)
    as_password = await lonely.by_password("anybody", made.whole)

    assert isinstance(as_bearer, Caller)
    assert (as_bearer.name, as_bearer.scope, as_bearer.everything) == ("local:anna", Scope.OPERATE, True)
    assert as_password == as_bearer


async def test_a_token_opens_no_session_which_would_outgrow_it(lonely: Door) -> None:
    await lonely.add("anna")
    made = await _token(lonely)
    credentials = PasswordLogin(user="anna", password=made.whole)

    assert await lonely.authentication.sign_in(credentials, ADDRESS) is WRONG


async def test_a_token_ends_by_time_or_by_being_revoked(lonely: Door) -> None:
    await lonely.add("anna")
    short, long = await _token(lonely, days=1), await _token(lonely, days=365)

    lonely.clock.time += DAY
    assert await lonely.by_token(short.whole) is TOKEN_ENDED
    assert isinstance(await lonely.by_token(long.whole), Caller)
    assert await revoke_token(lonely.store, lonely.clock, prefix=long.kept.prefix, by=ROOT)
    assert await lonely.by_token(long.whole) is TOKEN_ENDED
    assert not await revoke_token(lonely.store, lonely.clock, prefix=long.kept.prefix, by=ROOT)


async def test_nobody_revokes_the_tokens_of_others_but_a_local_administrator(lonely: Door) -> None:
    await lonely.add("anna")
    made = await _token(lonely)
    stranger = Caller(name="jira:northwind:mara", shown="mara")

    assert not await revoke_token(lonely.store, lonely.clock, prefix=made.kept.prefix, by=stranger)
    assert isinstance(await lonely.by_token(made.whole), Caller)


async def test_when_a_token_was_used_is_known_roughly(lonely: Door) -> None:
    await lonely.add("anna")
    made = await _token(lonely)
    first = lonely.clock.time
    for _ in range(3):
        await lonely.by_token(made.whole)
        lonely.clock.time += 60_000

    [kept] = await list_tokens(lonely.store)
    assert kept.last_used == first


async def test_a_token_of_somebody_of_a_jira_never_exceeds_what_they_may(door: Door) -> None:
    door.let_administer("PUMP", "mara")
    mara = await door.by_password("mara", "mara")
    assert isinstance(mara, Caller)
    made = await create_token(door.store, door.clock, label="mine", scope=Scope.OPERATE, days=30, by=mara)
    shown = await door.by_token(made.whole)
    assert isinstance(shown, Caller)
    assert (shown.projects, shown.everything) == (mara.projects, False)

    door.let_administer("PUMP")
    door.clock.time += 60_000
    await door.by_password("mara", "mara")
    assert isinstance(await door.by_token(made.whole), Refusal)


async def test_a_token_of_somebody_of_a_jira_waits_for_its_owner_after_a_day(door: Door) -> None:
    gero = await door.by_password("gero", "gero")
    assert isinstance(gero, Caller)
    made = await create_token(door.store, door.clock, label="mine", scope=Scope.READ, days=30, by=gero)

    door.clock.time += DAY + 1
    assert await door.by_token(made.whole) is NOT_SEEN
    await door.by_password("gero", "gero")
    assert isinstance(await door.by_token(made.whole), Caller)


async def test_a_token_is_not_wider_than_who_makes_it(lonely: Door) -> None:
    narrow = Caller(name="local:anna", shown="anna", scope=Scope.OPERATE, everything=True)
    await lonely.add("anna")

    for scope, days, label in (
        (Scope.CONFIGURE, 1, "x"),
        (Scope.READ, 0, "x"),
        (Scope.READ, 366, "x"),
        (Scope.READ, 1, " "),
    ):
        with pytest.raises(Mistake):
            await create_token(lonely.store, lonely.clock, label=label, scope=scope, days=days, by=narrow)
    assert await list_tokens(lonely.store) == []


# headers -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic YW5uYQ==",  # no colon
        "Basic Og==",
        "Basic AGE6YWJj",  # a name with NUL
        "Bearer ",
        "Bearer backbone_x",
        "Bearer " + "x" * 10_000,
        "Bearer two words",
        "Digest anna",
        "Negotiate abc",
    ],
)
async def test_headers_that_nobody_can_have_are_wrong_and_reach_no_jira(lonely: Door, header: str) -> None:
    refused = await lonely.authentication.by_header(header, ADDRESS)

    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.WRONG
    assert lonely.people.asked == []


# nothing can be read back --------------------------------------------------------------------------------------------
async def test_the_database_holds_no_secret(door: Door) -> None:
    await door.add("anna")
    opened, made = await _opened(door), await _token(door)
    await door.by_password("gero", "gero-secret-password")
    await door.by_token("a-personal-access-token")

    secrets = (
        PASSWORD,
        opened.id,
        opened.csrf,
        made.whole,
        made.whole[-43:],
        "gero-secret-password",
        "a-personal-access",
    )
    with psycopg.connect(door.dsn) as connection:
        tables = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        for table in tables:
            rows = connection.execute(_ALL.format(sql.Identifier(table))).fetchall()
            assert [row for row in rows for secret in secrets if secret in row[0]] == []


async def test_secrets_show_in_no_text_form(lonely: Door) -> None:
    await lonely.add("anna")
    opened, made = await _opened(lonely), await _token(lonely)
    [kept] = await list_accounts(lonely.store)
    shown = repr((opened, made, kept, PasswordLogin(user="anna", password=PASSWORD), vars(lonely.authentication)))

    assert [secret for secret in (opened.id, opened.csrf, made.whole, PASSWORD, kept.password) if secret in shown] == []


async def test_what_is_done_to_accounts_is_recorded_without_secrets(lonely: Door) -> None:
    await add_account(lonely.store, lonely.clock, quick_passwords(), name="anna", password=PASSWORD, by=ROOT)
    made = await _token(lonely)
    await _opened(lonely)

    async with lonely.store.administration() as unit:
        entries = await unit.audit.page()
    assert [(one.who, one.what, one.about) for one in entries] == [
        ("local:anna", "session.open", "local:anna"),
        ("local:root", "token.create", made.kept.prefix),
        ("local:root", "account.add", "anna"),
    ]
    assert PASSWORD not in repr(entries)
    assert made.whole not in repr(entries)
