"""The slave's side of a handshake file: looked at before anything is made, and taken anew after a suspicion."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.access.caller import Caller
from backbone.app.channel.settings import part_of, with_secret_key
from backbone.app.usecases.channels.files import opened_file
from backbone.app.usecases.channels.keys import made_key, pinned_key
from backbone.app.usecases.channels.office import Office
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import Role
from backbone.core.protocol.handshake import HandshakeFile, HandshakeRefused, accepted_anew, require_fresh


async def read(office: Office, content: bytes, passphrase: str | None) -> HandshakeFile:
    """What a handshake file says; nothing is made. Raises Mistake, also for one that is not valid now."""
    file = await opened_file(office.cipher, "handshake file", content, passphrase)
    try:
        require_fresh(file, office.system.now())
    except HandshakeRefused as error:
        raise Mistake("handshake file", error.cause, error.cure) from error
    return file


async def accept_anew(
    office: Office, named: str, content: bytes, by: Caller, *, passphrase: str | None = None
) -> HandshakeFile:
    """Answer a new handshake file of a channel that is here already. Raises Mistake."""
    file = await read(office, content, passphrase)
    async with office.at(named) as act:
        if act.one.here is not Role.SECOND:
            raise Mistake(act.one.name, "only the slave answers handshake files", "Hand the file over to the partner")
        key = await made_key(office.cipher, part_of(act.stored).key_kind)
        pinned = pinned_key(key)
        try:
            channel = accepted_anew(act.stored.channel, file, pinned, act.now)
        except HandshakeRefused as error:
            raise Mistake("handshake file", error.cause, error.cure) from error
        stored = replace(act.stored, channel=channel, secret_keys={})
        stored = with_secret_key(stored, pinned.fingerprint, key.secret, office.sealer)
        told = {"fingerprint": pinned.fingerprint, "partner": file.fingerprint}
        await act.done(stored, by, "channel.accept", told)
    return file
