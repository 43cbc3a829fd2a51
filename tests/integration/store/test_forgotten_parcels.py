"""What parcels said goes after 30 days; that they were said stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.store import PostgresStore, open_store
from backbone.adapters.store.schema import prepare_now
from backbone.core.model.keys import Millis
from backbone.core.protocol.channel import Outgoing
from backbone.core.protocol.parcels import Digest, Epoch
from backbone.ports.channels import ReceivedParcel, SentParcel
from tests.contracts.store.test_channels import stored
from tests.contracts.store.things import SYNCHRONIZATION
from tests.parts.postgres import Migrate

EPOCH = Epoch("present")
DAY = 24 * 3600 * 1000
NOW = Millis(100 * DAY)


@pytest.fixture(scope="module")
def migrate_schema() -> Migrate:
    return prepare_now


@pytest.fixture
async def store(database: str) -> AsyncIterator[PostgresStore]:
    async with open_store(database, PostgresTurns, connections=3, now=lambda: NOW) as made:
        yield made


def _sent(number: int, days: int) -> SentParcel:
    return SentParcel(
        synchronization=SYNCHRONIZATION,
        epoch=EPOCH,
        number=number,
        digest=Digest("d"),
        head=Digest("h"),
        sealed=Millis(NOW - days * DAY),
        plaintext=b"said",
    )


def _received(number: int, days: int) -> ReceivedParcel:
    return ReceivedParcel(
        synchronization=SYNCHRONIZATION,
        epoch=EPOCH,
        number=number,
        digest=Digest("d"),
        received=Millis(NOW - days * DAY),
        plaintext=b"heard",
    )


async def test_contents_go_after_thirty_days_and_digests_stay(store: PostgresStore) -> None:
    async with store.unit() as unit:
        await unit.channels.save(stored(outgoing=Outgoing(epoch=EPOCH, last=3, acknowledged=2)))
        for one in (_sent(1, days=31), _sent(2, days=29), _sent(3, days=31)):
            await unit.sent.put(one)
        await unit.received.put(_received(1, days=31))
        await unit.received.put(replace(_received(2, days=31), held=True))
        await unit.commit()

    await store.forget(Millis(NOW - 90 * DAY))

    async with store.unit() as unit:
        kept = [one.plaintext async for one in unit.sent.after(SYNCHRONIZATION, EPOCH, 0)]
        assert kept == [b"", b"said", b"said"]
        assert await unit.received.digest_of(SYNCHRONIZATION, EPOCH, 1) == "d"
        assert [one.plaintext for one in await unit.received.held(SYNCHRONIZATION)] == [b"heard"]
