"""What every transport promises: that a parcel gets there in the end, and that nothing is removed before it is stored.

A world of a transport is added to ``WORLDS`` below; every test then runs over it, too.
"""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from backbone.adapters.transports.made import MadeTransports
from backbone.core.model.keys import Role
from backbone.ports.transport import Batch, MailProtocol, Receiver, ReceivingDirectory, Sender, SendingDirectory
from tests.fakes.transport import Wire
from tests.parts.mail_servers import Delivered, MailServers


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One direction of a transport, ready for use; ``afresh`` is a receiver as another process would make it."""

    sender: Sender
    receiver: Receiver
    afresh: Callable[[], Receiver]


@asynccontextmanager
async def over_memory(_: Path) -> AsyncIterator[Way]:
    wire = Wire()
    yield Way(
        sender=wire.sender(Role.FIRST),
        receiver=wire.receiver(Role.SECOND),
        afresh=lambda: wire.receiver(Role.SECOND),
    )


@asynccontextmanager
async def over_one_directory(folder: Path) -> AsyncIterator[Way]:
    """A share into which one half sends and from which the other receives."""
    transports = MadeTransports(sleep=no_sleep)
    sending = SendingDirectory(path=f"{folder}/share", channel="c", role=Role.FIRST)
    receiving = ReceivingDirectory(path=f"{folder}/share", channel="c", role=Role.SECOND)
    await transports.prepare(sending)
    await transports.prepare(receiving)
    yield Way(
        sender=transports.sender(sending),
        receiver=transports.receiver(receiving),
        afresh=lambda: transports.receiver(receiving),
    )


@asynccontextmanager
async def by_mail(servers: MailServers, protocol: MailProtocol) -> AsyncIterator[Way]:
    """A mailbox on a real server; what was sent is in it when sending ends, as no mail server promises otherwise."""
    transports = MadeTransports(sleep=no_sleep)
    user = servers.user()
    receiving = servers.receiving(user, protocol, "c")
    made: list[Receiver] = []

    def receiver() -> Receiver:
        made.append(transports.receiver(receiving))
        return made[-1]

    yield Way(
        sender=Delivered(transports.sender(servers.sending(servers.a, user, "c")), user),
        receiver=receiver(),
        afresh=receiver,
    )
    for one in made:
        await one.close()


async def no_sleep(_: float) -> None:
    """A pause that takes no time."""


World = Callable[[Path], AbstractAsyncContextManager[Way]]
WORLDS: dict[str, World] = {"memory": over_memory, "directory": over_one_directory}
MAILBOXES = [protocol.value for protocol in MailProtocol]


@pytest.fixture(params=[*WORLDS, *MAILBOXES])
async def way(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Way]:
    world = WORLDS.get(request.param)
    if world is not None:
        way = world(tmp_path)
    else:
        way = by_mail(request.getfixturevalue("mail_servers"), MailProtocol(request.param))
    async with way as made:
        yield made
        await made.sender.close()
        await made.receiver.close()


def armored(content: str) -> bytes:
    """Bytes that look like what is sent, with lines of 64 characters."""
    lines = "\n".join(textwrap.wrap(content, 64))
    return f"-----BEGIN PGP MESSAGE-----\n\n{lines}\n-----END PGP MESSAGE-----\n".encode()


ONE, TWO, THREE = armored("b25l"), armored("dHdv"), armored("dGhyZWU=")


async def look(receiver: Receiver, memory: str = "", *, parcels: int = 100, octets: int = 1_000_000) -> Batch:
    return await receiver.receive(memory, parcels=parcels, octets=octets)


def parcels_of(batch: Batch) -> list[bytes]:
    return [arrival.parcel for arrival in batch.arrivals]


def handles_of(batch: Batch) -> tuple[str, ...]:
    return tuple(arrival.handle for arrival in batch.arrivals)


async def test_nothing_is_there_before_something_was_sent(way: Way) -> None:
    batch = await look(way.receiver)

    assert (batch.arrivals, batch.more) == ((), False)


async def test_what_was_sent_arrives_unchanged_and_oldest_first(way: Way) -> None:
    for parcel in (ONE, TWO, THREE):
        await way.sender.send(parcel)

    assert parcels_of(await look(way.receiver)) == [ONE, TWO, THREE]


async def test_what_was_not_stored_comes_again(way: Way) -> None:
    await way.sender.send(ONE)
    await look(way.receiver)

    assert parcels_of(await look(way.afresh())) == [ONE]


async def test_what_is_remembered_does_not_come_again(way: Way) -> None:
    await way.sender.send(ONE)
    first = await look(way.receiver)
    await way.sender.send(TWO)

    assert parcels_of(await look(way.afresh(), first.memory)) == [TWO]


async def test_what_was_confirmed_does_not_come_again(way: Way) -> None:
    await way.sender.send(ONE)
    first = await look(way.receiver)
    await way.receiver.confirm(handles_of(first))
    await way.sender.send(TWO)

    assert parcels_of(await look(way.receiver, first.memory)) == [TWO]


async def test_confirming_twice_is_no_error(way: Way) -> None:
    await way.sender.send(ONE)
    first = await look(way.receiver)
    await way.receiver.confirm(handles_of(first))
    await way.receiver.confirm(handles_of(first))

    assert parcels_of(await look(way.receiver, first.memory)) == []


async def test_confirming_one_leaves_the_others(way: Way) -> None:
    for parcel in (ONE, TWO):
        await way.sender.send(parcel)
    before = await look(way.receiver)
    await way.receiver.confirm(handles_of(before)[:1])

    assert parcels_of(await look(way.afresh())) == [TWO]


async def test_no_more_parcels_come_than_were_asked_for_and_the_rest_is_announced(way: Way) -> None:
    for parcel in (ONE, TWO, THREE):
        await way.sender.send(parcel)

    first = await look(way.receiver, parcels=2)
    await way.receiver.confirm(handles_of(first))
    second = await look(way.receiver, first.memory, parcels=2)

    assert (parcels_of(first), first.more) == ([ONE, TWO], True)
    assert (parcels_of(second), second.more) == ([THREE], False)


async def test_not_many_more_bytes_come_than_were_asked_for(way: Way) -> None:
    for parcel in (ONE, TWO, THREE):
        await way.sender.send(parcel)

    batch = await look(way.receiver, octets=len(ONE) + 1)

    assert (parcels_of(batch), batch.more) == ([ONE], True)


async def test_a_parcel_larger_than_what_was_asked_for_comes_alone(way: Way) -> None:
    await way.sender.send(ONE)

    assert parcels_of(await look(way.receiver, octets=1)) == [ONE]


async def test_waiting_ends_when_something_waits_already(way: Way) -> None:
    await look(way.receiver)
    await way.sender.send(ONE)
    await way.receiver.wait(3600)

    assert parcels_of(await look(way.receiver)) == [ONE]


async def test_a_check_of_both_ends_takes_and_leaves_nothing(way: Way) -> None:
    await way.sender.send(ONE)
    await way.sender.check()
    await way.receiver.check()

    assert parcels_of(await look(way.receiver)) == [ONE]


async def test_a_memory_that_cannot_be_read_is_no_memory(way: Way) -> None:
    await way.sender.send(ONE)

    assert parcels_of(await look(way.receiver, '{"what": [')) == [ONE]


async def test_a_large_parcel_gets_there(way: Way) -> None:
    large = armored("QUJD" * 250_000)
    await way.sender.send(large)

    assert parcels_of(await look(way.receiver, octets=10_000_000)) == [large]
