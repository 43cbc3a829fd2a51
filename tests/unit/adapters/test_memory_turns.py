"""The queue of the store in memory, from which a scheduler of tests takes turns."""

from __future__ import annotations

import pytest

from backbone.adapters.memory import MemoryStore
from backbone.core.model.keys import ConnectorKey, PairUid
from backbone.ports.records import ApplyTurn, ConnectorTurn, CreateTurn

A = ApplyTurn(connector=ConnectorKey("PA-1"), pair=PairUid("a"))
B = CreateTurn(connector=ConnectorKey("PA-1"))


async def _wake(store: MemoryStore, *turns: ConnectorTurn, after: float = 0.0) -> None:
    async with store.unit() as unit:
        for turn in turns:
            await unit.turns.wake(turn, after=after)
        await unit.commit()


async def _begin(store: MemoryStore, turn: ConnectorTurn) -> None:
    store.turns.pop(turn)
    async with store.unit() as unit:
        await unit.turns.begun(turn)
        await unit.commit()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore("installation", "incarnation")


async def test_committed_turns_are_ready_in_order(store: MemoryStore) -> None:
    async with store.unit() as unit:
        await unit.turns.wake(B)
        assert store.turns.ready() == []
        await unit.turns.wake(A)
        await unit.commit()

    assert store.turns.ready() == [B, A]


async def test_a_turn_that_has_begun_is_queued_by_the_next_cause(store: MemoryStore) -> None:
    await _wake(store, A)
    await _begin(store, A)
    assert store.turns.ready() == []

    await _wake(store, A)
    assert store.turns.ready() == [A]


async def test_a_turn_that_was_popped_and_has_not_begun_is_not_queued_twice(store: MemoryStore) -> None:
    await _wake(store, A)
    store.turns.pop(A)
    await _wake(store, A)
    assert store.turns.ready() == []

    store.turns.put_back(A)
    assert store.turns.ready() == [A]


async def test_the_shortest_delay_counts(store: MemoryStore) -> None:
    await _wake(store, A, after=60)
    await _wake(store, A, after=5)
    await _wake(store, A, after=9)

    assert dict(store.turns.waiting) == {A: 5}
