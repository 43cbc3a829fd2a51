"""A channel is remembered as a whole, and goes with everything that is on its way."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.exchange import Exchange, SharedField, SharedType, Ways
from backbone.core.model.keys import FileId, Millis, Revision, Role, SynchronizationKey
from backbone.core.model.values import FieldKind
from backbone.core.protocol.channel import Agreement, Channel, Incoming, Outgoing, PinnedKey, Publication, Stage
from backbone.core.protocol.parcels import ChannelId, Digest, Epoch, KeyFingerprint
from backbone.ports.channels import FileInPieces, ReceivedParcel, RefusedParcel, SentParcel, StoredChannel
from backbone.ports.records import OutboxMessage
from backbone.ports.store import Store, UnitOfWork
from tests.contracts.store.things import SYNCHRONIZATION, UID, content, halves, synchronization

OURS = Epoch("ours")
THEIRS = Epoch("theirs")
EMPTY = Digest("e" * 64)
ANOTHER = SynchronizationKey("INT-2")


def channel(**known: object) -> Channel:
    made = Channel(
        id=ChannelId("both know it"),
        role=Role.FIRST,
        stage=Stage.KNOWN,
        name="Acme <> Beta",
        description="",
        encrypted=True,
        token="used once",
        expires=Millis(99),
        our_keys=(PinnedKey(fingerprint=KeyFingerprint("AB"), armored="-----\x00-----"),),
        outgoing=Outgoing(epoch=OURS, last=4, acknowledged=2),
    )
    return replace(made, **known)  # type: ignore[arg-type]  # fields that the test names


def stored(key: SynchronizationKey = SYNCHRONIZATION, **known: object) -> StoredChannel:
    return StoredChannel(
        synchronization=key,
        channel=channel(**known),
        transports={"send": {"directory": "/srv/SEND", "deep": [1, None, "é\x00"]}},
        secret_keys={"AB": "sealed"},
    )


def publication() -> Publication:
    ways = Ways(to_slave=True, to_master=False)
    shared = SharedField(alias="urgency", kind=FieldKind.OPTION, ways=ways, values=("low", "high"), types=("problem",))
    exchange = Exchange(types=(SharedType(alias="problem", ways=ways),), fields=(shared,), largest=10)
    return Publication(revision=Revision(2), digest=Digest("d"), exchange=exchange, message="please")


async def test_a_channel_comes_back_as_it_was_saved(store: Store) -> None:
    full = stored(
        incoming=Incoming(epoch=THEIRS, contiguous=3),
        agreement=Agreement(agreed=publication(), pending=None, declined="no"),
        partner_ahead=-3,
    )
    async with store.unit() as unit:
        await unit.channels.save(full)
        await unit.commit()

    async with store.unit() as unit:
        assert await unit.channels.get(SYNCHRONIZATION) == full
        assert await unit.channels.get(ANOTHER) is None


async def test_a_channel_is_replaced_and_all_are_told_in_order(store: Store) -> None:
    newer = replace(stored(), channel=channel(stage=Stage.SUSPENDED), secret_keys={})
    async with store.unit() as unit:
        await unit.channels.save(stored(ANOTHER))
        await unit.channels.save(stored())
        await unit.channels.save(newer)

        assert list(await unit.channels.all()) == [newer, stored(ANOTHER)]


async def _fill(unit: UnitOfWork, key: SynchronizationKey) -> None:
    now = Millis(1)
    await unit.channels.save(stored(key))
    waiting = OutboxMessage(synchronization=key, pair=UID, revision=Revision(1), sent=now, content=content())
    await unit.outbox.put_all([waiting])
    sent = SentParcel(
        synchronization=key, epoch=OURS, number=1, digest=EMPTY, head=EMPTY, sealed=now, plaintext=b"said"
    )
    await unit.sent.put(sent)
    await unit.sent.occurs(key, OURS, 1, [UID])
    received = ReceivedParcel(
        synchronization=key, epoch=THEIRS, number=1, digest=EMPTY, received=now, plaintext=b"heard", held=True
    )
    await unit.received.put(received)
    refused = RefusedParcel(synchronization=key, digest=EMPTY, received=now, cause="unsigned", raw=b"?")
    await unit.received.refuse(refused, most=9, octets=99)
    file = FileInPieces(synchronization=key, ours=False, file=FileId("7"), digest=EMPTY, total=3, begun=now)
    await unit.pieces.begin(file)
    await unit.pieces.write(file, 0, b"abc")


async def _counts(unit: UnitOfWork, key: SynchronizationKey) -> list[int]:
    found = await unit.pieces.find(key, FileId("7"), ours=False)
    return [
        len([one for one in await unit.channels.all() if one.synchronization == key]),
        await unit.outbox.waiting(key),
        (await unit.sent.count(key, OURS, 0))[0],
        len(await unit.sent.last_of(key, OURS, [UID])),
        len(await unit.received.held(key)),
        len(await unit.received.refused(key)),
        0 if found is None else len(await unit.pieces.read(found, 0, 9)),
    ]


async def test_a_channel_goes_with_everything_that_is_on_its_way(store: Store) -> None:
    async with store.unit() as unit:
        await _fill(unit, SYNCHRONIZATION)
        await _fill(unit, ANOTHER)
        before = await _counts(unit, SYNCHRONIZATION)
        await unit.channels.remove(SYNCHRONIZATION)
        await unit.commit()

    assert before == [1, 1, 1, 1, 1, 1, 3]
    async with store.unit() as unit:
        assert await _counts(unit, SYNCHRONIZATION) == [0] * 7
        assert await _counts(unit, ANOTHER) == before


async def test_a_synchronization_goes_with_its_channel(store: Store) -> None:
    async with store.unit() as unit:
        await unit.synchronizations.save(synchronization(), halves())
        await _fill(unit, SYNCHRONIZATION)
        await _fill(unit, ANOTHER)
        await unit.synchronizations.remove(SYNCHRONIZATION)
        await unit.commit()

    async with store.unit() as unit:
        assert await _counts(unit, SYNCHRONIZATION) == [0] * 7
        assert await _counts(unit, ANOTHER) == [1, 1, 1, 1, 1, 1, 3]
