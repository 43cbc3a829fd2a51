"""The master's handshake file: written as often as a person asks, answered once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from backbone.app.access.caller import Caller
from backbone.app.channel.greeting import write_file
from backbone.app.channel.settings import part_of, secret_keys_of, with_secret_key
from backbone.app.declaration.channel import address_of, protocol_of
from backbone.app.usecases.channels.keys import made_key, pinned_key
from backbone.app.usecases.channels.office import Act, Office, described
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import Millis, Role
from backbone.core.protocol.channel import Stage
from backbone.core.protocol.handshake import LIFETIME, offered_anew
from backbone.core.protocol.parcels import KeyFingerprint
from backbone.core.protocol.shapes import Misfit
from backbone.ports.channels import StoredChannel

_DAY = 24 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A handshake file, and what a person should know of it. ``locked`` tells that it needs a passphrase."""

    content: bytes = field(repr=False)
    fingerprint: KeyFingerprint
    expires: Millis
    locked: bool


async def offer(
    office: Office, named: str, by: Caller, *, passphrase: str | None = None, days: int = LIFETIME // _DAY
) -> Offer:
    """Write the handshake file; a file that was written before is void. Raises Mistake."""
    async with office.at(named) as act:
        _require_master(act)
        if act.stored.channel.stage is not Stage.OFFERED:
            cure = "Nothing has to be done. To begin from the start: backbone channel offer --anew"
            raise Mistake(act.one.name, "the handshake file was answered already", cure)
        channel = act.stored.channel
        channel = replace(
            channel,
            token=office.system.new_id(),
            expires=Millis(act.now + days * _DAY),
            name=act.one.name,
            description=described(act.one.document),
            receives=address_of(part_of(act.stored).receive),
        )
        return await _written(office, act, replace(act.stored, channel=channel), _Offering(by, passphrase))


async def offer_anew(
    office: Office, named: str, by: Caller, *, passphrase: str | None = None, days: int = LIFETIME // _DAY
) -> Offer:
    """Begin the handshake from the start, with another key: what was suspected or stolen is trusted no more.

    What both agreed stays, and what was not acknowledged is sent anew. Raises Mistake.
    """
    async with office.at(named) as act:
        _require_master(act)
        part = part_of(act.stored)
        key = await made_key(office.cipher, part.key_kind)
        pinned = pinned_key(key)
        channel = offered_anew(act.stored.channel, office.system.new_id(), pinned, Millis(act.now + days * _DAY))
        meeting = replace(channel.meeting, receives_by=protocol_of(part.receive))
        channel = replace(channel, meeting=meeting, encrypted=part.encryption, receives=address_of(part.receive))
        stored = replace(act.stored, channel=channel, secret_keys={})
        stored = with_secret_key(stored, pinned.fingerprint, key.secret, office.sealer)
        return await _written(office, act, stored, _Offering(by, passphrase, "channel.offer-anew"))


def _require_master(act: Act) -> None:
    if act.one.here is not Role.FIRST:
        raise Mistake(act.one.name, "only the master writes handshake files", "Ask the partner for it")


@dataclass(frozen=True, slots=True)
class _Offering:
    """Who writes a file, locked with which passphrase, and what that is called in the audit log."""

    by: Caller
    passphrase: str | None = field(repr=False)
    what: str = "channel.offer"


async def _written(office: Office, act: Act, stored: StoredChannel, offering: _Offering) -> Offer:
    channel, passphrase = stored.channel, offering.passphrase
    secret = secret_keys_of(stored, office.sealer)[channel.our_key.fingerprint]
    try:
        content = await write_file(office.cipher, channel, secret, act.now, passphrase)
    except Misfit as misfit:
        cure = "Change it: letters, digits, signs and blanks can be told"
        raise Mistake(act.one.name, f"no partner can be told its {misfit.place}: it {misfit.what}", cure) from misfit
    told = {"fingerprint": channel.our_key.fingerprint, "expires": channel.expires, "locked": passphrase is not None}
    await act.done(stored, offering.by, offering.what, told)
    return Offer(
        content=content,
        fingerprint=channel.our_key.fingerprint,
        expires=channel.expires,
        locked=passphrase is not None,
    )
