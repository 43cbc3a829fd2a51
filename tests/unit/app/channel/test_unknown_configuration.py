"""Parcels under a configuration that is not known here wait within limits, and none of them gets lost."""

from __future__ import annotations

from dataclasses import replace

from backbone.app.channel.saying import say
from backbone.core.model.keys import Millis, PairUid, Revision
from backbone.core.model.problems import Code
from backbone.core.protocol import publication
from backbone.core.protocol.channel import Agreement, Channel, Publication
from backbone.core.protocol.collecting import MOST_AWAITING
from backbone.core.protocol.parcels import Published
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import Installation, TwoInstallations

P = PairUid("p")
HOUR = 3600


def newer(channel: Channel) -> Publication:
    agreed = channel.agreement.agreed
    assert agreed is not None
    return publication.publication_of(Revision(2), replace(agreed.exchange, largest=7), "")


def agreeing(channel: Channel) -> Channel:
    return replace(channel, agreement=Agreement(agreed=newer(channel)))


async def ahead(parcels: int) -> TwoInstallations:
    """The first side works by a configuration that the second has forgotten, and said so much under it."""
    two = counting()
    await two.exchange(3)
    await two.first.change(agreeing)
    for number in range(parcels):
        await tell(two.first, {P: number}, comments=False)
        await two.exchange(2)
    return two


def kept(side: Installation) -> int:
    return len(side.channel.incoming.waiting)


async def test_what_can_not_be_kept_comes_again_when_the_configuration_is_known() -> None:
    two = await ahead(MOST_AWAITING + 5)
    assert (kept(two.second), used(two.second)) == (MOST_AWAITING, {})
    assert two.second.problems == [Code.CONFIGURATION_AWAITED]
    assert two.first.channel.outgoing.acknowledged == MOST_AWAITING

    await two.second.change(agreeing)
    await two.exchange(60, seconds=HOUR)
    assert [value for value, _ in used(two.second)[P]][-1] == str(MOST_AWAITING + 4)
    assert (two.second.problems, two.first.channel.outgoing.under_way) == ([], ())


async def test_it_is_noted_how_many_bytes_wait() -> None:
    two = await ahead(1)
    (one,) = two.second.channel.incoming.waiting
    (received,) = two.second.world.store.tables.received.values()
    assert one.octets == len(received.plaintext) > 0


async def test_a_publication_that_follows_what_can_not_be_kept_is_heard() -> None:
    two = await ahead(MOST_AWAITING + 5)
    new = newer(two.first.channel)
    async with two.first.world.store.unit() as uow:
        told = Published(revision=Revision(3), digest=new.digest, exchange=new.exchange, message="")
        await uow.channels.save(await say(uow, await two.first.stored(uow), [told], Millis(0)))
        await uow.commit()
    await two.exchange(60, seconds=HOUR)

    assert two.second.channel.agreement.pending is not None
    assert used(two.second) == {}
