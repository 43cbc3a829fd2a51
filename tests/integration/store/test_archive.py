"""What a deleted synchronization leaves: an archive, nothing that its turns could still commit, nobody who waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.store import PostgresStore, open_store
from backbone.adapters.store.schema import prepare_now
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, IssueId, Millis, PairUid, SynchronizationKey
from backbone.ports.records import ApplyTurn, Signed, Synchronization
from backbone.ports.store import LockLost
from tests.contracts.store.things import JIRA, PA, UID, attempt, halves, issue, pair, synchronization
from tests.parts.postgres import Migrate

OTHER = ConnectorKey("PX-9")
DELETED = Signed(by="anna", at=Millis(1_000))


@pytest.fixture(scope="module")
def migrate_schema() -> Migrate:
    return prepare_now


@pytest.fixture
async def store(database: str) -> AsyncIterator[PostgresStore]:
    async with open_store(database, PostgresTurns, connections=3) as made:
        async with made.unit() as unit:
            await unit.synchronizations.save(synchronization(), halves())
            await unit.pairs.save(pair(local=issue(1)))
            await unit.commit()
        yield made


def neighbour() -> tuple[Synchronization, list[HalfConfiguration]]:
    """Another synchronization of the same project."""
    key = SynchronizationKey("INT-9")
    one = replace(synchronization(), key=key, first=OTHER, second=ConnectorKey("PY-9"))
    connectors = (one.first, one.second)
    mine = [
        replace(half, synchronization=key, connector=connector)
        for half, connector in zip(halves(), connectors, strict=True)
    ]
    return one, mine


async def test_attempts_are_named_by_the_locks_of_who_is_at_them(store: PostgresStore) -> None:
    async with store.administration() as unit:
        assert await unit.archive.open_attempts(synchronization()) == []
        await unit.creations.open(attempt(UID))
        await unit.dirty.mark_attempt(JIRA, issue(1).id)
        await unit.dirty.mark_attempt(JIRA, IssueId("of somebody else"))

        found = await unit.archive.open_attempts(synchronization())

    assert sorted(found) == [f"create:{PA}", f"issue:{JIRA}:{issue(1).id}"]


async def test_pairs_are_kept_until_they_are_forgotten(store: PostgresStore) -> None:
    async with store.administration() as unit:
        kept = await unit.archive.keep(synchronization(), DELETED)
        again = await unit.archive.keep(synchronization(), DELETED)
        await unit.archive.forget(Millis(1_000))
        still = await unit.archive.keep(synchronization(), DELETED)
        await unit.archive.forget(Millis(1_001))
        await unit.commit()

    assert (kept, again, still) == (1, 1, 1)


@pytest.mark.parametrize("name", [f"issue:{JIRA}:{issue(1).id}", f"create:{PA}"])
async def test_who_is_fenced_off_commits_nothing_any_more(store: PostgresStore, name: str) -> None:
    async with store.hold(name) as fence:
        assert fence is not None
        async with store.administration() as unit:
            await unit.archive.fence_off(synchronization())
            await unit.commit()
        async with store.unit() as unit:
            await unit.pairs.save(pair(PairUid("late")))
            with pytest.raises(LockLost):
                await unit.commit(fence)


async def test_locks_of_others_stay_theirs(store: PostgresStore) -> None:
    async with store.hold(f"issue:{JIRA}:another") as fence, store.administration() as unit:
        assert fence is not None
        await unit.archive.fence_off(synchronization())
        await unit.commit(fence)


async def test_its_attempts_are_closed_and_shared_ones_are_handed_over(store: PostgresStore) -> None:
    one, mine = neighbour()
    shared = issue(2)
    async with store.administration() as unit:
        await unit.synchronizations.save(one, mine)
        await unit.pairs.save(pair(PairUid("mine"), shared))
        await unit.pairs.save(pair(PairUid("theirs"), shared, OTHER))
        await unit.dirty.mark_attempt(JIRA, issue(1).id)
        await unit.dirty.mark_attempt(JIRA, shared.id)

        turns = await unit.archive.release_issues(synchronization())

        assert list(turns) == [ApplyTurn(connector=OTHER, pair=PairUid("theirs"))]
        assert not await unit.dirty.has_attempt(JIRA, issue(1).id)
        assert await unit.dirty.has_attempt(JIRA, shared.id)


async def test_revisions_outlive_their_synchronization(store: PostgresStore) -> None:
    async with store.administration() as unit:
        await unit.synchronizations.save(synchronization(revision=2, name="New"), halves(2))
        await unit.synchronizations.remove(synchronization().key)
        await unit.commit()
    async with store.administration() as unit:
        kept = await unit.revisions.all(synchronization().key)

    assert [(one.revision, one.name) for one in kept] == [(2, "New"), (1, "Ours")]
    assert await _synchronizations(store) == []


async def _synchronizations(store: PostgresStore) -> list[Synchronization]:
    async with store.unit() as unit:
        return list(await unit.synchronizations.all())
