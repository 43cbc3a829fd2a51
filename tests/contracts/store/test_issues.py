"""An issue that changed is looked at, once more if it changed meanwhile, and never while an attempt is open on it."""

from __future__ import annotations

import asyncio

from backbone.core.model.keys import IssueId, Millis, ProjectId
from backbone.core.model.stamps import IssueStamps
from backbone.ports.store import Store
from tests.contracts.store.things import JIRA, OTHER_JIRA, PA, PB, UID, attempt, begun, halves, issue, synchronization

ONE, TWO = issue(1).id, issue(2).id


async def _mark(store: Store, at: int, *issues: IssueId) -> None:
    async with store.unit() as unit:
        await unit.dirty.add(PA, issues, Millis(at))
        await unit.commit()


async def _clear(store: Store, seen: int) -> None:
    async with store.unit() as unit:
        await unit.dirty.clear(PA, ONE, Millis(seen))
        await unit.commit()


async def _take(store: Store, before: int = 1000, limit: int = 10) -> list[IssueId]:
    async with store.unit() as unit:
        return list(await unit.dirty.take(PA, Millis(before), limit))


async def test_dirty_issues_are_taken_oldest_first(store: Store) -> None:
    await _mark(store, 20, TWO)
    await _mark(store, 10, ONE)

    assert await _take(store) == [ONE, TWO]
    assert await _take(store, limit=1) == [ONE]
    assert await _take(store, before=20) == [ONE]
    assert await _take(store, before=10) == []


async def test_taking_does_not_remove(store: Store) -> None:
    await _mark(store, 10, ONE, ONE)

    assert await _take(store) == [ONE]
    assert await _take(store) == [ONE]


async def test_an_issue_that_was_looked_at_is_clean(store: Store) -> None:
    await _mark(store, 10, ONE)
    await _clear(store, 10)

    assert await _take(store) == []


async def test_an_issue_marked_again_after_the_look_stays_dirty(store: Store) -> None:
    await _mark(store, 10, ONE)
    await _mark(store, 30, ONE)
    await _clear(store, 20)

    assert await _take(store, before=30) == []
    assert await _take(store, before=31) == [ONE]


async def test_an_issue_that_changes_all_the_time_is_taken_all_the_same(store: Store) -> None:
    for at in range(10, 50, 10):
        await _mark(store, at, ONE)

    assert await _take(store, before=20) == [ONE]


async def test_a_mark_made_while_the_look_is_being_committed_is_not_lost(store: Store) -> None:
    await _mark(store, 10, ONE)
    async with store.unit() as looking:
        await looking.pairs.count(PA)  # its transaction has begun before the mark
        await _mark(store, 30, ONE)
        await looking.dirty.clear(PA, ONE, Millis(20))
        await looking.commit()

    assert await _take(store) == [ONE]


async def test_a_mark_that_is_being_committed_during_the_look_is_not_lost(store: Store) -> None:
    await _mark(store, 10, ONE)
    async with store.unit() as marking:
        await marking.dirty.add(PA, [ONE], Millis(30))
        clearing = asyncio.create_task(_clear(store, 20))
        await asyncio.wait([clearing], timeout=0.1)
        await marking.commit()
    await clearing

    assert await _take(store) == [ONE]


async def test_issues_of_other_connectors_are_theirs(store: Store) -> None:
    await _mark(store, 10, ONE)

    async with store.unit() as unit:
        assert await unit.dirty.take(PB, Millis(1000), 10) == []


async def test_nobody_takes_an_issue_with_an_open_attempt(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        await unit.dirty.mark_attempt(JIRA, ONE)
        await unit.dirty.mark_attempt(OTHER_JIRA, TWO)
        await unit.dirty.mark_attempt(JIRA, ONE)
        await unit.commit()
    await _mark(store, 10, ONE, TWO)

    assert await _take(store) == [TWO]

    async with store.unit() as unit:
        assert await unit.dirty.has_attempt(JIRA, ONE)
        assert not await unit.dirty.has_attempt(JIRA, TWO)
        await unit.dirty.close_attempt(JIRA, ONE)
        await unit.commit()

    assert await _take(store) == [ONE, TWO]


async def test_open_creations_are_found_by_connector_and_by_project(store: Store) -> None:
    mine, theirs = attempt(UID), attempt(UID, ident="attempt-2", connector=PB)
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        await unit.creations.open(mine)
        await unit.creations.open(theirs)
        await unit.commit()

    async with store.unit() as unit:
        assert list(await unit.creations.of_connector(PA)) == [mine]
        assert list(await unit.creations.of_project(OTHER_JIRA, ProjectId("10"))) == [theirs]
        assert list(await unit.creations.of_project(JIRA, ProjectId("11"))) == []
        await unit.creations.close(mine.id)
        assert list(await unit.creations.of_connector(PA)) == []


async def test_what_is_known_of_many_issues_is_fetched_and_saved_at_once(store: Store) -> None:
    known = begun(5)
    async with store.unit() as unit:
        await unit.stamps.save(JIRA, TWO, begun(1))
        await unit.stamps.save_all(JIRA, {ONE: known, TWO: known})
        await unit.stamps.save_all(JIRA, {})
        await unit.commit()

    async with store.unit() as unit:
        three = issue(3).id
        assert await unit.stamps.get_all(JIRA, [ONE, TWO, three]) == {ONE: known, TWO: known, three: IssueStamps()}
        assert await unit.stamps.get_all(OTHER_JIRA, [ONE]) == {ONE: IssueStamps()}


async def test_attempts_on_many_issues_are_opened_found_and_closed_at_once(store: Store) -> None:
    three = issue(3).id
    async with store.unit() as unit:
        await unit.dirty.mark_attempts(JIRA, [TWO, ONE])
        await unit.dirty.mark_attempts(JIRA, [TWO, three])
        assert await unit.dirty.with_attempt(JIRA, [ONE, TWO]) == {ONE, TWO}
        assert await unit.dirty.with_attempt(OTHER_JIRA, [ONE]) == frozenset()
        await unit.dirty.close_attempts(JIRA, [TWO, three])
        assert await unit.dirty.with_attempt(JIRA, [ONE, TWO, three]) == {ONE}


async def test_many_issues_are_clean_at_once_but_for_those_marked_again(store: Store) -> None:
    three = issue(3).id
    await _mark(store, 10, ONE, TWO, three)
    await _mark(store, 30, TWO)
    async with store.unit() as unit:
        await unit.dirty.clear_all(PA, {ONE: Millis(10), TWO: Millis(20), three: Millis(9)})
        await unit.dirty.clear_all(PA, {})
        await unit.commit()

    assert await _take(store) == [three, TWO]
    assert await _take(store, before=30) == [three]
