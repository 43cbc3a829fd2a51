"""Testing the settings of a channel, and taking over a directory that replaces another one."""

from __future__ import annotations

from backbone.app.access.caller import Caller
from backbone.app.channel.settings import receiving_of, sending_of
from backbone.app.usecases.channels.office import Office
from backbone.app.usecases.channels.trying import Tried, try_settings
from backbone.app.usecases.mistakes import Mistake
from backbone.ports.transport import ReceivingDirectory, SendingDirectory, TransportError


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
