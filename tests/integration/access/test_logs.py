"""Whatever libraries log while people sign in, no secret is in it."""

from __future__ import annotations

import logging

import pytest

from backbone.app.access.caller import Scope
from backbone.app.usecases.tokens import create_token_for
from backbone.ports.login import PasswordLogin
from tests.integration.access.conftest import ADDRESS, PASSWORD, Door
from tests.parts.office import ROOT


async def test_no_secret_is_logged_at_any_level(
    door: Door, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await door.add("anna")
    made = await create_token_for(
        door.store, door.clock, account="anna", label="report", scope=Scope.READ, days=1, by=ROOT
    )
    await door.by_token(made.whole)
    opened = await door.authentication.sign_in(PasswordLogin(user="anna", password=PASSWORD), ADDRESS)
    for secret in ("gero", "canary-password"):
        await door.by_password("gero", secret)
    await door.by_token("canary-token")
    door.jiras.first.faults.arm({"fault": "captcha"})
    await door.by_password("ines", "canary-captcha")
    await door.jiras.first.stop()
    await door.by_password("tomasz", "canary-unreachable")

    logged = caplog.text + "".join(capfd.readouterr())
    session = getattr(opened, "id", "")
    assert session
    assert [one for one in (PASSWORD, made.whole, session, "canary") if one in logged] == []
