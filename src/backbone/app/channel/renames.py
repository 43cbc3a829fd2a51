"""Projects that got another key: the partner is told of ours, and what it tells of its own is followed."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.channel.saying import say
from backbone.app.usecases.renaming import begin_following, untold_renames
from backbone.core.model.keys import Millis, ProjectKey
from backbone.core.protocol.parcels import Renamed
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Cursor, Synchronization
from backbone.ports.store import UnitOfWork


async def say_renames(uow: UnitOfWork, stored: StoredChannel, now: Millis) -> StoredChannel:
    """Tell the partner of our project's new key, once. The channel has to be saved."""
    return await say(uow, stored, await untold_renames(uow, stored.synchronization), now)


async def follow_rename(
    uow: UnitOfWork, stored: StoredChannel, one: Synchronization, told: Renamed, now: Millis
) -> StoredChannel:
    """The partner's project has another key: pairs and what shows their keys follow. The channel has to be saved."""
    keys = (told.project, told.former, *stored.channel.partner_project)
    known: tuple[ProjectKey, ...] = tuple(dict.fromkeys(keys))
    await begin_following(uow, one, Cursor(watermark=now))
    return replace(stored, channel=replace(stored.channel, partner_project=known))
