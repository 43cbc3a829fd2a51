"""A key that may not be used any more is told where people look, and holds nothing but what leaves."""

from __future__ import annotations

from backbone.core.model.keys import PairUid
from backbone.core.model.problems import Code
from backbone.ports.cipher import KeyRefused
from tests.fakes.cipher import PlainCipher
from tests.parts.counted_messages import counting, tell, used

P, Q = PairUid("p"), PairUid("q")


class Expired(PlainCipher):
    """With a partner's key that expired after it was pinned."""

    async def seal(self, plaintext: bytes, secret: str, recipient: str | None) -> bytes:
        del plaintext, secret, recipient
        raise KeyRefused("The key expired on 2026-01-01.")


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
