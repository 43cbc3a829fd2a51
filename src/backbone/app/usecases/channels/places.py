"""Testing the settings of a channel, and taking over a directory that replaces another one."""

from __future__ import annotations

from backbone.app.access.caller import Caller
from backbone.app.channel.settings import receiving_of, sending_of
from backbone.app.usecases.channels.office import Office
from backbone.app.usecases.channels.trying import Tried, try_settings
from backbone.app.usecases.choosing import chosen
from backbone.app.usecases.mistakes import Mistake
from backbone.ports.channels import StoredChannel
from backbone.ports.transport import (
    NotOurPlace,
    Receiver,
    ReceivingDirectory,
    Sender,
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
        ways = (sending_of(act.stored, office), receiving_of(act.stored, office))
        places = [one for one in ways if isinstance(one, SendingDirectory | ReceivingDirectory)]
        if not places:
            raise Mistake(act.one.name, "this channel has no directories", "Change the file and run 'backbone apply'")
        for place in places:
            try:
                await office.transports.adopt(place)
            except TransportError as error:
                raise Mistake(place.path, error.words, error.cure or "Check the directory") from error
        paths = tuple(place.path for place in places)
        await act.done(act.stored, by, "channel.adopt", {"directories": list(paths)})
    return paths


async def adopt_stopped(office: Office, named: str | None, by: Caller) -> None:
    """Take over directories that were replaced while their synchronization was stopped. Raises Mistake."""
    async with office.store.unit() as uow:
        stopped = [one.key for one in await chosen(uow, named) if one.here is not None and not one.wanted_running]
    for key in stopped:
        _, stored = await office.look(key)
        if await _replaced(office, stored):
            await adopt(office, key, by)


async def _replaced(office: Office, stored: StoredChannel) -> list[str]:
    """The paths of directories that are there and are not those that they were."""
    found: list[str] = []
    sending, receiving = sending_of(stored, office), receiving_of(stored, office)
    if isinstance(sending, SendingDirectory) and await _is_another(office.transports.sender(sending)):
        found.append(sending.path)
    if isinstance(receiving, ReceivingDirectory) and await _is_another(office.transports.receiver(receiving)):
        found.append(receiving.path)
    return found


async def _is_another(transport: Sender | Receiver) -> bool:
    try:
        await transport.check()
    except NotOurPlace:
        return True
    except TransportError:
        return False
    finally:
        await transport.close()
    return False
