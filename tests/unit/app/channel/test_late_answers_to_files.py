"""An answer to a handshake file that comes too late is told as what it is."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.channel.conversation import Conversation
from backbone.app.channel.greeting import seal_answer
from backbone.app.channel.host import Means
from backbone.core.model.keys import Millis
from backbone.core.model.problems import Code
from backbone.core.protocol.channel import Channel, Stage
from backbone.ports.cipher import KeyPair
from tests.fakes.transport import Wire
from tests.parts.two_installations import Installation, TwoInstallations
from tests.unit.app.channel.test_greeting import CIPHER, answering, master, slave


async def heard(one: Installation, channel: Channel, pair: KeyPair, sealed: bytes, now: Millis) -> Channel | None:
    """What the master's channel becomes by something that came."""
    ways, role = Wire(), one.half.role
    secrets = {channel.our_key.fingerprint: pair.secret}
    means = Means(sender=ways.sender(role), receiver=ways.receiver(role), secrets=secrets)
    async with one.world.store.unit() as uow:
        stored = replace(await one.stored(uow), channel=channel)
        told = await Conversation(cipher=CIPHER).stranger(uow, stored, means, sealed, now)
        await uow.commit()
    return None if told is None else told.stored.channel


async def test_an_answer_to_a_file_that_has_expired_is_told_as_such_and_counts_for_nothing() -> None:
    one = TwoInstallations().first
    channel, pair = await master()
    answered, own = await slave(channel)
    sealed = await seal_answer(CIPHER, answered, answering(answered), own.secret)
    late = Millis(channel.expires + 1)
    assert await heard(one, channel, pair, sealed, late) == channel
    assert one.problems == [Code.PARTNER_DOUBTFUL]


async def test_a_partner_that_answered_in_time_may_repeat_its_answer_later() -> None:
    one = TwoInstallations().first
    channel, pair = await master()
    answered, own = await slave(channel)
    sealed = await seal_answer(CIPHER, answered, answering(answered), own.secret)
    pinged = await heard(one, channel, pair, sealed, Millis(channel.expires - 1))
    assert pinged is not None
    again = await heard(one, pinged, pair, sealed, Millis(channel.expires + 1))
    assert again is not None
    assert again.stage is Stage.PINGED
    assert one.problems == []
