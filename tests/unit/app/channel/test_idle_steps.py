"""A step in which nothing happens asks the database little, since each channel steps every few seconds."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from backbone.core.model.keys import PairUid
from backbone.ports.store import UnitOfWork
from tests.fakes.world import DelayingStore
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import Installation

P = PairUid("p")


class CountingStore(DelayingStore):
    """The same store, which counts transactions."""

    def __init__(self, side: Installation) -> None:
        super().__init__(side.world.system.now, side.world.store)
        self.units = 0

    def unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        self.units += 1
        return super().unit()


def counted(side: Installation) -> CountingStore:
    store = CountingStore(side)
    side.world.store = store
    side.world.engine = replace(side.world.engine, store=store)
    side.host = side._host()
    return store


async def test_an_idle_step_has_few_transactions_and_stores_nothing_anew() -> None:
    two = counting()
    await tell(two.first, {P: 1})
    await two.exchange(20, seconds=30)
    store, before = counted(two.first), two.first.channel

    await two.first.step()
    # What is stored of it, what the conversation has to say, and what waits to be sealed.
    assert store.units == 3
    assert two.first.channel == before


async def test_what_is_told_between_two_steps_is_still_sealed_at_the_next_one() -> None:
    two = counting()
    await two.exchange(20, seconds=30)
    counted(two.first)
    await tell(two.first, {P: 1})
    await two.exchange(2)
    assert list(used(two.second)) == [P]
