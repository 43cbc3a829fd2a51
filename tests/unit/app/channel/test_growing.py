"""Parcels that became smaller become larger again, and nothing is lost or told by trying."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.keys import PairUid, Role
from backbone.core.model.problems import Code
from backbone.core.protocol.channel import FIRST_LARGEST, Stage
from backbone.core.protocol.sizing import SMALLEST, shrunk
from backbone.ports.transport import Notice, NoticeKind
from tests.fakes.transport import Fault, Mailbox
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import TwoInstallations

P = PairUid("p")
HOUR = 3600


def mailbox(two: TwoInstallations, of: Role = Role.SECOND) -> Mailbox:
    found = two.wire.towards(of)
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


async def returned(two: TwoInstallations, kind: NoticeKind = NoticeKind.TOO_LARGE) -> None:
    """A server behind the first one sends a mail back, and the first side finds that in its mailbox."""
    mailbox(two, Role.FIRST).notices.append(Notice(kind=kind, words="552 5.3.4 too large"))
    await two.first.step()


async def test_a_size_that_a_later_server_returns_is_no_problem() -> None:
    two = await refused(10**9)
    two.wait(24 * HOUR)
    mailbox(two).befall(*[Fault.LOSE] * 9)
    await two.first.step()
    assert two.first.channel.growth.size == 2 * SMALLEST

    await returned(two)
    assert two.first.problems == []
    assert two.first.channel.largest == SMALLEST
    await returned(two)
    assert two.first.problems == [Code.MAIL_RETURNED], "that was another mail"


async def test_what_is_returned_for_another_reason_is_told_though_a_size_is_tried() -> None:
    two = await refused(10**9)
    two.wait(24 * HOUR)
    mailbox(two).befall(*[Fault.LOSE] * 9)
    await two.first.step()
    await returned(two, NoticeKind.BOUNCE)
    assert two.first.problems == [Code.MAIL_RETURNED]


async def test_what_is_returned_for_its_size_is_told_where_none_was_tried() -> None:
    two = await refused(10**9)
    await returned(two)
    assert two.first.problems == [Code.MAIL_RETURNED]


async def test_a_size_of_set_up_that_a_later_server_returns_is_no_problem() -> None:
    two = await refused(10**9)
    await two.first.change(lambda channel: replace(channel, stage=Stage.PINGED))
    await returned(two)
    await returned(two)
    assert two.first.problems == []
