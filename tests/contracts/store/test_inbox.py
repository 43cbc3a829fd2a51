"""Messages are applied in order, each once."""

from __future__ import annotations

import asyncio

from backbone.core.model.keys import Millis, PairUid
from backbone.ports.store import Store
from tests.contracts.store.things import PA, PB, UID, message


async def _put(store: Store, *sequences: int) -> list[bool]:
    async with store.unit() as unit:
        answers = [await unit.inbox.put(message(sequence)) for sequence in sequences]
        await unit.commit()
        return answers


async def _done(store: Store, up_to: int) -> None:
    async with store.unit() as unit:
        await unit.inbox.done(PA, UID, up_to)
        await unit.commit()


async def _pending(store: Store) -> list[int]:
    async with store.unit() as unit:
        return [one.sequence for one in await unit.inbox.pending(PA, UID)]


async def test_messages_come_in_the_order_of_their_sequence(store: Store) -> None:
    await _put(store, 2, 10, 1)

    assert await _pending(store) == [1, 2, 10]


async def test_a_repeat_is_told_and_not_stored(store: Store) -> None:
    assert await _put(store, 1, 1) == [True, False]
    assert await _put(store, 1) == [False]
    assert await _pending(store) == [1]


async def test_a_repeat_of_an_applied_message_is_told(store: Store) -> None:
    await _put(store, 1, 2)
    await _done(store, 1)

    assert await _put(store, 1, 2, 3) == [False, False, True]
    assert await _pending(store) == [2, 3]


async def test_a_message_is_pending_until_the_work_on_it_is_committed(store: Store) -> None:
    await _put(store, 1)
    async with store.unit() as unit:
        await unit.inbox.done(PA, UID, 1)

    assert await _pending(store) == [1]


async def test_a_message_that_two_bring_at_once_is_stored_once(store: Store) -> None:
    async with store.unit() as first:
        await first.inbox.put(message(1))
        second = asyncio.create_task(_put(store, 1, 2))
        await asyncio.wait([second], timeout=0.1)
        await first.commit()
    await second

    assert await _pending(store) == [1, 2]


async def test_equal_sequences_of_other_pairs_are_no_repeats(store: Store) -> None:
    await _put(store, 1)
    async with store.unit() as unit:
        assert await unit.inbox.put(message(1, uid=PairUid("another")))


async def test_waiting_messages_are_counted_and_dated(store: Store) -> None:
    async with store.unit() as unit:
        assert await unit.inbox.oldest(PA) is None
        for sequence, sent in ((1, 30), (2, 20), (3, 40)):
            await unit.inbox.put(message(sequence, sent=sent))
        assert await unit.inbox.waiting(PA) == 3
        assert await unit.inbox.oldest(PA) == Millis(20)
        await unit.inbox.done(PA, UID, 2)
        assert await unit.inbox.waiting(PA) == 1
        assert await unit.inbox.oldest(PA) == Millis(40)
        assert await unit.inbox.waiting(PB) == 0


async def test_the_greatest_sequence_of_a_pair_is_known_whether_applied_or_not(store: Store) -> None:
    another, third = PairUid("another"), PairUid("third")
    await _put(store, 1, 2)
    async with store.unit() as unit:
        await unit.inbox.put(message(4, uid=another))
        await unit.inbox.done(PA, UID, 2)
        await unit.commit()

    async with store.unit() as unit:
        assert await unit.inbox.last_of(PA, [UID, another, third]) == {UID: 2, another: 4}
        assert await unit.inbox.last_of(PB, [UID]) == {}


async def test_messages_of_many_pairs_are_stored_fetched_and_done_at_once(store: Store) -> None:
    another, third = PairUid("another"), PairUid("third")
    await _put(store, 1)
    async with store.unit() as unit:
        await unit.inbox.put_all([message(2), message(1), message(1, uid=another), message(2, uid=another)])
        await unit.inbox.put_all([])
        found = await unit.inbox.pending_of(PA, [UID, another, third])
        assert {uid: [one.sequence for one in some] for uid, some in found.items()} == {UID: [1, 2], another: [1, 2]}
        assert found[UID][0] == message(1)
        await unit.inbox.done_all(PA, {UID: 2, another: 1})
        await unit.inbox.done_all(PA, {})
        await unit.commit()

    async with store.unit() as unit:
        found = await unit.inbox.pending_of(PA, [UID, another])
        assert {uid: list(some) for uid, some in found.items()} == {another: [message(2, uid=another)]}
        assert await unit.inbox.pending_of(PB, [another]) == {}
        assert not await unit.inbox.put(message(2))
