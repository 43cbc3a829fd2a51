"""Parcels of both directions: what was said never changes, what proves it stays, contents go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.model.keys import Millis, PairUid
from backbone.core.protocol.channel import Outgoing
from backbone.core.protocol.parcels import Digest, Epoch
from backbone.ports.channels import ReceivedParcel, RefusedParcel, SentParcel
from backbone.ports.store import Store
from tests.contracts.store.test_channels import stored
from tests.contracts.store.things import SYNCHRONIZATION, UID

EPOCH = Epoch("present")
FORMER = Epoch("former")
ANOTHER = PairUid("another")


def _sent(number: int, epoch: Epoch = EPOCH, sealed: int = 5) -> SentParcel:
    return SentParcel(
        synchronization=SYNCHRONIZATION,
        epoch=epoch,
        number=number,
        digest=Digest(f"digest {number}"),
        head=Digest(f"head {number}"),
        sealed=Millis(sealed),
        plaintext=bytes([0, 255, number]) * number,
    )


def _received(number: int, epoch: Epoch = EPOCH, *, held: bool = False, received: int = 5) -> ReceivedParcel:
    return ReceivedParcel(
        synchronization=SYNCHRONIZATION,
        epoch=epoch,
        number=number,
        digest=Digest(f"digest {number}"),
        received=Millis(received),
        plaintext=b"\x00\xff" * number,
        held=held,
    )


def _refused(name: str, size: int = 3, received: int = 5, cause: str = "unsigned") -> RefusedParcel:
    return RefusedParcel(
        synchronization=SYNCHRONIZATION,
        digest=Digest(name),
        received=Millis(received),
        cause=cause,
        raw=b"\x00" * size,
        retry=cause != "unsigned",
    )


async def _put(store: Store, one: SentParcel) -> None:
    async with store.unit() as unit:
        await unit.sent.put(one)
        await unit.commit()


# --- sent -------------------------------------------------------------------------------------------------------------


async def test_parcels_after_a_number_come_in_order(store: Store) -> None:
    async with store.unit() as unit:
        for one in (_sent(10), _sent(2), _sent(1), _sent(3, FORMER)):
            await unit.sent.put(one)
        await unit.commit()

    async with store.unit() as unit:
        assert [one async for one in unit.sent.after(SYNCHRONIZATION, EPOCH, 1)] == [_sent(2), _sent(10)]
        assert await unit.sent.numbered(SYNCHRONIZATION, EPOCH, 10) == _sent(10)
        assert await unit.sent.numbered(SYNCHRONIZATION, FORMER, 10) is None
        assert await unit.sent.count(SYNCHRONIZATION, EPOCH, 1) == (2, 36)
        assert await unit.sent.count(SYNCHRONIZATION, EPOCH, 10) == (0, 0)


async def test_a_number_has_one_content(store: Store) -> None:
    await _put(store, _sent(1))

    with pytest.raises(Exception, match=r"there already|sent_parcel_pkey"):
        await _put(store, replace(_sent(1), plaintext=b"something else"))

    async with store.unit() as unit:
        assert await unit.sent.numbered(SYNCHRONIZATION, EPOCH, 1) == _sent(1)


async def test_handing_over_is_counted_and_dated(store: Store) -> None:
    async with store.unit() as unit:
        for one in (_sent(1), _sent(2)):
            await unit.sent.put(one)
        await unit.sent.handed_over(SYNCHRONIZATION, EPOCH, [2, 3], Millis(8))
        await unit.sent.handed_over(SYNCHRONIZATION, EPOCH, [2], Millis(9))

        found = [one async for one in unit.sent.after(SYNCHRONIZATION, EPOCH, 0)]

    assert found == [_sent(1), replace(_sent(2), sent=Millis(9), attempts=2)]


async def test_the_last_parcel_of_a_pair_is_known(store: Store) -> None:
    async with store.unit() as unit:
        await unit.sent.occurs(SYNCHRONIZATION, EPOCH, 4, [UID, ANOTHER, UID])
        await unit.sent.occurs(SYNCHRONIZATION, EPOCH, 7, [UID])
        await unit.sent.occurs(SYNCHRONIZATION, EPOCH, 6, [UID])
        await unit.sent.occurs(SYNCHRONIZATION, FORMER, 9, [PairUid("old")])

        found = await unit.sent.last_of(SYNCHRONIZATION, EPOCH, [UID, ANOTHER, PairUid("old")])

    assert found == {UID: 7, ANOTHER: 4}


async def test_contents_go_once_they_are_acknowledged_or_of_a_former_epoch(store: Store) -> None:
    async with store.unit() as unit:
        await unit.channels.save(stored(outgoing=Outgoing(epoch=EPOCH, last=4, acknowledged=2)))
        for one in (_sent(1), _sent(2, sealed=50), _sent(3), _sent(9, FORMER)):
            await unit.sent.put(one)
        await unit.sent.forget(SYNCHRONIZATION, Millis(50))
        await unit.commit()

    async with store.unit() as unit:
        found = [one async for one in unit.sent.after(SYNCHRONIZATION, EPOCH, 0)]
        assert found == [replace(_sent(1), plaintext=b""), _sent(2, sealed=50), _sent(3)]
        assert await unit.sent.numbered(SYNCHRONIZATION, FORMER, 9) == replace(_sent(9, FORMER), plaintext=b"")
        assert await unit.sent.count(SYNCHRONIZATION, EPOCH, 0) == (3, 18)


# --- received ---------------------------------------------------------------------------------------------------------


async def test_parcels_are_held_until_they_are_released(store: Store) -> None:
    async with store.unit() as unit:
        for one in (_received(1), _received(5, held=True), _received(4, held=True), _received(3, FORMER)):
            await unit.received.put(one)
        await unit.commit()

    async with store.unit() as unit:
        held = [_received(4, held=True), _received(5, held=True)]
        assert list(await unit.received.held(SYNCHRONIZATION)) == held
        assert await unit.received.have(SYNCHRONIZATION, EPOCH, [1, 2, 3, 4]) == {1}
        await unit.received.release(SYNCHRONIZATION, EPOCH, [4])
        assert await unit.received.have(SYNCHRONIZATION, EPOCH, [1, 2, 3, 4]) == {1, 4}
        after = list(await unit.received.after(SYNCHRONIZATION, EPOCH, 1))
        assert after == [replace(_received(4), plaintext=b""), replace(_received(5, held=True), plaintext=b"")]


async def test_digests_are_known_of_what_is_held_too(store: Store) -> None:
    async with store.unit() as unit:
        await unit.received.put(_received(2, held=True))

        assert await unit.received.digest_of(SYNCHRONIZATION, EPOCH, 2) == "digest 2"
        assert await unit.received.digest_of(SYNCHRONIZATION, FORMER, 2) is None


async def test_contents_of_what_was_used_go_and_digests_stay(store: Store) -> None:
    async with store.unit() as unit:
        for one in (_received(1), _received(2, held=True), _received(3, received=50)):
            await unit.received.put(one)
        await unit.received.forget(SYNCHRONIZATION, Millis(50))
        await unit.received.release(SYNCHRONIZATION, EPOCH, [1, 2])

        assert await unit.received.digest_of(SYNCHRONIZATION, EPOCH, 1) == "digest 1"
        assert await unit.received.have(SYNCHRONIZATION, EPOCH, [1, 2, 3]) == {1, 2, 3}


async def test_contents_of_what_is_held_stay(store: Store) -> None:
    async with store.unit() as unit:
        await unit.received.put(_received(2, held=True))
        await unit.received.forget(SYNCHRONIZATION, Millis(50))

        assert list(await unit.received.held(SYNCHRONIZATION)) == [_received(2, held=True)]


# --- refused ----------------------------------------------------------------------------------------------------------


async def test_the_oldest_of_what_was_refused_goes_where_there_are_too_many(store: Store) -> None:
    async with store.unit() as unit:
        for name in ("b", "a", "c"):
            await unit.received.refuse(_refused(name), most=2, octets=100)

        assert list(await unit.received.refused(SYNCHRONIZATION)) == [_refused("a"), _refused("c")]


async def test_the_oldest_of_what_was_refused_goes_where_it_is_too_much(store: Store) -> None:
    async with store.unit() as unit:
        for name, size in (("a", 5), ("b", 4), ("c", 4)):
            await unit.received.refuse(_refused(name, size), most=9, octets=8)

        assert list(await unit.received.refused(SYNCHRONIZATION)) == [_refused("b", 4), _refused("c", 4)]


async def test_what_is_refused_again_keeps_its_first_time(store: Store) -> None:
    async with store.unit() as unit:
        await unit.received.refuse(_refused("a", received=5), most=9, octets=99)
        await unit.received.refuse(_refused("b"), most=9, octets=99)
        await unit.received.refuse(_refused("a", received=7, cause="too early"), most=9, octets=99)

        found = list(await unit.received.refused(SYNCHRONIZATION))
        assert found == [_refused("a", received=5, cause="too early"), _refused("b")]
        await unit.received.drop_refused(SYNCHRONIZATION, [Digest("a"), Digest("z")])
        assert list(await unit.received.refused(SYNCHRONIZATION)) == [_refused("b")]
