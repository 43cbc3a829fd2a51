"""A company deletes its half while its partner is away: the partner learns it when it is back."""

from __future__ import annotations

import asyncio

from pydantic import SecretStr

from backbone.app.usecases.deleting import delete_integration
from backbone.bootstrap import assembled
from backbone.cli.operator import operator
from backbone.core.model.keys import SynchronizationKey
from backbone.settings import Settings
from tests.integration.cli.companies import Company
from tests.integration.cli.test_channel import Companies, companies, done, shown

__all__ = ["companies"]


def delete(one: Company) -> None:
    asyncio.run(_delete(one))


async def _delete(one: Company) -> None:
    settings = Settings(database_url=SecretStr(one.database), home=one.folder / "home")
    async with assembled(settings) as backbone:
        key = SynchronizationKey("INT-1")
        await delete_integration(backbone.store, backbone.system, operator(), key, backbone.farewell)


async def _channels(one: Company) -> int:
    settings = Settings(database_url=SecretStr(one.database), home=one.folder / "home")
    async with assembled(settings) as backbone:
        return len(await backbone.channels.keys())


def test_a_partner_that_is_away_when_a_half_is_deleted_is_told_when_it_is_back(companies: Companies) -> None:
    companies.confirm()
    companies.exchange()
    acme, out = companies.acme, companies.acme.folder.parent / "share" / "out"
    before = set(out.iterdir())
    delete(acme)
    assert "INT-1" not in done(acme, "status")
    assert set(out.iterdir()) > before
    assert asyncio.run(_channels(acme)) == 1
    companies.exchange(1)
    assert "deleted its half" in str(shown(companies.beta)["next"])
