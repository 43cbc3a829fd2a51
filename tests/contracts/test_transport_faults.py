"""The wire in memory does to parcels what a test wants, so that tests over it prove something."""

from __future__ import annotations

import pytest

from backbone.core.model.keys import Role
from backbone.ports.transport import (
    Notice,
    NoticeKind,
    NotOurPlace,
    ReceivingDirectory,
    SendingDirectory,
    TooLargeToSend,
    TransportError,
)
from tests.fakes.transport import Fault, Network, Wire

BEFALLEN = [
    (Fault.NONE, [b"one", b"two"]),
    (Fault.LOSE, [b"two"]),
    (Fault.REPEAT, [b"one", b"one", b"two"]),
    (Fault.DELAY, [b"two"]),
    (Fault.TRUNCATE, [b"o", b"two"]),
]


@pytest.mark.parametrize(("fault", "expected"), BEFALLEN)
async def test_a_fault_befalls_the_next_parcel_alone(fault: Fault, expected: list[bytes]) -> None:
    wire = Wire()
    wire.to_second.befall(fault)
    for parcel in (b"one", b"two"):
        await wire.sender(Role.FIRST).send(parcel)

    assert list(wire.to_second.waiting) == expected
    assert (wire.to_first.waiting, wire.to_second.sent) == ((), [b"one", b"two"])


async def test_what_is_delayed_comes_when_it_is_released() -> None:
    wire = Wire()
    wire.to_second.befall(Fault.DELAY)
    for parcel in (b"one", b"two"):
        await wire.sender(Role.FIRST).send(parcel)
    wire.to_second.release()

    assert wire.to_second.waiting == (b"two", b"one")


async def test_what_overtakes_comes_first() -> None:
    wire = Wire()
    wire.to_second.befall(Fault.NONE, Fault.OVERTAKE)
    for parcel in (b"one", b"two"):
        await wire.sender(Role.FIRST).send(parcel)

    assert wire.to_second.waiting == (b"two", b"one")


async def test_one_bit_is_flipped_and_always_the_same() -> None:
    flipped: list[bytes] = []
    for wire in (Wire(), Wire()):
        wire.to_first.befall(Fault.FLIP)
        await wire.sender(Role.SECOND).send(b"parcel")
        flipped += wire.to_first.waiting

    assert flipped[0] == flipped[1]
    difference = int.from_bytes(flipped[0]) ^ int.from_bytes(b"parcel")
    assert difference.bit_count() == 1


async def test_a_sender_in_doubt_is_told_of_an_error_though_the_parcel_arrives() -> None:
    wire = Wire()
    wire.to_second.befall(Fault.DOUBT)

    with pytest.raises(TransportError, match="reset"):
        await wire.sender(Role.FIRST).send(b"one")
    assert wire.to_second.waiting == (b"one",)


async def test_nothing_works_while_it_is_down_and_nothing_is_lost() -> None:
    wire = Wire()
    await wire.sender(Role.FIRST).send(b"one")
    wire.to_second.down = "421 try again later"

    for call in (
        wire.sender(Role.FIRST).send(b"two"),
        wire.sender(Role.FIRST).check(),
        wire.receiver(Role.SECOND).receive("", parcels=1, octets=1),
        wire.receiver(Role.SECOND).check(),
        wire.receiver(Role.SECOND).confirm(("p1",)),
    ):
        with pytest.raises(TransportError, match="421"):
            await call
    assert wire.to_second.waiting == (b"one",)


async def test_a_parcel_above_the_limit_is_refused() -> None:
    wire = Wire()
    wire.to_second.limit = 3
    await wire.sender(Role.FIRST).send(b"one")

    with pytest.raises(TooLargeToSend, match="552"):
        await wire.sender(Role.FIRST).send(b"three")
    assert wire.to_second.waiting == (b"one",)


async def test_what_cannot_be_removed_is_remembered() -> None:
    wire = Wire()
    receiver = wire.receiver(Role.SECOND)
    wire.to_second.keeps = True
    wire.to_second.notices.append(Notice(kind=NoticeKind.BOUNCE))
    await wire.sender(Role.FIRST).send(b"one")
    first = await receiver.receive("", parcels=9, octets=9)
    with pytest.raises(TransportError, match="removed"):
        await receiver.confirm(tuple(arrival.handle for arrival in first.arrivals))
    second = await receiver.receive(first.memory, parcels=9, octets=9)

    assert (len(first.arrivals), len(first.notices)) == (1, 1)
    assert (second.arrivals, second.notices, second.memory) == ((), (), first.memory)


async def test_what_waits_is_found_in_the_order_that_the_test_wants() -> None:
    wire = Wire()
    for parcel in (b"a", b"b", b"c"):
        await wire.sender(Role.FIRST).send(parcel)
    wire.to_second.shuffle([2, 0, 2, 9])

    assert wire.to_second.waiting == (b"c", b"a", b"b")


async def test_a_network_connects_those_who_name_one_place() -> None:
    network = Network()
    sending = SendingDirectory(path="/there", channel="c", role=Role.FIRST)
    receiving = ReceivingDirectory(path="/there", channel="c", role=Role.SECOND)
    await network.prepare(sending)
    await network.sender(sending).send(b"one")
    batch = await network.receiver(receiving).receive("", parcels=9, octets=9)
    network.mailbox("/there").ours = False

    assert [arrival.parcel for arrival in batch.arrivals] == [b"one"]
    with pytest.raises(NotOurPlace):
        await network.sender(sending).check()
    await network.adopt(sending)
    await network.sender(sending).check()
