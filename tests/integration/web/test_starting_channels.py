"""A start takes over the directories that were replaced while a synchronization was stopped, and needs nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from backbone.adapters.transports.made import MadeTransports
from backbone.app.access.caller import Caller
from backbone.app.channel.settings import with_part
from backbone.app.declaration.channel import ChannelPart
from backbone.app.usecases.channels.places import adopt, adopt_stopped
from backbone.app.usecases.mistakes import Mistake
from tests.integration.web.test_channels import client, key_of, met
from tests.parts.office import Office

__all__ = ["client"]

ANNA = Caller(name="local:anna", shown="Anna", everything=True)
MIXED = {
    "send": {"directory": "/srv/out"},
    "receive": {
        "address": "a@a.test",
        "server": "imap.a.test",
        "protocol": "imap",
        "user": "a@a.test",
        "password": {"env": "SET_WHERE_IT_IS_SERVED"},
    },
}


async def receive_by_mail(here: Office) -> None:
    async with here.store.unit() as uow:
        stored = await uow.channels.get(await key_of(here))
        assert stored is not None
        await uow.channels.save(with_part(stored, ChannelPart.model_validate(MIXED), Path("/")))
        await uow.commit()


async def test_a_start_takes_over_a_directory_that_was_replaced(here: Office, client: AsyncClient) -> None:
    await met(here)
    here.network.mailbox("/srv/out").ours = False
    answer = await client.post(f"integrations/{await key_of(here)}/start")

    assert answer.status_code == 200
    assert here.network.mailbox("/srv/out").ours is True


@pytest.mark.usefixtures("client")
async def test_directories_are_taken_over_without_the_password_of_a_mailbox(here: Office) -> None:
    await receive_by_mail(here)
    for take_over in (adopt, adopt_stopped):
        here.network.mailbox("/srv/out").ours = False
        await take_over(here.office(), await key_of(here), ANNA)

        assert here.network.mailbox("/srv/out").ours is True


@pytest.mark.usefixtures("client")
async def test_a_directory_that_is_gone_holds_no_start_of_others(here: Office) -> None:
    office = replace(here.office(), transports=MadeTransports())
    with pytest.raises(Mistake, match="No such file"):
        await adopt_stopped(office, await key_of(here), ANNA)

    await adopt_stopped(office, None, ANNA)
