"""Another key takes the place of ours; parcels go on meanwhile."""

from __future__ import annotations

from pathlib import Path

from backbone.app.access.caller import Caller
from backbone.app.channel.conversation import say_key
from backbone.app.channel.greeting import announcement_of
from backbone.app.channel.settings import with_secret_key
from backbone.app.usecases.channels.keys import imported_key, made_key
from backbone.app.usecases.channels.office import Office
from backbone.app.usecases.mistakes import Mistake
from backbone.core.protocol.handshake import is_open
from backbone.core.protocol.parcels import KeyFingerprint
from backbone.core.protocol.renewing import is_renewing
from backbone.ports.cipher import KeyKind


async def renew_key(
    office: Office, named: str, by: Caller, *, kind: KeyKind = KeyKind.CURVE_25519, file: Path | None = None
) -> KeyFingerprint:
    """Announce a new key under the old one; its fingerprint. Raises Mistake.

    It is no help after a theft: whoever has the old key could announce one, too. That needs a new handshake.
    """
    new = await (made_key(office.cipher, kind) if file is None else imported_key(office.cipher, file))
    async with office.at(named) as act:
        channel = act.stored.channel
        if not is_open(channel):
            cure = "Wait until both sides know each other and the code is confirmed"
            raise Mistake(act.one.name, "keys are renewed between partners who know each other", cure)
        if is_renewing(channel):
            raise Mistake(act.one.name, "a key is being renewed already", "Wait until the partner has acknowledged it")
        if new.public.fingerprint == channel.our_key.fingerprint:
            raise Mistake(act.one.name, "this is the key that is in use", "Name another one")
        told = await announcement_of(office.cipher, channel, new)
        stored = with_secret_key(act.stored, told.fingerprint, new.secret, office.sealer)
        stored = await say_key(act.unit, stored, told, act.now)
        after = {"former": channel.our_key.fingerprint, "fingerprint": told.fingerprint}
        await act.done(stored, by, "channel.renew-key", after)
    return told.fingerprint
