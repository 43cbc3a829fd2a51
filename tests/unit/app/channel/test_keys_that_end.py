"""A key that may not be used any more is told where people look, and holds nothing but what leaves."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.core.model.keys import PairUid
from backbone.core.model.problems import Code
from backbone.ports.cipher import KeyRefused, Opened
from tests.fakes.cipher import PlainCipher
from tests.parts.counted_messages import counting, tell, used

P, Q = PairUid("p"), PairUid("q")


class Expired(PlainCipher):
    """With a partner's key that expired after it was pinned."""

    async def seal(self, plaintext: bytes, secret: str, recipient: str | None) -> bytes:
        del plaintext, secret, recipient
        raise KeyRefused("The key expired on 2026-01-01.")


class Ended(PlainCipher):
    """With a key of ours that expired."""

    async def open(
        self, sealed: bytes, secret: str | None, partners: Sequence[str], *, largest: int, encrypted: bool = True
    ) -> Opened:
        del sealed, secret, partners, largest, encrypted
        raise KeyRefused("Our key can no longer decrypt; give the synchronization another one.")


async def test_what_comes_for_a_key_of_ours_that_ended_is_kept_and_told_in_a_sentence() -> None:
    two = counting()
    await two.exchange(3)
    cipher = two.first.host.cipher
    two.first.host.cipher = Ended(clock=two.system.now)
    await tell(two.second, {Q: 2})
    await two.exchange(2)

    assert Code.DEFECT not in two.first.problems
    assert Code.PARCEL_REFUSED in two.first.problems
    two.first.host.cipher = cipher
    two.wire.to_first.down = "away"
    await two.exchange(2, seconds=600)
    assert list(used(two.first)) == [Q]


async def test_a_key_that_expired_is_told_in_its_words_and_what_comes_is_used() -> None:
    two = counting()
    await two.exchange(3)
    cipher = two.first.host.cipher
    two.first.host.cipher = Expired(clock=two.system.now)
    await tell(two.first, {P: 1})
    await tell(two.second, {Q: 2})
    await two.exchange(6, seconds=60)
    problems = [one.problem for one in two.first.world.store.tables.problems.values()]

    assert [one.code for one in problems] == [Code.CHANNEL_DOWN]
    assert "The key expired on 2026-01-01" in problems[0].cause
    assert list(used(two.first)) == [Q]

    two.first.host.cipher = cipher
    await two.exchange(6, seconds=60)
    assert list(used(two.second)) == [P]
    assert two.first.problems == []
