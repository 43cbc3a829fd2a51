"""A company deletes its half while its partner is away: the partner learns it when it is back."""

from __future__ import annotations

import asyncio

from pydantic import SecretStr

from backbone.bootstrap import assembled
from backbone.settings import Settings
from tests.integration.cli.companies import Company
from tests.integration.cli.test_channel import Companies, companies, done, refused, shown

__all__ = ["companies"]


async def _channels(one: Company) -> int:
    settings = Settings(database_url=SecretStr(one.database), home=one.folder / "home")
    async with assembled(settings) as backbone:
        return len(await backbone.channels.keys())


def test_a_partner_that_is_away_when_a_half_is_deleted_is_told_when_it_is_back(companies: Companies) -> None:
    companies.confirm()
    companies.exchange()
    acme, out = companies.acme, companies.acme.folder.parent / "share" / "out"
    before = set(out.iterdir())
    assert "deleted" in done(acme, "delete", "Acme and Beta")
    assert "INT-1" not in done(acme, "status")
    assert set(out.iterdir()) > before
    assert asyncio.run(_channels(acme)) == 1
    companies.exchange(1)
    assert "deleted its half" in str(shown(companies.beta)["next"])


def test_nothing_is_deleted_that_was_not_named(companies: Companies) -> None:
    acme = companies.acme
    done(acme, "apply", acme.file)
    assert "There is: Acme and Beta, INT-1." in refused(acme, "delete", "INT-2")
    assert "INT-1" in done(acme, "status")
    assert acme.shell.json("delete", "INT-1") == {"deleted": "INT-1", "archived_pairs": 0, "cut_short": 0}
    assert "INT-1" not in done(acme, "status")
