"""The conversation with a partner, told to the store: what it says, who answers a handshake file, what is due."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backbone.app.channel.following import follow
from backbone.app.channel.greeting import NOT_AN_ANSWER, filled, judged_key, open_answer
from backbone.app.channel.host import Heard, Means
from backbone.app.channel.moving import settled_move
from backbone.app.channel.renames import say_renames
from backbone.app.channel.saying import say
from backbone.app.channel.settings import former_receive, without_former_keys
from backbone.app.usecases.agreeing import announce
from backbone.core.model.keys import Millis
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.conversing import Heard as Spoken
from backbone.core.protocol.conversing import JudgedKey, heard
from backbone.core.protocol.handshake import awaits_answer, greeted, greetings, is_open
from backbone.core.protocol.parcels import AddressChanged, Goodbye, KeyAnnounced, Parcel, Passing, Ping
from backbone.core.protocol.renewing import advanced, announced, has_to_repeat, moved
from backbone.ports.channels import StoredChannel
from backbone.ports.cipher import Cipher
from backbone.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The part of ``Effects`` that has to do with the channel itself."""

    cipher: Cipher

    async def conversed(self, uow: UnitOfWork, stored: StoredChannel, parcel: Parcel, now: Millis) -> Heard:
        """Any body but messages, pieces, acknowledgements, heartbeats and what follows a restored backup."""
        body = parcel.body
        key = await judged_key(self.cipher, body) if isinstance(body, KeyAnnounced) else None
        return await _followed(uow, stored, heard(stored.channel, parcel, now, key), now)

    async def stranger(
        self, uow: UnitOfWork, stored: StoredChannel, means: Means, sealed: bytes, now: Millis
    ) -> Heard | None:
        """The answer to our handshake file, by whoever has it; None where it is something else."""
        channel = stored.channel
        if not awaits_answer(channel, now):
            return None
        try:
            parcel, key = await open_answer(self.cipher, channel, means.secrets, sealed)
        except NOT_AN_ANSWER:
            return None
        told = heard(channel, parcel, now, JudgedKey(fingerprint=key.fingerprint, armored=key.armored))
        if told.channel != channel:
            told = replace(told, channel=_arrived(told.channel, now))
        return await _followed(uow, stored, told, now)

    async def due(self, uow: UnitOfWork, stored: StoredChannel, now: Millis) -> Heard | None:
        """What the conversation has to say by itself at this time; None where nothing has changed."""
        before, passing = stored, list[Passing]()
        for greeting in greetings(stored.channel, now):
            passing.append(filled(greeting, stored.channel) if isinstance(greeting, Ping) else greeting)
            stored = replace(stored, channel=greeted(stored.channel, now))
        stored = without_former_keys(replace(stored, channel=advanced(stored.channel)))
        if is_open(stored.channel):
            stored = await _repeated(uow, stored, now)
            stored = settled_move(await announce(uow, stored, now))
            stored = await say_renames(uow, stored, now)
        if stored == before and not passing:
            return None
        return Heard(stored=stored, passing=tuple(passing))


async def _followed(uow: UnitOfWork, stored: StoredChannel, told: Spoken, now: Millis) -> Heard:
    stored = await follow(uow, replace(stored, channel=told.channel), told.events, now)
    passing = [filled(one, stored.channel) if isinstance(one, Ping) else one for one in told.say]
    return Heard(stored=stored, passing=tuple(passing))


def _arrived(channel: Channel, now: Millis) -> Channel:
    """An answer was accepted: the partner was heard."""
    return replace(channel, heard=now)


async def _repeated(uow: UnitOfWork, stored: StoredChannel, now: Millis) -> StoredChannel:
    """What was told of a new key and address is told again in a new epoch, and a move that nobody could be told, too."""
    meeting = stored.channel.meeting
    if former_receive(stored) is not None and not meeting.moved:
        return await say_move(uow, stored, now)
    if not has_to_repeat(stored.channel):
        return stored
    if meeting.moved:
        stored = await say_move(uow, stored, now)
    if meeting.announcement is not None and not stored.channel.our_keys[-1].proven:
        stored = await say_key(uow, stored, meeting.announcement, now)
    return stored


async def say_move(uow: UnitOfWork, stored: StoredChannel, now: Millis) -> StoredChannel:
    """Tell the partner where we receive from now on. The channel has to be saved."""
    channel = stored.channel
    told = AddressChanged(protocol=channel.meeting.receives_by, address=channel.receives)
    stored = await say(uow, stored, [told], now)
    return replace(stored, channel=moved(stored.channel))


async def say_key(uow: UnitOfWork, stored: StoredChannel, told: KeyAnnounced, now: Millis) -> StoredChannel:
    """Tell the partner of our new key. The channel has to be saved."""
    stored = await say(uow, stored, [told], now)
    return replace(stored, channel=announced(stored.channel, told))


async def say_goodbye(uow: UnitOfWork, stored: StoredChannel, now: Millis) -> StoredChannel:
    """Tell the partner that this half is deleted. The channel has to be saved."""
    return await say(uow, stored, [Goodbye()], now)
