"""Whatever a unit of work does becomes visible together, or not at all."""

from __future__ import annotations

import asyncio

import pytest

from backbone.core.model.keys import Millis, PairUid
from backbone.core.model.stamps import IssueStamps
from backbone.ports.records import ApplyTurn
from backbone.ports.store import Store, Turns
from tests.contracts.store.things import JIRA, PA, TURN, UID, begun, issue, message, pair


class Refused(Exception):
    """What goes wrong in the middle of a unit of work."""


async def _write_everything(store: Store) -> None:
    async with store.unit() as unit:
        await unit.pairs.save(pair(local=issue(1)))
        await unit.inbox.put(message(1))
        await unit.turns.wake(TURN)
        await unit.dirty.add(PA, [issue(1).id], Millis(1))
        await unit.stamps.save(JIRA, issue(1).id, begun(3))
        raise Refused


async def test_leaving_without_a_commit_leaves_nothing(store: Store) -> None:
    async with store.unit() as unit:
        await unit.pairs.save(pair(local=issue(1)))
        await unit.inbox.put(message(1))

    async with store.unit() as unit:
        assert await unit.pairs.get(PA, UID) is None
        assert list(await unit.inbox.pending(PA, UID)) == []


async def test_an_exception_leaves_nothing(store: Store) -> None:
    with pytest.raises(Refused):
        await _write_everything(store)

    async with store.unit() as unit:
        assert await unit.pairs.get(PA, UID) is None
        assert await unit.inbox.waiting(PA) == 0
        assert await unit.turns.queued() == 0
        assert await unit.dirty.take(PA, Millis(100), 10) == []
        assert await unit.stamps.get(JIRA, issue(1).id) == IssueStamps()


async def test_state_message_and_turn_are_committed_together(store: Store) -> None:
    async with store.unit() as unit:
        await unit.pairs.save(pair(local=issue(1)))
        await unit.inbox.put(message(1))
        await unit.turns.wake(TURN)
        await unit.commit()

    async with store.unit() as unit:
        assert await unit.pairs.get(PA, UID) == pair(local=issue(1))
        assert list(await unit.inbox.pending(PA, UID)) == [message(1)]
        assert await unit.turns.queued() == 1


async def test_a_unit_sees_its_own_changes_and_others_do_not(store: Store) -> None:
    async with store.unit() as mine, store.unit() as theirs:
        await mine.pairs.save(pair(local=issue(1)))

        assert await mine.pairs.get(PA, UID) == pair(local=issue(1))
        assert await theirs.pairs.get(PA, UID) is None

        await mine.commit()

        assert await theirs.pairs.get(PA, UID) == pair(local=issue(1))


async def test_units_that_overlap_keep_what_each_of_them_changed(store: Store) -> None:
    theirs_too = pair(PairUid("another"))
    async with store.unit() as mine:
        await mine.pairs.save(pair(local=issue(1)))
        async with store.unit() as theirs:
            await theirs.pairs.save(theirs_too)
            await theirs.commit()

        assert await mine.pairs.get(PA, UID) == pair(local=issue(1))
        assert await mine.pairs.get(PA, theirs_too.uid) == theirs_too
        await mine.commit()

    async with store.unit() as unit:
        assert await unit.pairs.count(PA) == 2


async def test_what_follows_a_commit_is_another_transaction(store: Store) -> None:
    async with store.unit() as unit:
        await unit.pairs.save(pair())
        await unit.commit()
        await unit.pairs.save(pair(PairUid("another")))

    async with store.unit() as unit:
        assert await unit.pairs.count(PA) == 1


async def test_stamps_of_an_issue_are_read_by_one_unit_at_a_time(store: Store) -> None:
    turns: list[str] = []
    seen = asyncio.Event()

    async def second() -> IssueStamps:
        async with store.unit() as unit:
            seen.set()
            stamps = await unit.stamps.get(JIRA, issue(1).id)
            turns.append("second read")
            return stamps

    async with store.unit() as unit:
        await unit.stamps.get(JIRA, issue(1).id)
        waiting = asyncio.create_task(second())
        await seen.wait()
        await unit.stamps.save(JIRA, issue(1).id, begun(9))
        await unit.stamps.get(JIRA, issue(1).id)
        turns.append("first committed")
        await unit.commit()

    assert await waiting == begun(9)
    assert turns == ["first committed", "second read"]


async def test_stamps_of_different_issues_do_not_wait_for_each_other(store: Store) -> None:
    async with store.unit() as one, store.unit() as two:
        await one.stamps.get(JIRA, issue(1).id)
        assert await two.stamps.get(JIRA, issue(2).id) == IssueStamps()


async def test_turns_queue_once_until_they_begin(store: Store) -> None:
    async def wake(turns: Turns) -> None:
        await turns.wake(TURN)
        await turns.wake(TURN, after=60)

    async with store.unit() as unit:
        await wake(unit.turns)
        await unit.commit()
    async with store.unit() as unit:
        await wake(unit.turns)
        await unit.commit()
        assert await unit.turns.queued() == 1
    async with store.unit() as unit:
        await unit.turns.begun(TURN)
        assert await unit.turns.queued() == 0
        await unit.commit()
    async with store.unit() as unit:
        await wake(unit.turns)
        assert await unit.turns.queued() == 1


async def test_a_turn_that_began_without_a_commit_is_still_queued(store: Store) -> None:
    async with store.unit() as unit:
        await unit.turns.wake(TURN)
        await unit.commit()
    async with store.unit() as unit:
        await unit.turns.begun(TURN)

    async with store.unit() as unit:
        assert await unit.turns.queued() == 1


async def test_units_that_wake_the_same_turns_at_once_queue_each_once(store: Store) -> None:
    turns = [ApplyTurn(connector=PA, pair=PairUid(f"pair-{number}")) for number in range(3)]

    async def wake(order: list[ApplyTurn]) -> None:
        async with store.unit() as unit:
            for turn in order:
                await unit.turns.wake(turn)
            await unit.commit()

    await asyncio.gather(*(wake(turns if number % 2 else turns[::-1]) for number in range(8)))

    async with store.unit() as unit:
        assert await unit.turns.queued() == len(turns)
