"""Sync information over the REST API where the other half is a partner's: ours is listed, the partner's is left out."""

from __future__ import annotations

from httpx2 import AsyncClient

from backbone.app.usecases.choosing import chosen
from tests.integration.web.test_half_elsewhere import client
from tests.parts.office import Office

__all__ = ["client"]


async def test_an_export_has_an_empty_array_for_the_partner(here: Office, client: AsyncClient) -> None:
    async with here.store.unit() as uow:
        [one] = await chosen(uow, "Pumps for a partner")

    exported = await client.get(f"integrations/{one.key}/syncInformation")
    listed = await client.get(f"connectors/{one.first}/syncInformation", params={"remoteIssueKey": "E-7"})

    assert exported.json() == {"firstConnector": [], "secondConnector": []}
    assert (listed.status_code, listed.json()) == (200, [])
