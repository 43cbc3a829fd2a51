"""An issue is the same one by whatever connection its Jira is reached; connectors may change theirs."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.keys import Millis, Revision, own_connection
from backbone.ports.records import StoredConnection
from backbone.ports.store import Store
from tests.contracts.store.things import JIRA, PA, PB, SYNCHRONIZATION, attempt, begun, halves, issue, synchronization

OWN = own_connection(JIRA, SYNCHRONIZATION)
ISSUE = issue(1).id


async def test_a_connector_that_is_reached_otherwise_is_so_in_every_revision(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        await unit.synchronizations.save(synchronization(revision=2), halves(2))
        await unit.synchronizations.reconnect([PA], OWN)
        await unit.commit()

    async with store.unit() as unit:
        assert await unit.synchronizations.half(PA) == replace(halves(2)[0], connection=OWN)
        assert await unit.synchronizations.half(PA, Revision(1)) == replace(halves()[0], connection=OWN)
        assert await unit.synchronizations.half(PB) == halves(2)[1]


async def test_stamps_and_attempts_of_an_issue_are_known_by_every_connection_to_its_jira(store: Store) -> None:
    stamps = begun(7)
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        await unit.synchronizations.reconnect([PA], OWN)
        await unit.stamps.save(JIRA, ISSUE, stamps)
        await unit.dirty.mark_attempt(JIRA, ISSUE)
        await unit.dirty.add(PA, [ISSUE], Millis(1))
        await unit.creations.open(attempt())
        await unit.commit()

    async with store.unit() as unit:
        assert await unit.stamps.get(OWN, ISSUE) == stamps
        assert await unit.dirty.has_attempt(OWN, ISSUE)
        assert await unit.dirty.take(PA, Millis(9), 10) == []
        assert await unit.creations.of_project(JIRA, attempt().project) == [attempt()]
        assert await unit.creations.of_project(OWN, attempt().project) == [attempt()]


async def test_a_connection_that_nobody_needs_goes(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save_connection(StoredConnection(name=OWN, document={"a": 1}))
        await unit.synchronizations.remove_connection(OWN)
        assert await unit.synchronizations.connections() == []
