"""Testing the settings of a channel, and taking over a directory that replaces another one."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.access.caller import Caller
from backbone.app.channel.settings import directories_of
from backbone.app.usecases.channels.office import Office
from backbone.app.usecases.channels.trying import Tried, try_settings
from backbone.app.usecases.choosing import chosen
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import SynchronizationKey
from backbone.core.protocol.delivering import put_right
from backbone.ports.transport import (
    NotOurPlace,
    ReceivingDirectory,
    SendingDirectory,
    TransportError,
)


async def look_over(office: Office, named: str) -> tuple[Tried, ...]:
    """Try both directions now. Raises Mistake for an unknown name only."""
    _, stored = await office.look(named)
    return await try_settings(office, stored)


async def adopt(office: Office, named: str, by: Caller) -> tuple[str, ...]:
    """Take over the directories that are in the places of this channel now; their paths. Raises Mistake."""
    async with office.at(named) as act:
        places = directories_of(act.stored)
        if not places:
            raise Mistake(act.one.name, "this channel has no directories", "Change the file and run 'backbone apply'")
        for place in places:
            try:
                await office.transports.adopt(place)
            except TransportError as error:
                raise Mistake(place.path, error.words, error.cure or "Check the directory") from error
        paths = tuple(place.path for place in places)
        right = replace(act.stored, channel=put_right(act.stored.channel))
        await act.done(right, by, "channel.adopt", {"directories": list(paths)})
    return paths


async def adopt_stopped(office: Office, named: str | None, by: Caller) -> None:
    """Take over directories that were replaced while their synchronization was stopped. Raises Mistake.

    Where none is named, one that can't be taken over holds no other: its channel tells of it.
    """
    async with office.store.unit() as uow:
        stopped = [one.key for one in await chosen(uow, named) if one.here is not None and not one.wanted_running]
    for key in stopped:
        try:
            await _adopt_replaced(office, key, by)
        except Mistake:
            if named is not None:
                raise


async def _adopt_replaced(office: Office, key: SynchronizationKey, by: Caller) -> None:
    _, stored = await office.look(key)
    if any([await _is_another(office, one) for one in directories_of(stored)]):
        await adopt(office, key, by)


async def _is_another(office: Office, place: SendingDirectory | ReceivingDirectory) -> bool:
    """Whether a directory is there and is not the one that it was."""
    transports = office.transports
    transport = transports.sender(place) if isinstance(place, SendingDirectory) else transports.receiver(place)
    try:
        await transport.check()
    except NotOurPlace:
        return True
    except TransportError:
        return False
    finally:
        await transport.close()
    return False
