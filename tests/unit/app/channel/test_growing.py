"""Parcels that became smaller become larger again, and nothing is lost or told by trying."""

from __future__ import annotations

from backbone.core.model.keys import PairUid, Role
from backbone.core.protocol.channel import FIRST_LARGEST
from backbone.core.protocol.sizing import SMALLEST, shrunk
from tests.fakes.transport import Mailbox
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import TwoInstallations

P = PairUid("p")
HOUR = 3600


def mailbox(two: TwoInstallations) -> Mailbox:
    found = two.wire.towards(Role.SECOND)
    assert isinstance(found, Mailbox)
    return found


async def refused(limit: int) -> TwoInstallations:
    """The first side's server takes so many bytes, which it has learned already."""
    two = counting()
    await two.exchange(3)
    mailbox(two).limit = limit
    await two.first.change(lambda channel: shrunk(channel, SMALLEST, two.system.now()))
    return two


async def days(two: TwoInstallations, count: int) -> None:
    for _ in range(count):
        await two.exchange(3, seconds=8 * HOUR)


async def test_parcels_become_as_large_as_before_once_the_server_takes_them() -> None:
    two = await refused(10**9)
    await days(two, 20)
    assert two.first.channel.largest == FIRST_LARGEST
    assert two.second.channel.largest == FIRST_LARGEST
    assert two.first.problems == two.second.problems == []


async def test_what_the_server_does_not_take_is_no_problem_and_holds_nothing() -> None:
    two = await refused(3 * SMALLEST)
    await days(two, 3)
    assert two.first.channel.largest == 2 * SMALLEST, "that fits"
    await tell(two.first, {P: 1})
    await days(two, 30)

    assert two.first.channel.largest == 2 * SMALLEST
    assert two.first.channel.growth.vain > 1
    assert list(used(two.second)) == [P]
    assert two.first.problems == two.second.problems == []


async def test_a_size_counts_only_when_it_arrived_at_the_partner() -> None:
    two = await refused(10**9)
    before = len(mailbox(two).sent)
    for _ in range(6):
        two.wait(8 * HOUR)
        await two.first.step()

    assert [one for one in mailbox(two).sent[before:] if len(one) > SMALLEST] != []
    assert two.first.channel.largest == SMALLEST
