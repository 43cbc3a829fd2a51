"""Two memories that do not fit: one side was restored from a backup."""

from __future__ import annotations

from backbone.app.channel.desk import Desk
from backbone.app.channel.troubles import trouble
from backbone.core.model.problems import Code
from backbone.core.protocol.parcels import Header, Restored
from backbone.ports.channels import StoredChannel
from backbone.ports.store import UnitOfWork


async def diverged(desk: Desk, uow: UnitOfWork, stored: StoredChannel, why: str) -> StoredChannel:
    """Both sides hold."""
    await uow.problems.report(trouble(Code.CHANNEL_DIVERGED, desk.connector, why), desk.now())
    return stored


async def hear_restored(desk: Desk, header: Header, told: Restored) -> None:
    """The partner noticed that memories do not fit."""
    del desk, header, told
