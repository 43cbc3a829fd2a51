"""After a restored backup both sides count anew: what comes under an epoch that was given up is void, whatever it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.channel.packing import pack
from backbone.app.channel.saying import header_of
from backbone.core.model.keys import Millis, PairUid
from backbone.core.protocol.parcels import Body, Epoch, Goodbye, Heartbeat, Parcel, Ping, Restored
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import KEYS, TwoInstallations

P = PairUid("p")
FORMER = Epoch("epoch-first")
"""That in which the first side begins."""
AGAIN = Restored(seen=Epoch("any"), newest=Millis(0), part=1, parts=1)


async def restored() -> TwoInstallations:
    """Two sides that told each other something, of which the first was restored: it has given its epoch up."""
    two = counting()
    await two.exchange(3)
    backup = two.first.backup()
    await tell(two.first, {P: 1})
    await two.exchange(5)
    await two.first.restore(backup)
    return two


async def say(two: TwoInstallations, body: Body, epoch: Epoch, number: int | None = None) -> None:
    """The second side gets what the first one signed under an epoch."""
    role = two.first.half.role
    header = replace(header_of(two.first.channel, number), epoch=epoch)
    plaintext = pack(Parcel(header=header, body=body))
    sealed = await two.first.host.cipher.seal(plaintext, KEYS[role].secret, KEYS[role.partner].public.armored)
    two.wire.to_second.put(sealed)
    await two.second.step()


async def test_what_is_said_under_a_former_epoch_begins_nothing_anew() -> None:
    two = await restored()
    await two.exchange(5)
    before = two.second.channel
    assert FORMER in before.incoming.former

    await say(two, AGAIN, FORMER)
    assert two.second.channel.restoring is None
    assert two.second.channel.outgoing.epoch == before.outgoing.epoch
    assert two.second.problems == []


async def test_a_side_that_waits_for_the_partners_new_epoch_does_not_take_a_former_one_for_it() -> None:
    two = counting()
    await two.exchange(3)
    await tell(two.first, {P: 1})
    await two.exchange(5)
    await two.second.restore(two.second.backup())
    await two.second.step()
    assert two.second.channel.incoming.epoch is None

    await say(two, Ping(clock=Millis(0), answers=True), FORMER)
    assert two.second.channel.incoming.epoch is None


@pytest.mark.parametrize(("body", "number"), [(Goodbye(), 1), (Goodbye(), 2), (Heartbeat(last=9), None)])
@pytest.mark.parametrize("epoch", [FORMER, Epoch("never-heard-of")])
async def test_what_is_numbered_under_another_epoch_is_not_taken_in(
    body: Body, number: int | None, epoch: Epoch
) -> None:
    two = await restored()
    await two.exchange(5)
    before = two.second.channel.incoming

    await say(two, body, epoch, number)
    assert replace(two.second.channel.incoming, owed=before.owed) == before
    assert not two.second.channel.departed


async def test_what_was_said_in_a_former_epoch_and_comes_again_is_not_used_once_more() -> None:
    two = await restored()
    early = list(two.wire.to_second.sent)
    await two.exchange(5)
    for parcel in early:
        two.wire.to_second.put(parcel)
    await two.exchange(5)

    assert list(used(two.second).values()) == [[("1", [1])]]
    assert two.first.problems == two.second.problems == []
