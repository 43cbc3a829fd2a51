"""Synchronizations are kept with every revision of their halves; removed ones leave nothing to do."""

from __future__ import annotations

import pytest

from backbone.core.model.keys import ConnectorKey, Millis, Revision, SynchronizationKey
from backbone.ports.records import CreateTurn, StoredConnection
from backbone.ports.store import Store
from tests.contracts.store.things import (
    JIRA,
    OTHER_JIRA,
    PA,
    PB,
    SYNCHRONIZATION,
    TURN,
    UID,
    attempt,
    halves,
    issue,
    message,
    pair,
    problem,
    synchronization,
)


async def test_a_synchronization_is_found_by_key_and_name(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        await unit.commit()

    async with store.unit() as unit:
        assert list(await unit.synchronizations.all()) == [synchronization()]
        found = await unit.synchronizations.get(SYNCHRONIZATION)
        assert found == synchronization()
        assert found is not None
        assert list(found.document) == ["zoo", "ape"]
        assert await unit.synchronizations.by_name("Ours") == synchronization()
        assert await unit.synchronizations.by_name("Theirs") is None
        assert await unit.synchronizations.get(SynchronizationKey("INT-2")) is None


async def test_every_revision_of_a_half_is_kept(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        await unit.synchronizations.save(synchronization(revision=2, name="New"), halves(2))

        assert await unit.synchronizations.half(PA) == halves(2)[0]
        assert await unit.synchronizations.half(PA, Revision(1)) == halves()[0]
        assert await unit.synchronizations.half(PB, Revision(2)) == halves(2)[1]
        assert [one.name for one in await unit.synchronizations.all()] == ["New"]


async def test_a_half_that_is_not_there_is_an_error(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        with pytest.raises(LookupError, match="PA-1 has no configuration of revision 9"):
            await unit.synchronizations.half(PA, Revision(9))
        with pytest.raises(LookupError, match="PX-1"):
            await unit.synchronizations.half(ConnectorKey("PX-1"))


async def test_only_what_is_wanted_to_run_is_running(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        assert list(await unit.synchronizations.running()) == halves()
        await unit.synchronizations.save(synchronization(revision=2), halves(2))
        assert list(await unit.synchronizations.running()) == halves(2)
        await unit.synchronizations.save(synchronization(revision=2, running=False), [])
        assert list(await unit.synchronizations.running()) == []
        assert await unit.synchronizations.half(PA) == halves(2)[0]


async def test_numbers_are_given_once_even_if_nothing_is_committed(store: Store) -> None:
    numbers = []
    for _ in range(3):
        async with store.unit() as unit:
            numbers.append(await unit.synchronizations.next_number())

    assert len(set(numbers)) == 3


async def test_a_removed_synchronization_leaves_nothing_to_do(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        await unit.pairs.save(pair(local=issue(1)))
        await unit.inbox.put(message(1))
        await unit.turns.wake(TURN)
        await unit.turns.wake(CreateTurn(connector=PB))
        await unit.dirty.add(PA, [issue(1).id], Millis(1))
        await unit.creations.open(attempt(UID))
        await unit.problems.report(problem(), Millis(1))
        await unit.commit()
    async with store.unit() as unit:
        await unit.synchronizations.remove(SYNCHRONIZATION)
        await unit.synchronizations.remove(SynchronizationKey("INT-404"))
        await unit.commit()

    async with store.unit() as unit:
        assert list(await unit.synchronizations.all()) == []
        assert await unit.pairs.count(PA) == 0
        assert await unit.pairs.find_by_issue(PA, issue(1).id) is None
        assert await unit.inbox.waiting(PA) == 0
        assert await unit.turns.queued() == 0
        assert list(await unit.dirty.take(PA, Millis(9), 9)) == []
        assert list(await unit.creations.of_connector(PA)) == []
        assert list(await unit.problems.open()) == []
        with pytest.raises(LookupError):
            await unit.synchronizations.half(PA)
        assert await unit.synchronizations.half(PA, Revision(1)) == halves()[0]


async def test_connections_are_listed_by_name(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save_connection(StoredConnection(name=OTHER_JIRA, document={"url": "b"}))
        await unit.synchronizations.save_connection(StoredConnection(name=JIRA, document={"url": "a"}))
        await unit.synchronizations.save_connection(StoredConnection(name=OTHER_JIRA, document={"url": "c"}))

        assert list(await unit.synchronizations.connections()) == [
            StoredConnection(name=JIRA, document={"url": "a"}),
            StoredConnection(name=OTHER_JIRA, document={"url": "c"}),
        ]


async def test_the_store_knows_who_it_is(store: Store) -> None:
    assert store.installation
    assert store.incarnation
    assert store.original
