"""What is told to a partner elsewhere waits in the order in which it was told, until it is sealed."""

from __future__ import annotations

from backbone.core.model.keys import Millis, PairUid, Revision, SynchronizationKey
from backbone.ports.records import OutboxMessage
from backbone.ports.store import Store
from tests.contracts.store.things import SYNCHRONIZATION, UID, content

ANOTHER = PairUid("another")
THIRD = PairUid("third")
ELSEWHERE = SynchronizationKey("INT-2")


def _told(value: str, pair: PairUid = UID, key: SynchronizationKey = SYNCHRONIZATION) -> OutboxMessage:
    return OutboxMessage(synchronization=key, pair=pair, revision=Revision(3), sent=Millis(5), content=content(value))


async def _put(store: Store, *messages: OutboxMessage) -> None:
    async with store.unit() as unit:
        await unit.outbox.put_all(messages)
        await unit.commit()


async def test_messages_of_a_pair_come_in_the_order_in_which_they_were_told(store: Store) -> None:
    await _put(store, _told("1"), _told("2"), _told("x", ANOTHER))
    await _put(store)
    await _put(store, _told("3"), _told("elsewhere", key=ELSEWHERE))

    async with store.unit() as unit:
        found = await unit.outbox.of_pairs(SYNCHRONIZATION, [UID, THIRD])
        assert {pair: list(messages) for pair, messages in found.items()} == {UID: [_told("1"), _told("2"), _told("3")]}
        assert await unit.outbox.waiting(SYNCHRONIZATION) == 4
        assert await unit.outbox.waiting(ELSEWHERE) == 1


async def test_pairs_that_wait_longest_come_first(store: Store) -> None:
    await _put(store, _told("1", ANOTHER), _told("2"), _told("3", THIRD), _told("4", ANOTHER))

    async with store.unit() as unit:
        assert list(await unit.outbox.pairs(SYNCHRONIZATION, 9)) == [ANOTHER, UID, THIRD]
        assert list(await unit.outbox.pairs(SYNCHRONIZATION, 2)) == [ANOTHER, UID]
        assert list(await unit.outbox.pairs(ELSEWHERE, 9)) == []


async def test_what_is_taken_and_not_committed_waits_still(store: Store) -> None:
    await _put(store, _told("1"), _told("2", ANOTHER))
    async with store.unit() as unit:
        await unit.outbox.take(SYNCHRONIZATION, {UID: 99})
        assert list(await unit.outbox.pairs(SYNCHRONIZATION, 9)) == [ANOTHER]

    async with store.unit() as unit:
        assert list(await unit.outbox.pairs(SYNCHRONIZATION, 9)) == [UID, ANOTHER]
        await unit.outbox.take(SYNCHRONIZATION, {UID: 1, THIRD: 1})
        await unit.commit()

    async with store.unit() as unit:
        assert await unit.outbox.of_pairs(SYNCHRONIZATION, [UID]) == {}
        assert await unit.outbox.waiting(SYNCHRONIZATION) == 1


async def test_what_is_told_while_a_parcel_is_made_stays(store: Store) -> None:
    await _put(store, _told("1"), _told("2"), _told("1", ANOTHER))
    async with store.unit() as unit:
        read = await unit.outbox.of_pairs(SYNCHRONIZATION, [UID])
        await _put(store, _told("3"))
        await unit.outbox.take(SYNCHRONIZATION, {UID: len(read[UID])})
        await unit.commit()

    async with store.unit() as unit:
        assert (await unit.outbox.of_pairs(SYNCHRONIZATION, [UID]))[UID] == [_told("3")]
        assert await unit.outbox.waiting(SYNCHRONIZATION) == 2
