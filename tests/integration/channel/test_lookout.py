"""A mail that arrives has its channel stepped at once, by a real server's word and a real database's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from backbone.adapters.dispatch import Tick
from backbone.adapters.transports.made import MadeTransports
from backbone.app.channel.settings import document_of
from backbone.app.declaration.channel import ChannelPart
from backbone.app.engine.context import Engine
from backbone.bootstrap.channels import Channels
from backbone.bootstrap.clock import WallSystem
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Turn
from tests.fakes.cipher import PlainCipher
from tests.fakes.meeting import Both
from tests.integration.dispatch.conftest import Place
from tests.parts.mail_servers import Delivered, MailServers, User
from tests.parts.two_installations import Unsealed

KEY = SynchronizationKey("INT-1")
PARCEL = b"-----BEGIN PGP MESSAGE-----\n\nb25l\n-----END PGP MESSAGE-----\n"
ANOTHER = b"-----BEGIN PGP MESSAGE-----\n\ndHdv\n-----END PGP MESSAGE-----\n"


async def _no_turn(turn: Turn) -> None:
    raise AssertionError(turn)


def stored_channel(servers: MailServers, user: User) -> StoredChannel:
    """One that receives by IMAP, and on which nothing was said for long."""
    receive = {
        "protocol": "imap",
        "address": user.address,
        "server": servers.host,
        "port": servers.ports["imaps"],
        "user": user.address,
        "password": {"env": "PASSWORD"},
        "ca_file": str(servers.ca_file),
    }
    send = {"to": "b@b.test", "server": servers.host, "port": servers.ports["smtps"], "same_as_receive": True}
    part = ChannelPart.model_validate({"send": send, "receive": receive})
    channel = Both().meet().confirm().master
    return StoredChannel(synchronization=KEY, channel=channel, transports=document_of(part, Path("/")))


@asynccontextmanager
async def channels_of(place: Place, stored: StoredChannel, password: str) -> AsyncIterator[Channels]:
    async with place.store.unit() as unit:
        await unit.channels.save(stored)
        await unit.commit()
    channels = Channels(
        engine=Engine(store=place.store, trackers={}, system=WallSystem()),
        cipher=PlainCipher(),
        transports=MadeTransports(),
        sealer=Unsealed(),
        environment={"PASSWORD": password},
    )
    try:
        yield channels
    finally:
        await channels.close()


async def test_a_mail_hurries_the_step_that_fetches_it(place: Place, mail_servers: MailServers) -> None:
    """Long before the step is due, and long before the mailbox would be looked at again."""
    user = mail_servers.user()
    stored = stored_channel(mail_servers, user)
    found: asyncio.Queue[list[bytes]] = asyncio.Queue()
    to = replace(mail_servers.sending(mail_servers.a, user, stored.channel.id), role=stored.channel.role.partner)
    sender = Delivered(MadeTransports().sender(to), user)
    async with channels_of(place, stored, user.password) as channels:

        async def step() -> None:
            means = await channels.means(stored)
            if means.look:
                batch = await means.receiver.receive("", parcels=10, octets=10_000)
                await means.receiver.confirm(tuple(one.handle for one in batch.arrivals))
                await found.put([one.parcel for one in batch.arrivals])

        await place.work(_no_turn, [Tick(name=f"channel:{KEY}", seconds=3600, run=step)])
        assert await found.get() == []  # nobody hurries the first step of a worker
        async with channels.listening():
            assert await found.get() == []  # who begins to listen can't know what came before
            for parcel in (PARCEL, ANOTHER):
                await sender.send(parcel)
                assert await found.get() == [parcel]
    await sender.close()
