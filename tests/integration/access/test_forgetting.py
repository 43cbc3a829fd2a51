"""Once a day what ended is let go; what still counts, and a year of the audit log, stays."""

from __future__ import annotations

from dataclasses import replace

import psycopg

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.forgetting import AUDIT_KEPT, TOKENS_KEPT, forget_access
from backbone.app.usecases.tokens import create_token_for, list_tokens
from backbone.core.model.keys import Millis
from backbone.ports.access import AuditEntry
from backbone.ports.login import PasswordLogin
from tests.integration.access.conftest import ADDRESS, PASSWORD, Door
from tests.parts.office import ROOT

DAY = 24 * 3600 * 1000


def _count(door: Door, table: str) -> int:
    with psycopg.connect(door.dsn) as connection:
        row = connection.execute(psycopg.sql.SQL("select count(*) from {}").format(psycopg.sql.Identifier(table)))
        return int(row.fetchall()[0][0])


async def test_what_ended_is_let_go_and_what_counts_stays(lonely: Door) -> None:
    await lonely.add("anna")
    await lonely.authentication.sign_in(PasswordLogin(user="anna", password=PASSWORD), ADDRESS)
    await lonely.by_password("anna", "wrong")
    for days in (1, 365):
        await create_token_for(
            lonely.store, lonely.clock, account="anna", label=f"{days}", scope=Scope.READ, days=days, by=ROOT
        )

    await forget_access(lonely.store, lonely.clock.now())
    assert (_count(lonely, "session"), _count(lonely, "sign_in_attempt")) == (1, 2)
    assert len(await list_tokens(lonely.store)) == 2

    lonely.clock.time += TOKENS_KEPT + 2 * DAY
    await forget_access(lonely.store, lonely.clock.now())
    assert (_count(lonely, "session"), _count(lonely, "sign_in_attempt")) == (0, 0)
    assert [one.label for one in await list_tokens(lonely.store)] == ["365"]
    assert isinstance(await lonely.by_password("anna", PASSWORD), Caller)


async def test_the_audit_log_is_kept_for_a_year(lonely: Door) -> None:
    now = lonely.clock.now()
    entry = AuditEntry(at=Millis(now - AUDIT_KEPT - 1000), who="a", what="b", about="c")
    async with lonely.store.administration() as unit:
        await unit.audit.write(entry)
        await unit.audit.write(replace(entry, at=Millis(entry.at + DAY)))
        await unit.commit()

    await forget_access(lonely.store, now)

    assert _count(lonely, "audit") == 1
