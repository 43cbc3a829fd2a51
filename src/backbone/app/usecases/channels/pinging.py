"""A sign of life: the partner is asked, and both clocks are compared by what it answers."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.access.caller import Caller
from backbone.app.usecases.channels.office import Office
from backbone.app.usecases.mistakes import Mistake
from backbone.core.protocol.handshake import asked_for_ping


async def ping(office: Office, named: str, by: Caller) -> None:
    """Let a ping leave at the next step of the channel. Raises Mistake."""
    async with office.at(named) as act:
        channel = act.stored.channel
        if not channel.partner_keys or channel.departed:
            raise Mistake(act.one.name, "there is nobody to ask yet", "Wait until the partner has answered")
        asked = asked_for_ping(channel)
        await act.done(replace(act.stored, channel=asked), by, "channel.ping", {"asked": True})
