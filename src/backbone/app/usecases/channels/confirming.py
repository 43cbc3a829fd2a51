"""A person compares the code with the partner's person, by another way than the channel."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.access.caller import Caller
from backbone.app.usecases.channels.office import Office
from backbone.app.usecases.mistakes import Mistake
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.handshake import HandshakeRefused, confirm


async def confirm_code(office: Office, named: str, code: str, by: Caller) -> Channel:
    """From now on more than the handshake may pass, as far as this side is concerned. Raises Mistake."""
    async with office.at(named) as act:
        try:
            channel = confirm(act.stored.channel, code)
        except HandshakeRefused as error:
            raise Mistake(act.one.name, error.cause, error.cure) from error
        partner = channel.partner_key.fingerprint
        await act.done(replace(act.stored, channel=channel), by, "channel.confirm", {"partner": partner})
    return channel
