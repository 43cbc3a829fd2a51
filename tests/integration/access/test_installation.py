"""People are asked at the Jira that the stored connection leads to, by the parts that the program is made of."""

from __future__ import annotations

from dataclasses import replace

from backbone.adapters.sealing import GivenKeys, KeySealer, new_key_text
from backbone.app.access.sealed import seal_secret
from backbone.bootstrap.access import JiraPeople
from backbone.ports.login import PasswordLogin, TokenLogin
from backbone.ports.people import JiraPerson, JiraUnavailable, LogInRefused
from backbone.ports.sealing import Sealer
from tests.integration.access.conftest import Door
from tests.parts.two_jiras import FIRST


async def _seal_log_in(door: Door, sealer: Sealer, other: str | None = None) -> None:
    """The connection's own log-in is kept sealed from now on, or as another secret."""
    async with door.store.administration() as unit:
        [first] = [one for one in await unit.synchronizations.connections() if one.name == FIRST]
        ident = await seal_secret(unit, sealer, door.clock, "connection northwind, token", "northwind-token")
        declared = {"url": door.jiras.first.url, "token": {"sealed": other or ident}}
        await unit.synchronizations.save_connection(replace(first, document={**first.document, "declared": declared}))
        await unit.commit()


async def test_the_jira_of_the_stored_connection_is_asked(door: Door) -> None:
    sealer = KeySealer(GivenKeys(new_key_text()))
    await _seal_log_in(door, sealer)
    people = JiraPeople(door.store, sealer)
    project = door.jiras.halves[0].project

    gero = await people.check(FIRST, PasswordLogin(user="gero", password="gero"), [project])
    sync = await people.check(FIRST, TokenLogin(token="northwind-token"), [project])

    assert isinstance(gero, JiraPerson)
    assert (gero.shown, gero.administers) == ("gero", True)
    assert gero.projects == {project}
    assert gero.groups == {"jira-users", "managers"}
    assert isinstance(sync, JiraPerson)
    assert not sync.administers
    assert sync.projects == frozenset()
    assert await people.check(FIRST, TokenLogin(token="wrong"), [project]) == LogInRefused()


async def test_a_connection_that_can_not_be_opened_is_no_wrong_password(door: Door) -> None:
    sealer = KeySealer(GivenKeys(new_key_text()))
    await _seal_log_in(door, sealer, other="gone")

    checked = await JiraPeople(door.store, sealer).check(FIRST, PasswordLogin(user="gero", password="gero"), [])

    assert isinstance(checked, JiraUnavailable)
    assert not checked.reached
    assert door.jiras.first.world.failed_logins == {}
