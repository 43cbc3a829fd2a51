"""A lock has one holder, and who lost it neither commits nor writes."""

from __future__ import annotations

import asyncio

import pytest

from backbone.ports.store import LockLost
from tests.contracts.store.conftest import Stage
from tests.contracts.store.things import PA, UID, issue, pair

NAME = "issue:one:10001"


async def test_a_held_lock_is_refused_at_once_to_everybody_else(stage: Stage) -> None:
    async with stage.store.hold(NAME) as fence:
        assert fence is not None
        assert fence.name == NAME
        async with stage.store.hold(NAME) as mine, stage.other.hold(NAME) as theirs:
            assert mine is None
            assert theirs is None
        async with stage.other.hold("issue:one:10002") as another:
            assert another is not None
        await fence.check()


async def test_a_released_lock_is_free_and_its_epoch_rises(stage: Stage) -> None:
    epochs = []
    for store in (stage.store, stage.other, stage.store):
        async with store.hold(NAME) as fence:
            assert fence is not None
            epochs.append(fence.epoch)

    assert epochs == sorted(set(epochs))


async def test_a_lock_is_released_by_an_exception(stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError):
        async with stage.store.hold(NAME):
            raise ZeroDivisionError

    async with stage.other.hold(NAME) as fence:
        assert fence is not None


async def test_of_many_that_try_at_once_one_gets_the_lock(stage: Stage) -> None:
    together = asyncio.Barrier(6)

    async def attempt(number: int) -> bool:
        async with (stage.store if number % 2 else stage.other).hold(NAME) as fence:
            await together.wait()
            if fence is not None:
                await fence.check()
            return fence is not None

    assert sum(await asyncio.gather(*(attempt(number) for number in range(6)))) == 1


async def test_a_commit_under_a_held_lock_goes_through(stage: Stage) -> None:
    async with stage.store.hold(NAME) as fence, stage.store.hold("create:PA-1") as second, stage.store.unit() as unit:
        assert fence is not None
        assert second is not None
        await unit.pairs.save(pair())
        await unit.commit(fence, second)

    async with stage.other.unit() as unit:
        assert await unit.pairs.count(PA) == 1


async def test_a_lost_lock_keeps_its_holder_from_committing_and_writing(stage: Stage) -> None:
    async with stage.store.hold(NAME) as fence:
        assert fence is not None
        await stage.cut_locks()
        async with stage.other.hold(NAME) as successor:
            assert successor is not None
            with pytest.raises(LockLost):
                await fence.check()
            async with stage.store.unit() as unit:
                await unit.pairs.save(pair())
                with pytest.raises(LockLost):
                    await unit.commit(fence)
            await successor.check()

    async with stage.store.unit() as unit:
        assert await unit.pairs.get(PA, UID) is None


async def test_an_old_epoch_is_refused_in_the_transaction_even_before_the_loss_is_noticed(stage: Stage) -> None:
    async with stage.store.hold(NAME) as fence, stage.store.unit() as unit:
        assert fence is not None
        await unit.pairs.save(pair())
        await stage.cut_locks()
        async with stage.other.hold(NAME):
            with pytest.raises(LockLost):
                await unit.commit(fence)

    async with stage.store.unit() as unit:
        assert await unit.pairs.count(PA) == 0


async def test_after_a_loss_locks_are_taken_again(stage: Stage) -> None:
    async with stage.store.hold(NAME) as lost:
        assert lost is not None
        await stage.cut_locks()
        with pytest.raises(LockLost):
            await lost.check()
        async with stage.store.hold(NAME) as again:
            assert again is not None
            assert again.epoch > lost.epoch
            await again.check()
    async with stage.other.hold(NAME) as free:
        assert free is not None


async def test_a_lock_is_taken_at_once_although_the_connection_broke_meanwhile(stage: Stage) -> None:
    async with stage.store.hold(NAME) as fence:
        assert fence is not None
        await stage.cut_locks()

    async with stage.store.hold(NAME) as again:
        assert again is not None
        await again.check()


async def test_a_fence_is_worth_nothing_after_its_lock_was_released(stage: Stage) -> None:
    async with stage.store.hold(NAME) as fence:
        assert fence is not None

    with pytest.raises(LockLost):
        await fence.check()


async def test_a_task_that_is_cancelled_leaves_no_lock(stage: Stage) -> None:
    async def hold() -> None:
        async with stage.store.hold(NAME):
            await asyncio.Event().wait()

    for steps in range(12):
        task = asyncio.create_task(hold())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    async with stage.other.hold(NAME) as fence:
        assert fence is not None


async def test_of_many_locks_those_that_are_free_are_taken(stage: Stage) -> None:
    names = [f"issue:one:{number}" for number in range(3)]
    async with stage.other.hold(names[1]) as theirs, stage.store.hold_all(names) as fences:
        assert theirs is not None
        assert set(fences) == {names[0], names[2]}
        assert {name: fence.name for name, fence in fences.items()} == {name: name for name in fences}
        async with stage.store.hold_all(names) as mine, stage.other.hold_all(names) as others:
            assert mine == {}
            assert others == {}
        await asyncio.gather(*(fence.check() for fence in fences.values()))

    async with stage.other.hold_all(names) as later:
        assert set(later) == set(names)
        assert all(later[name].epoch > fence.epoch for name, fence in fences.items())


async def test_a_commit_under_many_locks_needs_every_one_of_them(stage: Stage) -> None:
    names = [f"issue:one:{number}" for number in range(3)]
    async with stage.store.hold_all(names) as fences, stage.store.unit() as unit:
        await unit.pairs.save(pair())
        await unit.commit(*fences.values())
        await unit.pairs.save(pair(local=issue(1)))
        await stage.cut_locks()
        async with stage.other.hold(names[2]):
            with pytest.raises(LockLost):
                await unit.commit(*fences.values())

    async with stage.store.unit() as unit:
        assert await unit.pairs.get(PA, UID) == pair()


async def test_all_that_check_at_once_are_told_that_their_locks_are_lost(stage: Stage) -> None:
    names = [f"issue:one:{number}" for number in range(4)]
    async with stage.store.hold_all(names) as fences:
        await stage.cut_locks()
        told = await asyncio.gather(*(fence.check() for fence in fences.values()), return_exceptions=True)

    assert [type(one) for one in told] == [LockLost] * 4


async def test_no_lock_is_held_where_none_is_asked_for(stage: Stage) -> None:
    async with stage.store.hold_all([]) as fences:
        assert fences == {}
