"""Pairs are found again, in the order of their birth, and wait for their issue as long as they must."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.keys import Millis, PairUid
from backbone.core.model.pair import PairState
from backbone.ports.store import Store
from tests.contracts.store.conftest import Stage
from tests.contracts.store.things import PA, PB, UID, attempt, issue, pair

FIRST, SECOND, THIRD = (PairUid(name) for name in ("c", "a", "b"))


async def _save(store: Store, *uids: PairUid) -> None:
    async with store.unit() as unit:
        for uid in uids:
            await unit.pairs.save(pair(uid))
        await unit.commit()


async def _creating(store: Store, limit: int = 10) -> list[PairUid]:
    async with store.unit() as unit:
        return [one.uid for one in await unit.pairs.creating(PA, limit)]


async def test_a_saved_pair_replaces_the_one_before(store: Store) -> None:
    await _save(store, UID)
    changed = replace(pair(local=issue(1)), written=Millis(5))
    async with store.unit() as unit:
        await unit.pairs.save(changed)
        await unit.commit()

    async with store.unit() as unit:
        assert await unit.pairs.get(PA, UID) == changed
        assert await unit.pairs.get(PB, UID) is None
        assert await unit.pairs.count(PA) == 1


async def test_a_pair_is_found_by_its_local_issue_until_that_changes(store: Store) -> None:
    async with store.unit() as unit:
        await unit.pairs.save(pair(local=issue(1)))
        await unit.pairs.save(pair(SECOND, local=issue(2)))
        assert await unit.pairs.find_by_issue(PA, issue(1).id) == pair(local=issue(1))
        wanted = [issue(1).id, issue(2).id, issue(3).id]
        assert await unit.pairs.find_by_issues(PA, wanted) == {
            issue(1).id: pair(local=issue(1)),
            issue(2).id: pair(SECOND, local=issue(2)),
        }
        await unit.pairs.save(pair(local=issue(3)))
        assert await unit.pairs.find_by_issue(PA, issue(1).id) is None
        assert await unit.pairs.find_by_issue(PA, issue(3).id) == pair(local=issue(3))
        assert await unit.pairs.find_by_issue(PB, issue(3).id) is None


async def test_of_the_pairs_of_an_issue_the_youngest_is_found(store: Store) -> None:
    ended = replace(pair(FIRST, local=issue(1)), state=PairState.DELETED)
    async with store.unit() as unit:
        await unit.pairs.save(ended)
        await unit.pairs.save(pair(SECOND, local=issue(1)))
        await unit.pairs.save(replace(ended, written=Millis(1)))

        assert await unit.pairs.find_by_issue(PA, issue(1).id) == pair(SECOND, local=issue(1))
        assert await unit.pairs.find_by_issues(PA, [issue(1).id]) == {issue(1).id: pair(SECOND, local=issue(1))}


async def test_pairs_come_in_the_order_of_their_birth(store: Store) -> None:
    await _save(store, FIRST, SECOND, THIRD)
    await _save(store, FIRST)

    async with store.unit() as unit:
        assert [one.uid async for one in unit.pairs.all(PA)] == [FIRST, SECOND, THIRD]
    assert await _creating(store) == [FIRST, SECOND, THIRD]
    assert await _creating(store, limit=2) == [FIRST, SECOND]


async def test_a_pair_with_an_issue_is_not_created(store: Store) -> None:
    await _save(store, FIRST, SECOND)
    async with store.unit() as unit:
        await unit.pairs.save(pair(FIRST, local=issue(1)))
        await unit.pairs.save(replace(pair(SECOND), state=PairState.IGNORED))
        await unit.commit()

    assert await _creating(store) == []


async def test_a_pair_in_an_open_attempt_is_not_created(store: Store) -> None:
    await _save(store, FIRST, SECOND)
    async with store.unit() as unit:
        await unit.creations.open(attempt(FIRST))
        await unit.commit()

    assert await _creating(store) == [SECOND]

    async with store.unit() as unit:
        await unit.creations.close("attempt-1")
        await unit.commit()

    assert await _creating(store) == [FIRST, SECOND]


async def test_a_pair_is_held_back_until_its_time(stage: Stage) -> None:
    await _save(stage.store, FIRST, SECOND)
    async with stage.store.unit() as unit:
        await unit.pairs.hold(PA, FIRST, Millis(2000))
        await unit.commit()

    assert await _creating(stage.store) == [SECOND]
    stage.clock.time = Millis(2000)
    assert await _creating(stage.store) == [FIRST, SECOND]


async def test_a_pair_held_back_for_good_is_released_by_hand_and_not_by_saving_it(stage: Stage) -> None:
    await _save(stage.store, FIRST)
    async with stage.store.unit() as unit:
        await unit.pairs.hold(PA, FIRST, None)
        await unit.commit()
    await _save(stage.store, FIRST)
    stage.clock.time = Millis(2**50)

    assert await _creating(stage.store) == []

    async with stage.store.unit() as unit:
        await unit.pairs.hold(PA, FIRST, Millis(0))
        await unit.commit()

    assert await _creating(stage.store) == [FIRST]


async def test_a_long_list_of_pairs_is_complete(store: Store) -> None:
    uids = [PairUid(f"{number:04}") for number in range(1101)]
    await _save(store, *uids)

    async with store.unit() as unit:
        assert [one.uid async for one in unit.pairs.all(PA)] == uids


async def test_many_pairs_are_saved_and_fetched_at_once(store: Store) -> None:
    await _save(store, SECOND)
    linked = pair(SECOND, local=issue(2))
    async with store.unit() as unit:
        await unit.pairs.save_all([pair(FIRST), linked, pair(THIRD)])
        await unit.pairs.save_all([])
        await unit.commit()

    async with store.unit() as unit:
        assert await unit.pairs.get_all(PA, [THIRD, SECOND, UID]) == {SECOND: linked, THIRD: pair(THIRD)}
        assert await unit.pairs.local_of(PA, [THIRD, SECOND, UID]) == {SECOND: issue(2), THIRD: None}
        assert await unit.pairs.find_by_issue(PA, issue(2).id) == linked
        assert [one.uid async for one in unit.pairs.all(PA)] == [SECOND, FIRST, THIRD]
