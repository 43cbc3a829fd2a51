"""A sealed parcel never changes, its number is given once, and what follows it is used after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from backbone.core.model.keys import PairUid, Revision
from backbone.core.model.problems import Code
from backbone.core.protocol.channel import Agreement, Channel, PinnedKey
from backbone.core.protocol.parcels import KeyFingerprint
from tests.fakes.cipher import key_pair
from tests.fakes.transport import Fault, Mailbox
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import TwoInstallations

P, Q = PairUid("p"), PairUid("q")
PAIRS = [PairUid(f"p{number}") for number in range(200)]
NEW_KEY = key_pair(b"c" + bytes(range(128, 192))).public


async def acquainted(largest: int | None = None) -> TwoInstallations:
    """Two sides that have heard of each other; the first one's parcels have so many bytes at most."""
    two = counting()
    await two.exchange(3)
    if largest is not None:
        await two.first.change(lambda channel: replace(channel, largest=largest))
    return two


def to_second(two: TwoInstallations) -> Mailbox:
    assert isinstance(two.wire.to_second, Mailbox)
    return two.wire.to_second


def newer_agreement(channel: Channel) -> Channel:
    agreed = channel.agreement.agreed
    assert agreed is not None
    newer = replace(agreed, revision=Revision(2))
    return replace(channel, agreement=Agreement(agreed=newer, former=(agreed,)))


def newer_key(channel: Channel) -> Channel:
    """The partner has announced another key, with which it can't open anything yet in this test."""
    key = PinnedKey(fingerprint=KeyFingerprint(NEW_KEY.fingerprint), armored=NEW_KEY.armored)
    return replace(channel, partner_keys=(*channel.partner_keys, key))


@pytest.mark.parametrize("changed", [newer_agreement, newer_key])
async def test_a_parcel_that_got_lost_leaves_again_as_it_was(changed: Callable[[Channel], Channel]) -> None:
    two = await acquainted()
    to_second(two).befall(Fault.LOSE)
    await tell(two.first, {P: 1})
    await two.first.step()
    await two.first.change(changed)
    await two.exchange(3, seconds=700)

    ((sent, _),) = two.first.world.store.tables.sent.values()
    (received,) = two.second.world.store.tables.received.values()
    assert received.plaintext == sent.plaintext
    assert list(used(two.second)) == [P]
    assert two.first.channel.restoring is None


async def test_what_is_told_of_an_issue_after_a_parcel_that_got_lost_waits_for_it() -> None:
    two = await acquainted(largest=6_000)
    to_second(two).befall(Fault.NONE, Fault.LOSE)
    await tell(two.first, {pair: place for place, pair in enumerate(PAIRS)})
    await two.exchange(3)
    await tell(two.first, {pair: 1000 + place for place, pair in enumerate(PAIRS)})
    await two.exchange(5)
    early = used(two.second)
    assert 0 < len(early) < len(PAIRS)
    assert any(len(one) == 2 for one in early.values()), "what was not lost goes on"
    await two.exchange(6, seconds=700)

    for place, pair in enumerate(PAIRS):
        assert [one for _, said in used(two.second)[pair] for one in said] == [place, 1000 + place]


async def test_the_parts_of_what_was_divided_follow_each_other() -> None:
    two = await acquainted(largest=6_000)
    to_second(two).befall(Fault.NONE, Fault.LOSE)
    for number in range(300):
        await tell(two.first, {P: number})
    await two.exchange(2)
    assert two.first.parcels > 3
    assert [len(one) for one in used(two.second).values()] == [1]
    await two.exchange(4, seconds=700)

    assert [one for _, said in used(two.second)[P] for one in said] == list(range(300))


async def test_one_number_with_two_contents_ends_the_exchange_until_both_begin_anew() -> None:
    two = await acquainted()
    backup = two.first.backup()
    await tell(two.first, {P: 1})
    await two.first.step()
    await two.second.step()
    await two.first.restore(backup, incarnation=None)  # nobody knows
    await tell(two.first, {Q: 2})
    await two.first.step()
    await two.second.step()

    assert two.second.problems == [Code.CHANNEL_DIVERGED]
    assert two.second.channel.restoring is not None
    assert list(used(two.second)) == [P]
